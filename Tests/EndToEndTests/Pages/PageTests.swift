import Foundation
import Glibc
import SocketTestSupport
import Testing

@testable import xylem

/// Every command of the README and the documentation works as it stands there.
@Suite(.serialized, .timeLimit(.minutes(10))) struct PageTests {
    private static let root = FleetLab.root
    private static let isRoot = geteuid() == 0

    /// What becomes of a command.
    private enum Way {
        /// It ends by itself, with exit code 0.
        case ends
        /// It runs until Ctrl-C.
        case stays
        /// It names a file of the reader's.
        case wantsFile
        /// Other tests run it, or it is a build; the tool must be there, and know the subcommand.
        case elsewhere
        /// It needs root, or a network of its own.
        case privileged
    }

    /// Files that a page takes for granted: the reader has some like them.
    private static let readersFiles = [
        "sites.graphml", "trouble.pcapng", "pub/", "leaf/", "a.pcap", "b.pcap", "c.pcap", "r.pcap",
        "l.pcap",
        "captures/",
        "loopback.pcap", "two.pcapng", "plan.json", "OTHER/", "Cogentco.graphml", "fleet.json",
        "PID", "topology.yaml",
    ]

    private static func way(of text: String) -> Way {
        // A shell's own way of leaving something running.
        if text.hasSuffix(" &") { return .stays }
        let words = text.split(separator: " ").map(String.init)
        let command = words.first == "sudo" ? words.dropFirst().first ?? "" : words.first ?? ""
        switch command {
        case "tools/test", "tools/docs", "tools/bench", "tools/lab", "tools/install", "swift",
            "git":
            return .elsewhere
        default: break
        }
        if text.hasPrefix("XYLEM_") || text.contains("Peers/") || text.contains("smaps") {
            return .elsewhere
        }
        if readersFiles.contains(where: { text.contains($0) }) { return .wantsFile }
        if text.contains("--interface") || words.first == "sudo" { return .privileged }
        if text.contains(" up "), !text.contains("--demo"), !text.contains("--for") {
            return .stays
        }
        if text.contains("xylem subscribe"), !text.contains("--count") { return .stays }
        if text.contains("xylem node ") || text.contains("--watch") || text.contains("--follow") {
            return .stays
        }
        return .ends
    }

    @Test(arguments: [
        "README.md", "docs/command.md", "docs/inspect.md", "docs/multicast.md", "docs/sockets.md",
        "docs/security.md",
        "docs/topology-format.md", "docs/trees.md",
    ])
    func `every command of the page works`(page: String) async throws {
        let commands = try PageCommand.read(page, in: Self.root)
        #expect(page == "docs/topology-format.md" || !commands.isEmpty)
        let scene = try PageScene(root: Self.root)
        for command in commands {
            // Every machine has a loopback interface.
            var text = command.text.replacing("eth0", with: "lo")
            // It takes ten seconds where nothing is said.
            if text.contains("--demo"), !text.contains("--for") { text += " --for 2s" }
            switch Self.way(of: command.text) {
            case .ends: _ = try await scene.type(command, as: text)
            case .stays: try await scene.leaveRunning(command, as: text)
            case .wantsFile: try await scene.typeWithoutFile(command, as: text)
            case .elsewhere: try Self.checkTool(command)
            case .privileged:
                guard Self.isRoot else {
                    print("SKIPPED, needs root: \(command)")
                    continue
                }
                if text.contains("--follow") {
                    try await scene.leaveRunning(command, as: text)
                } else {
                    _ = try await scene.type(command, as: text)
                }
            }
        }
        try await scene.end()
    }

    /// The pages whose commands are builds, benchmarks and labs: the tools are there, and know what is asked of them.
    @Test(
        arguments: [
            "docs/TESTING.md", "docs/PERFORMANCE.md", "docs/lab.md", "docs/examples/README.md",
            "CONTRIBUTING.md",
        ]
    )
    func `every tool that the page names is there`(page: String) throws {
        let commands = try PageCommand.read(page, in: Self.root)
        #expect(!commands.isEmpty)
        for command in commands { try Self.checkTool(command) }
    }

    @Test func `comments are told from quoted signs`() {
        #expect(PageCommand.withoutComment("a 'b # c' # d") == "a 'b # c'")
        #expect(
            PageCommand.withoutComment("x --at pub=two.pcapng#0   # why")
                == "x --at pub=two.pcapng#0"
        )
        #expect(PageCommand.withoutComment("# all of it") == "")
    }

    private static func checkTool(_ command: PageCommand) throws {
        let words = command.text.split(separator: " ").map(String.init)
            .filter { $0 != "sudo" && !$0.contains("=") }
        guard let tool = words.first(where: { $0.contains("/") && !$0.hasPrefix("-") }),
            tool.hasPrefix("tools/") || tool.hasPrefix("Tests/")
        else { return }
        let path = root.appending(path: tool).path
        let isThere =
            !tool.hasSuffix(".py")
            ? FileManager.default.isExecutableFile(atPath: path)
            : FileManager.default.fileExists(atPath: path)
        #expect(
            isThere,
            "\(command): there is no \(tool)"
        )
        guard tool == "tools/bench" || tool == "tools/lab", words.count > 1 else { return }
        let script = try String(contentsOfFile: path, encoding: .utf8)
        let subcommand = words[1]
        #expect(
            subcommand.contains("/") || script.contains("\(tool) \(subcommand)"),
            "\(command): \(tool) has no '\(subcommand)'"
        )
    }
}
