import Foundation
import Glibc
import RouterNode
import SocketTestSupport
import Testing

@testable import xylem

/// Fleets with multicast segments, in network namespaces that `tools/lab` makes.
@Suite(.serialized, .needsLab, .timeLimit(.minutes(5))) struct IslandTests {
    @Test
    func `two islands behind a tree lose nothing at 2 % loss, and no NAK leaves its segment`()
        async throws
    {
        let lab = try IslandLab()
        let (command, state) = try await lab.start(
            "topologies/islands.yaml",
            ["--loss-segments", "2%"]
        )
        // Some seconds, in which each segment loses hundreds of packets.
        try await lab.expectDelivery(of: 32_000, rate: 8_000, at: "desk-11", in: state)

        let counters = try await lab.counters()
        let segments = counters.filter { $0.kind == "segment" }
        #expect(segments.count == 8)
        #expect(segments.allSatisfy { $0.lost > 0 && $0.udp > 0 }, "\(segments)")
        let links = counters.filter { $0.kind == "link" }
        #expect(links.count == 16)
        for link in links {
            #expect(link.packets > 0)
            #expect(link.udp == 0 && link.pgm == 0, "multicast on a link: \(link)")
        }
        let islands = try await lab.status().nodes.flatMap { $0.status?.islands ?? [] }
        #expect(islands.count { $0.role == "head" && $0.repairPackets > 0 && $0.naks > 0 } == 2)
        #expect(islands.count { $0.role == "member" && $0.repairPackets > 0 && $0.naks > 0 } == 6)
        #expect(islands.allSatisfy { $0.lostPackets == 0 && $0.losses == 0 }, "\(islands)")
        try await lab.stop(command)
    }

    @Test func `a head that is killed comes back, and its island hears the new one`() async throws {
        let lab = try IslandLab()
        let (command, state) = try await lab.start("topologies/islands.yaml")
        try await lab.expectDelivery(of: 500, rate: 1_000, at: "desk-21", in: state)
        let session = try await lab.islands(at: "desk-11").first?.sources.first?.session
        let victim = try #require(state.nodes.first { $0.id == "floor-1" }?.pid)
        kill(pid_t(victim), SIGKILL)
        for desk in ["desk-11", "desk-12", "desk-13"] {
            try await eventually("a new session at \(desk)", .seconds(60)) {
                let island = try await lab.islands(at: desk).first
                return island?.state == "receiving" && island?.sources.count == 1
                    && island?.sources.first?.session != session
            }
        }
        try await eventually("a whole tree", .seconds(60)) {
            try await lab.status().summary.connected == 9
        }
        try await lab.expectDelivery(of: 500, rate: 1_000, at: "desk-11", in: state)
        try await lab.stop(command)
    }

    @Test func `a member that multicast does not reach takes its feed over TCP`() async throws {
        let lab = try IslandLab()
        let (command, state) = try await lab.start(
            "topologies/islands.yaml",
            ["--loss-at", "first-floor:desk-11=99.9999%"]
        )
        try await eventually("the change to TCP", .seconds(60)) {
            try await lab.islands(at: "desk-11").first?.state == "tcp"
        }
        try await eventually("a whole tree", .seconds(60)) {
            try await lab.status().summary.connected == 9
        }
        try await lab.expectDelivery(of: 500, rate: 1_000, at: "desk-21", in: state)
        #expect(try await lab.islands(at: "desk-12").first?.state == "receiving")
        #expect(try await lab.islands(at: "desk-11").first?.messages == 0)
        try await lab.stop(command)
    }

    @Test(arguments: ["epgm", "pgm"]) func `libzmq feeds a tree by multicast, and hears an island`(
        transport: String
    ) async throws {
        let lab = try IslandLab()
        let (command, _) = try await lab.start("Tests/EndToEndTests/Peers/\(transport)_feed.yaml")
        // At `guest`, a libzmq PUB publishes to the feed's group and a libzmq SUB hears the island's.
        let script = FleetLab.root.appending(path: "Tests/EndToEndTests/Peers/group_echo.py").path
        let echo = try lab.exec(at: "guest", ["/usr/bin/python3", script, transport, "2000"])
        #expect(try await echo.end() == .exited(code: 0), "\(echo.output) \(echo.diagnostics)")
        let feed = try await lab.islands(at: "head").first { $0.role == "publisher" }
        #expect(feed.map { $0.messages >= 2_000 } == true, "\(String(describing: feed))")
        try await lab.stop(command)
    }

    @Test func `nothing is left of a lab that was killed, once it is cleaned`() async throws {
        let lab = try IslandLab()
        let (command, state) = try await lab.start("topologies/islands.yaml")
        command.send(SIGKILL)
        try await eventually("the end of its fleet", .seconds(60)) {
            !state.processes.contains(where: FleetLab.isRunning)
        }
        #expect(try await lab.namespaces(of: command.pid).count == 12)
        try await lab.tool(["clean"])
        #expect(try await lab.namespaces(of: command.pid).isEmpty)
    }
}
