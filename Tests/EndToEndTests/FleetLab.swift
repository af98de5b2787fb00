import Foundation
import Glibc
import SocketTestSupport

@testable import xylem

/// A folder of one test, in which it runs fleets that nobody else sees; taken away with the last of them.
final class FleetLab: Sendable {
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "xylem-test-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    var stateFile: FleetStateFile { FleetStateFile(path: directory + "/state.json") }

    /// Runs `xylem up`, which ends by itself should the test leave it behind.
    func up(_ topology: String, _ options: String...) throws -> RunningCommand {
        try RunningCommand(
            ["up", topology, "--state", stateFile.path, "--format", "json"] + options
        )
    }

    /// Runs a fleet and waits until all of it is up, and every node has its parents.
    func fleet(_ topology: String) async throws -> (command: RunningCommand, state: FleetState) {
        let command = try up(topology, "--for", "300s")
        // A debug build brings up six relays a second on two busy cores.
        let line = try await command.firstLine("fleet", within: .seconds(180)) { data in
            try? JSONDecoder().decode(FleetLine.self, from: data)
        }
        let fleet = line.fleet
        try await eventually("all parents of the fleet", .seconds(60)) {
            let summary = await FleetPoll(fleet).report().summary
            guard summary.connected < summary.nodes else { return true }
            try await Task.sleep(for: .milliseconds(50))
            return false
        }
        return (command, fleet)
    }

    /// Writes a topology of the test's own.
    func topology(_ text: String, named name: String = "bad.yaml") throws -> String {
        let path = "\(directory)/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let quickstartPlan = root.appending(path: "topologies/quickstart.plan.json").path
    static let quickstart = root.appending(path: "topologies/quickstart.yaml").path

    /// Whether a process is there; one that has ended and waits to be reaped is not.
    static func isRunning(_ pid: Int) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let state = text.split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }

    private struct FleetLine: Decodable, Sendable {
        var fleet: FleetState
    }
}

extension FleetState {
    func process(of id: String) throws -> Int {
        try node(named: id).pid ?? -1
    }

    var processes: [Int] { nodes.compactMap(\.pid) }
}

extension RunningCommand {
    /// What `up --demo --format json` says last.
    func demoReport() async throws -> DemoReport {
        struct DemoLine: Decodable {
            var demo: DemoReport
        }
        return try await firstLine("report of the demo") { data in
            try? JSONDecoder().decode(DemoLine.self, from: data).demo
        }
    }
}
