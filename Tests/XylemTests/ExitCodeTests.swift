import ArgumentParser
import Foundation
import RouterNode
import SocketTestSupport
import Testing
import Vocabulary
import ZeroMQ

@testable import xylem

/// The table of docs/command.md: one code for one reason, whatever the subcommand.
@Suite(.timeLimit(.minutes(1))) struct ExitCodeTests {
    @Test func `an error is what was given, or what went wrong`() {
        let given: [any Error] = [
            ZeroMQError(.endpoint, "x"), ZeroMQError(.option, "x"), ZeroMQError(.unsupported, "x"),
            EndpointError(endpoint: "tcp://", problem: "x"), CommandError.badInput("x"),
        ]
        for error in given { #expect(CommandError(error).code == .badInput, "\(error)") }
        let wrong: [any Error] = [
            ZeroMQError(.system, "x"), ZeroMQError(.peerLost, "x"), CommandError.failure("x"),
            SystemError(number: 28), CancellationError(),
        ]
        for error in wrong { #expect(CommandError(error).code == .failure, "\(error)") }
    }

    /// `TAKEN` is an address where somebody listens.
    @Test(arguments: [
        ["socket", "rep", "--bind", "tcp://TAKEN"],
        ["proxy", "router@tcp://TAKEN", "dealer@tcp://127.0.0.1:*"],
        ["proxy", "router@tcp://127.0.0.1:*", "dealer@tcp://TAKEN"],
        ["publish", "tcp://TAKEN", "--bind", "hello"], ["subscribe", "tcp://TAKEN", "--bind"],
        ["node", "--publishers", "tcp://TAKEN", "--subscribers", "tcp://127.0.0.1:*"],
        [
            "node", "--publishers", "tcp://127.0.0.1:*", "--subscribers", "tcp://127.0.0.1:*",
            "--control", "TAKEN",
        ],
    ])
    func `a taken port is one error, said in one way`(arguments: [String]) async throws {
        let occupier = Publisher()
        let address = try await occupier.bind("tcp://127.0.0.1:*").address
        let command = try Command(arguments.map { $0.replacing("TAKEN", with: address) })
        #expect(await command.end() == 2)
        #expect(command.diagnostics.contains("xylem: cannot "), "\(command.diagnostics)")
        #expect(command.diagnostics.contains("the address is in use; stop the other program"))
        await occupier.close()
    }

    @Test(arguments: [
        (["status", "--state", "/nowhere/fleet.json"], 2, "there is no state file"),
        (["status", "/nowhere/fleet.yaml"], 2, "No such file"),
        (["status", "--control", "localhost"], 2, "write host:port"),
        // Nobody listens at port 1.
        (["status", "--control", "127.0.0.1:1"], 1, "nobody answers"),
        (["inspect", "/nowhere/a.pcap"], 2, "/nowhere/a.pcap"),
        (["subscribe", "tcp://127.0.0.1"], 2, "it has no port"),
        (["statsu"], 2, "there is no subcommand 'statsu'; did you mean 'status'?"),
        (["bench", "latncy"], 2, "did you mean 'latency'?"),
        (["help", "plann"], 2, "did you mean 'plan'?"),
        (["topology.yaml"], 2, "there are plan, diff, convert, up, status"),
        (["status", "--wacht"], 2, "--wacht"),
        (["help", "bench", "latency"], 0, ""), (["help"], 0, ""), (["--version"], 0, ""),
    ])
    func `what was given and cannot be used is 2`(
        arguments: [String],
        code: Int32,
        words: String
    ) async throws {
        let command = try Command(arguments)
        #expect(await command.end() == code, "\(command.diagnostics)")
        #expect(words.isEmpty || command.diagnostics.contains(words), "\(command.diagnostics)")
    }

    /// docs/command.md: 1 when a node is down or has no parent.
    @Test(arguments: [true, false])
    func `a node without its parent is 1`(isConnected: Bool) async throws {
        let tree: [String: Any] = [
            "name": "t", "rank": 1, "parent": "hub", "isConnected": isConnected,
            "overflow": "drop-newest",
        ]
        let status = try FleetAccountTests.status(["trees": [tree]])
        let server = try await ControlServer.start(at: "127.0.0.1:0") { status }
        let command = try Command("status", "--control", server.address)
        #expect(await command.end() == (isConnected ? 0 : 1), "\(command.diagnostics)")
        #expect(command.output.contains("1 without a parent") == !isConnected)
        await server.stop()
    }

    @Test func `a file that cannot be made is 2, and a disk that is full 1`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let topology = folder.appending(path: "a.yaml").path
        try "nodes: [a, b]\nlinks: [[a, b, 1ms]]\n"
            .write(toFile: topology, atomically: true, encoding: .utf8)
        let nowhere = try Command("plan", topology, "--output", folder.path + "/none/plan.txt")
        #expect(await nowhere.end() == 2)
        let full = try Command("plan", topology, "--output", "/dev/full")
        #expect(await full.end() == 1)
        #expect(full.diagnostics.contains("No space left on device"))
        // A capture with its header and nothing else.
        let capture = folder.appending(path: "empty.pcap")
        let begin: [UInt8] = [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0]
        let end: [UInt8] = [0, 0, 4, 0, 1, 0, 0, 0]
        try Data(begin + [UInt8](repeating: 0, count: 8) + end).write(to: capture)
        let empty = try Command("inspect", capture.path)
        #expect(await empty.end() == 2, "\(empty.diagnostics)")
        #expect(empty.output.hasPrefix("NOTHING"))
    }
}
