import Foundation
import Glibc
import SocketTestSupport
import Testing

@testable import xylem

/// `xylem inspect` proves from captures what a fleet did.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: Capturing.isPossible, "needs root"))
struct InspectedFleetTests {
    @Test func `a fleet that did what was planned is proven from one capture`() async throws {
        let lab = try FleetLab()
        let file = lab.directory + "/lo.pcap"
        let capture = try await Capturing.start("tcp", to: file)
        let fleet = try lab.up(FleetLab.quickstart, "--demo", "--for", "1s", "--rate", "500")
        // The plan with the ports of this fleet goes when the fleet goes.
        let plan = lab.directory + "/plan.json"
        let stateFile = lab.stateFile
        try await eventually("the fleet's plan", .seconds(60)) {
            guard let state = try stateFile.read() else { return false }
            return (try? FileManager.default.copyItem(atPath: state.planFile, toPath: plan)) != nil
        }
        #expect(try await fleet.end() == .exited(code: 0), "\(fleet.diagnostics)")
        let report = try await fleet.demoReport()
        #expect(report.isComplete)
        try await Capturing.stop(capture)

        let inspect = try RunningCommand(["inspect", file, "--plan", plan])
        let end = try await inspect.end()
        let text = inspect.output.prefix(40).joined(separator: "\n")
        #expect(end == .exited(code: 0), "\(text)\n\(inspect.diagnostics)")
        #expect(text.hasPrefix("VERDICT: AS PLANNED"))
        // The demo probes until every node has heard it; probes count as well.
        let reached = text.split(separator: "\n").dropFirst().first?.split(separator: " ").first
        let sent = report.nodes.first?.sent ?? .max
        #expect(try #require(reached.flatMap { Int($0) }) >= sent, "\(text)")
    }

    @Test func `a capture that begins while the fleet runs accuses nobody`() async throws {
        let lab = try FleetLab()
        let (fleet, state) = try await lab.fleet(FleetLab.quickstart)
        let plan = lab.directory + "/plan.json"
        try FileManager.default.copyItem(atPath: state.planFile, toPath: plan)
        let subscriber = try RunningCommand([
            "subscribe", "leaf-1", "--state", lab.stateFile.path, "--topic", "w", "--count", "200",
        ])
        let file = lab.directory + "/lo.pcap"
        let ports = Set(
            state.nodes.flatMap { [$0.publishers, $0.subscribers] }
                .compactMap { $0.split(separator: ":").last }
        ).sorted()
        let capture = try await Capturing.start(
            ports.map { "tcp port \($0)" }.joined(separator: " or "),
            to: file
        )
        let publisher = try RunningCommand([
            "publish", "leaf-4", "--state", lab.stateFile.path, "--topic", "w", "--rate", "200",
            "--count", "200", "--wait-for", "1",
        ])
        #expect(try await publisher.end() == .exited(code: 0), "\(publisher.diagnostics)")
        #expect(try await subscriber.end() == .exited(code: 0), "\(subscriber.diagnostics)")
        try await Capturing.stop(capture)
        fleet.send(SIGTERM)
        #expect(try await fleet.end() == .exited(code: 0), "\(fleet.diagnostics)")

        let inspect = try RunningCommand(["inspect", file, "--plan", plan])
        let end = try await inspect.end()
        let text = inspect.output.prefix(60).joined(separator: "\n")
        // On loopback nobody can tell which connection is whose; that all of them carried everything can be told.
        #expect(end == .exited(code: 2), "\(text)\n\(inspect.diagnostics)")
        #expect(text.hasPrefix("VERDICT: CANNOT TELL"), "\(text)")
        #expect(text.contains("before the capture began"), "\(text)")
        #expect(!text.contains("never reached"), "\(text)")
    }

    @Test func `a message that a forwarder drops is missed`() async throws {
        let lab = try FleetLab()
        let forwarder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Peers/dropping_forwarder.py").path
        let reservation = PortReservation()
        let ports = [try reservation.next(), try reservation.next()]
        let files = ports.map { "\(lab.directory)/\($0).pcap" }
        let captures = [
            try await Capturing.start("tcp port \(ports[0])", to: files[0]),
            try await Capturing.start("tcp port \(ports[1])", to: files[1]),
        ]
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/python3")
        python.arguments = [forwarder] + ports.map { String($0) }
        try python.run()
        try await eventually("the end of the forwarder", .seconds(60)) { !python.isRunning }
        #expect(python.terminationStatus == 0)
        withExtendedLifetime(reservation) {}
        for capture in captures { try await Capturing.stop(capture) }

        let inspect = try RunningCommand(
            ["inspect", "--at", "root=\(files[0])", "--at", "leaf=\(files[1])"]
        )
        let end = try await inspect.end()
        let text = inspect.output.prefix(40).joined(separator: "\n")
        #expect(end == .exited(code: 1), "\(text)\n\(inspect.diagnostics)")
        #expect(
            text.contains("1 of 300 messages never reached leaf; first missing at root → leaf"),
            "\(text)"
        )
    }
}

/// Captures of the loopback interface by the command itself.
private enum Capturing {
    static let isPossible: Bool = {
        if geteuid() == 0 { return true }
        print("SKIPPED: captures of loopback need root")
        return false
    }()

    static func start(_ filter: String, to file: String) async throws -> RunningCommand {
        let command = try RunningCommand(
            ["inspect", "--interface", "lo", "--capture-filter", filter, "--write", file]
        )
        // It listens before it makes the file.
        try await eventually("a capture", .seconds(60)) {
            FileManager.default.fileExists(atPath: file)
        }
        return command
    }

    static func stop(_ command: RunningCommand) async throws {
        // What is on its way to the capture may arrive.
        try await Task.sleep(for: .milliseconds(700))
        command.send(SIGINT)
        #expect(try await command.end() == .exited(code: 0), "\(command.diagnostics)")
    }
}
