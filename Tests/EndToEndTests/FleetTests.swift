import Foundation
import Glibc
import SocketTestSupport
import Testing
import ZeroMQ

@testable import xylem

/// `xylem up`: whole fleets of real processes.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FleetTests {
    @Test func `every node hears every message of the demo`() async throws {
        let lab = try FleetLab()
        let command = try lab.up(FleetLab.quickstart, "--demo", "--for", "1s", "--rate", "500")
        let end = try await command.end()
        #expect(end == .exited(code: 0), "\(command.diagnostics)")
        let report = try await command.demoReport()
        #expect(report.publisher == "leaf-1")
        #expect(report.nodes.count == 7)
        #expect(report.nodes.allSatisfy { $0.received == 500 && $0.isComplete })
        #expect(report.isComplete)
        #expect(try lab.stateFile.read() == nil, "the state file is left behind")
    }

    @Test func `islands deliver on one machine, too`() async throws {
        let lab = try FleetLab()
        let islands = FleetLab.root.appending(path: "topologies/islands.yaml").path
        let command = try lab.up(islands, "--demo", "--for", "1s", "--rate", "1000")
        #expect(try await command.end() == .exited(code: 0), "\(command.diagnostics)")
        let report = try await command.demoReport()
        #expect(report.nodes.count == 9)
        #expect(report.isComplete)
    }

    @Test func `traffic resumes after the end of a relay in the middle`() async throws {
        let lab = try FleetLab()
        let (command, state) = try await lab.fleet(FleetLab.quickstart)
        let publisher = Publisher()
        try await publisher.connect(try state.node(named: "leaf-1").publishers)
        let subscriber = Subscriber()
        try await subscriber.connect(try state.node(named: "leaf-2").subscribers)
        try await subscriber.subscribe(to: "")
        try await expectTraffic("before", from: publisher, to: subscriber)

        let victim = try state.process(of: "branch-1")
        kill(pid_t(victim), SIGKILL)
        let file = lab.stateFile
        try await eventually("a new branch-1", .seconds(60)) {
            let pid = try file.read()?.node(named: "branch-1").pid
            return pid != nil && pid != victim
        }
        try await expectTraffic("after", from: publisher, to: subscriber)

        let after = try #require(try file.read())
        #expect(after.nodes.filter { $0.pid != nil }.count == 7)
        #expect(try after.process(of: "trunk") == state.process(of: "trunk"))
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    @Test func `nothing is left of a fleet whose supervisor is killed`() async throws {
        let lab = try FleetLab()
        let (command, state) = try await lab.fleet(FleetLab.quickstart)
        #expect(state.processes.count == 7)
        #expect(state.processes.allSatisfy(FleetLab.isRunning))
        command.send(SIGKILL)
        #expect(try await command.end() == .killed(signal: SIGKILL))
        try await eventually("the end of all nodes", .seconds(60)) {
            !state.processes.contains(where: FleetLab.isRunning)
        }
        let status = try RunningCommand(["status", "--state", lab.stateFile.path])
        #expect(try await status.end() == .exited(code: 1))
        #expect(status.diagnostics.contains("has ended"))

        // What it left behind does not hinder the next.
        let (next, _) = try await lab.fleet(FleetLab.quickstart)
        next.send(SIGTERM)
        #expect(try await next.end() == .exited(code: 0))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal stops everything in order`(signal: Int32) async throws {
        let lab = try FleetLab()
        let (command, state) = try await lab.fleet(FleetLab.quickstart)
        command.send(signal)
        #expect(try await command.end() == .exited(code: 0))
        #expect(!state.processes.contains(where: FleetLab.isRunning))
        #expect(try lab.stateFile.read() == nil)
        #expect(!lab.stateFile.isSupervised)
    }

    @Test func `a fleet runs once`() async throws {
        let lab = try FleetLab()
        let (first, _) = try await lab.fleet(FleetLab.quickstart)
        let second = try lab.up(FleetLab.quickstart)
        #expect(try await second.end() == .exited(code: 2))
        #expect(second.diagnostics.contains("running already, under process \(first.pid)"))
        #expect(lab.stateFile.isSupervised)
        first.send(SIGTERM)
        #expect(try await first.end() == .exited(code: 0))
    }

    @Test func `a node that cannot start is given up with its last words`() async throws {
        let lab = try FleetLab()
        let occupier = Publisher()
        let taken = try await occupier.bind("tcp://127.0.0.1:*")
        let file = try lab.topology(
            """
            nodes:
              here:
              hindered: {publishers: "\(taken)"}
            links: [[here, hindered, 1ms]]
            """
        )
        let command = try lab.up(file, "--for", "120s")
        let line = try await command.firstLine("news of the node") { data in
            let line = try? JSONDecoder().decode(EventLine.self, from: data)
            return line?.event == "gave-up" ? line : nil
        }
        #expect(line.node == "hindered")
        #expect(line.log?.joined().contains("\(taken)") == true)
        #expect(line.message?.contains("the next try is in 30 s") == true)
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 1))
    }

    @Test func `a fleet of which nothing runs is a failure`() async throws {
        let lab = try FleetLab()
        let occupier = Publisher()
        let taken = try await occupier.bind("tcp://127.0.0.1:*")
        let file = try lab.topology("nodes:\n  only: {publishers: \"\(taken)\"}\n")
        let command = try RunningCommand(["up", file, "--state", lab.stateFile.path])
        #expect(try await command.end() == .exited(code: 1))
        #expect(command.diagnostics.contains("no node could be started"))
        #expect(!command.output.contains { $0.contains("1 of 1 node") })
        #expect(try lab.stateFile.read() == nil)
    }

    @Test func `addresses of other machines are refused before anything starts`() async throws {
        let lab = try FleetLab()
        // 198.51.100.0/24 is for documentation (RFC 5737): no machine has such an address.
        let file = try lab.topology(
            """
            nodes:
              here: {publishers: "tcp://127.0.0.1:17001", subscribers: "tcp://127.0.0.1:17002"}
              there: {publishers: "tcp://198.51.100.1:6001", subscribers: "tcp://198.51.100.1:6002", control: "198.51.100.1:6003"}
            links: [[here, there, 1ms]]
            """
        )
        let command = try RunningCommand(["up", file, "--state", lab.stateFile.path])
        #expect(try await command.end() == .exited(code: 2))
        #expect(command.output.isEmpty)
        for part in [
            "1 of 2 nodes cannot run on this machine", "there: 198.51.100.1\n",
            "127.0.0.1 (lo)", "--name there", "--only here", "--local",
        ] {
            #expect(command.diagnostics.contains(part), "\(part): \(command.diagnostics)")
        }

        let local = try lab.up(file, "--local", "--demo", "--for", "1s", "--rate", "100")
        #expect(try await local.end() == .exited(code: 0), "\(local.diagnostics)")
    }

    /// Publishes until a message arrives: what is under test has no other sign of being ready.
    private func expectTraffic(
        _ text: String,
        from publisher: Publisher,
        to subscriber: Subscriber
    ) async throws {
        let message = Message(text)
        try await eventually("traffic \(text)", .seconds(60)) {
            publisher.send(message)
            try await Task.sleep(for: .milliseconds(20))
            while let received = subscriber.tryReceive() {
                if received == message { return true }
            }
            return false
        }
    }

    private struct EventLine: Decodable, Sendable {
        var event: String
        var node: String?
        var message: String?
        var log: [String]?
    }
}
