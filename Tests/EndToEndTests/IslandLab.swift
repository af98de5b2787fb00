import Foundation
import Glibc
import RouterNode
import SocketTestSupport
import Synchronization
import Testing

@testable import xylem

/// A fleet in the network namespaces of `tools/lab`, seen from a test.
final class IslandLab: Sendable {
    private let fleetLab: FleetLab
    private let pid = Mutex(0)

    init() throws {
        fleetLab = try FleetLab()
    }

    /// Starts a lab of a topology file of the repository, and waits until all of its fleet is up. It ends by itself should
    /// the test leave it behind.
    func start(
        _ topology: String,
        _ options: [String] = []
    ) async throws -> (command: RunningCommand, state: FleetState) {
        struct Line: Decodable, Sendable { var fleet: FleetState }
        let command = try RunningCommand(
            program: Self.script,
            ["lab", FleetLab.root.appending(path: topology).path]
                + ["--xylem", RunningCommand.executable] + options
                + ["--", "--state", stateFile, "--format", "json", "--for", "280s"]
        )
        pid.withLock { $0 = command.pid }
        let line = try await command.firstLine("fleet", within: .seconds(120)) {
            try? JSONDecoder().decode(Line.self, from: $0)
        }
        return (command, line.fleet)
    }

    /// Ends it in order, and looks whether anything is left.
    func stop(_ command: RunningCommand) async throws {
        command.send(SIGTERM)
        _ = try await command.end()
        let left = try await namespaces(of: command.pid)
        #expect(left.isEmpty, "left behind: \(left)")
    }

    var stateFile: String { fleetLab.stateFile.path }

    /// Runs `tools/lab` to its end; what it printed.
    @discardableResult
    func tool(_ arguments: [String]) async throws -> String {
        try await Self.run(Self.script, ["lab"] + arguments)
    }

    /// Runs a command beside all nodes, or at one of them.
    func exec(at node: String? = nil, _ words: [String]) throws -> RunningCommand {
        let lab = pid.withLock { $0 }
        return try RunningCommand(
            program: Self.script,
            ["lab", "exec", "--lab", "\(lab)"] + (node.map { [$0] } ?? []) + ["--"] + words
        )
    }

    func namespaces(of pid: Int) async throws -> [String] {
        try await Self.run("/usr/bin/env", ["env", "ip", "netns", "list"])
            .split(separator: "\n").map(String.init).filter { $0.hasPrefix("xlab-\(pid)-") }
    }

    // MARK: - Traffic

    /// Publishes numbered messages at one node, subscribes at all others and there too, and expects all of them
    /// everywhere, once and in order.
    func expectDelivery(
        of messageCount: Int,
        rate: Int,
        at publisher: String,
        in state: FleetState
    ) async throws {
        let nodes = state.nodes.map(\.id)
        let before = try await status().summary.subscribers
        let subscribers = try exec(
            [RunningCommand.executable, "subscribe"] + nodes
                + ["--state", stateFile, "--format", "quiet", "--topic", "load."]
                + ["--count", "\(messageCount)", "--expect-complete", "--for", "120s"]
        )
        try await eventually("subscribers at \(nodes.count) nodes", .seconds(60)) {
            try await self.status().summary.subscribers == before + nodes.count
        }
        let source = try exec(
            [RunningCommand.executable, "publish", publisher, "--state", stateFile]
                + ["--count", "\(messageCount)", "--rate", "\(rate)"]
        )
        let (published, received) = (
            try await source.end(.seconds(150)), try await subscribers.end(.seconds(150))
        )
        #expect(published == .exited(code: 0), "\(source.diagnostics)")
        #expect(received == .exited(code: 0), "\(subscribers.diagnostics)")
        let lines = subscribers.diagnostics.split(separator: "\n").filter {
            $0.contains("publisher")
        }
        #expect(lines.count == nodes.count, "\(subscribers.diagnostics)")
        for line in lines {
            #expect(line.contains("0 missing, 0 duplicated, 0 late"), "\(line)")
        }
    }

    // MARK: - What is counted

    /// Packets that arrived at one interface of a link or segment.
    struct Counter: Decodable, Sendable {
        var kind: String
        var name: String
        var node: String
        var packets: Int
        var lost: Int
        var udp: Int
        var pgm: Int
    }

    func counters() async throws -> [Counter] {
        let text = try await tool(["counters", "--json", "--lab", "\(pid.withLock { $0 })"])
        return try JSONDecoder().decode([Counter].self, from: Data(text.utf8))
    }

    func status() async throws -> FleetReport {
        let command = try exec(
            [RunningCommand.executable, "status", "--state", stateFile, "--format", "json"]
        )
        _ = try await command.end()
        return try JSONDecoder().decode(
            FleetReport.self,
            from: Data(command.output.joined(separator: "\n").utf8)
        )
    }

    func islands(at node: String) async throws -> [NodeStatus.Island] {
        try await status().nodes.first { $0.id == node }?.status?.islands ?? []
    }

    // MARK: - Where it can run

    static let script = FleetLab.root.appending(path: "tools/lab").path

    /// Whether labs can be made here; says loudly when not.
    static let isPossible: Bool = {
        var missing: [String] = []
        if getuid() != 0 { missing.append("root") }
        for tool in ["ip", "nft", "sysctl", "python3"] where !isInstalled(tool) {
            missing.append(tool)
        }
        if !missing.isEmpty {
            print(
                "SKIPPED: no lab of network namespaces; missing: \(missing.joined(separator: ", "))"
            )
        }
        return missing.isEmpty
    }()

    private static func isInstalled(_ tool: String) -> Bool {
        ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
        }
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let command = try RunningCommand(program: program, arguments)
        let end = try await command.end()
        #expect(end == .exited(code: 0), "\(arguments): \(command.diagnostics)")
        return command.output.joined(separator: "\n")
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where network namespaces can be made.
    static var needsLab: Self {
        .enabled(if: IslandLab.isPossible, "needs root, ip, nft and python3")
    }
}
