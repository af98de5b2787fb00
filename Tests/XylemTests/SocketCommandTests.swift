import Foundation
import Testing

@testable import xylem

/// `xylem socket` and `xylem proxy` as their users run them.
@Suite(.timeLimit(.minutes(1))) struct SocketCommandTests {
    /// A folder for ipc files, removed at the end.
    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "xylem-socket-\(UUID().uuidString.prefix(8))"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path())
    }

    private static func file(_ folder: String, _ lines: String...) throws -> String {
        let path = folder + "/lines"
        try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func `a question is answered by an echo`() async throws {
        try await Self.withFolder { folder in
            let endpoint = "ipc://\(folder)/echo"
            let server = try Command("socket", "rep", "--bind", endpoint, "--echo", "--count", "2")
            let client = try Command(
                input: Self.file(folder, "hello", "two|frames"),
                "socket",
                "REQ",
                "--connect",
                endpoint,
                "--separator",
                "|"
            )
            #expect(await client.end() == 0)
            #expect(await server.end() == 0)
            #expect(client.output == "hello\ntwo | frames\n")
            #expect(server.output == client.output)
            #expect(server.diagnostics.contains("listening at \(endpoint)"))
        }
    }

    @Test func `lines go through a pipeline with a proxy in the middle`() async throws {
        try await Self.withFolder { folder in
            let (front, back) = ("ipc://\(folder)/front", "ipc://\(folder)/back")
            let proxy = try Command("proxy", "pull@\(front)", "push@\(back)")
            let puller = try Command(
                "socket",
                "pull",
                "--connect",
                back,
                "--count",
                "3",
                "--format",
                "json"
            )
            let pusher = try Command(
                input: Self.file(folder, "a", "b", "c"),
                "socket",
                "push",
                "--connect",
                front
            )
            #expect(await pusher.end() == 0)
            #expect(await puller.end() == 0)
            proxy.interrupt()
            #expect(await proxy.end() == 0)
            let lines = ["a", "b", "c"].map { #"{"frames":["\#($0)"]}"# + "\n" }
            #expect(puller.output == lines.joined())
            #expect(proxy.diagnostics.contains("passed on 3 messages from the frontend"))
        }
    }

    @Test func `a proxy is steered from the shell`() async throws {
        try await Self.withFolder { folder in
            let control = "ipc://\(folder)/control"
            let proxy = try Command(
                "proxy",
                "router@ipc://\(folder)/front",
                "dealer@ipc://\(folder)/back",
                "--control",
                "rep@\(control)"
            )
            let client = try Command(
                input: Self.file(folder, "STATISTICS", "DANCE", "TERMINATE"),
                "socket",
                "req",
                "--connect",
                control,
                "--format",
                "hex",
                "--count",
                "2"
            )
            #expect(await client.end() == 0)
            let zero = String(repeating: "0", count: 16)
            #expect(
                client.output.hasPrefix(
                    Array(repeating: zero, count: 8).joined(separator: " | ") + "\n"
                )
            )
            proxy.interrupt()
            #expect(await proxy.end() == 0)
        }
    }

    @Test(arguments: [
        (["socket", "rep"], "--bind ENDPOINT"),
        (["socket", "pull", "--bind", "tcp://*:0", "--echo"], "cannot answer"),
        (["socket", "push", "--bind", "tcp://*:0", "--topic", "a"], "only sub and xsub"),
        (["proxy", "router@tcp://*:0", "nonsense"], "type@endpoint"),
        (["proxy", "req@ipc://*", "dealer@ipc://*"], "use DEALER instead of REQ"),
        (["proxy", "pub@ipc://*", "push@ipc://*"], "nothing can go between"),
    ])
    func `what cannot work is refused with advice`(
        arguments: [String],
        advice: String
    ) async throws {
        let command = try Command(arguments)
        #expect(await command.end() != 0)
        #expect(command.diagnostics.contains(advice))
    }
}
