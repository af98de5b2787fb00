import Foundation
import SocketTestSupport
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

    @Test func `events are told on standard error, as text or as lines of JSON`() async throws {
        try await Self.withFolder { folder in
            let endpoint = "ipc://\(folder)/events"
            let server = try Command(
                "socket",
                "rep",
                "--bind",
                endpoint,
                "--echo",
                "--count",
                "1",
                "--events",
                "json"
            )
            let client = try Command(
                input: Self.file(folder, "hello"),
                "socket",
                "req",
                "--connect",
                endpoint,
                "--events",
                "text"
            )
            #expect(await client.end() == 0)
            #expect(await server.end() == 0)
            #expect(client.diagnostics.contains("connecting to \(endpoint)"))
            #expect(client.diagnostics.contains("local process is a REP (ZMTP 3.1)"))
            var names: [String] = []
            for line in server.diagnostics.split(separator: "\n") where line.hasPrefix("{") {
                let event = try JSONSerialization.jsonObject(with: Data(line.utf8))
                names.append((event as? [String: Any])?["event"] as? String ?? "none")
            }
            #expect(
                names.starts(with: ["listening", "accepted", "handshakeSucceeded"]),
                "\(names)"
            )
            #expect(client.output == "hello\n")
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

    /// Who sends, who receives, what else they are told, and what is printed.
    @Test(arguments: [
        ("scatter", [], "gather", []),
        ("client", ["--count", "1"], "server", ["--echo"]),
        ("channel", ["--count", "1"], "channel", ["--echo"]),
        ("peer", ["--count", "1"], "peer", ["--echo"]),
        ("stream", ["--count", "1"], "stream", ["--echo"]),
    ])
    func `drafts and streams talk`(
        type: String,
        flags: [String],
        other: String,
        otherFlags: [String]
    ) async throws {
        try await Self.withFolder { folder in
            let endpoint = "ipc://\(folder)/end"
            let server = try Command(
                ["socket", other, "--bind", endpoint, "--count", "1"] + otherFlags
            )
            try await server.waitForDiagnostics("listening")
            let client = try Command(
                input: try Self.file(folder, "hello"),
                ["socket", type, "--connect", endpoint] + flags
            )
            #expect(await client.end() == 0, "\(client.diagnostics)")
            // Of an echo, what comes back; before it stands who it is from, if the type says so.
            if !flags.isEmpty { #expect(client.output.hasSuffix("hello\n")) }
            #expect(await server.end() == 0)
            #expect(server.output.hasSuffix("hello\n"))
        }
    }

    @Test func `datagrams come back to whoever sent them, and a radio reaches a dish`() async throws
    {
        try await Self.withFolder { folder in
            let lines = try Self.file(folder, "hello")
            let echo = try Command("socket", "dgram", "--bind", "udp://127.0.0.1:*", "--echo")
            try await echo.waitForDiagnostics("listening at")
            let client = try Command(
                input: lines,
                "socket",
                "dgram",
                "--connect",
                echo.listeningEndpoint,
                "--count",
                "1"
            )
            #expect(await client.end() == 0)
            let address = echo.listeningEndpoint.dropFirst("udp://".count)
            #expect(client.output == "\(address) | hello\n")
            echo.interrupt()
            #expect(await echo.end() == 0)
            let dish = try Command(
                ["socket", "dish", "--bind", "udp://127.0.0.1:*", "--join", "g", "--count", "1"]
            )
            try await dish.waitForDiagnostics("listening at")
            let radio = try Command(
                input: lines,
                ["socket", "radio", "--connect", dish.listeningEndpoint, "--group", "g"]
            )
            #expect(await radio.end() == 0)
            #expect(await dish.end() == 0)
            #expect(dish.output == "g | hello\n")
        }
    }

    @Test(.needsOpenSSL)
    func `a secure WebSocket takes certificates by flags`() async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        try await Self.withFolder { folder in
            let server = try Command(
                [
                    "socket", "rep", "--bind", "wss://localhost:*", "--echo", "--count", "1",
                    "--tls-certificate", certificates.certificateFile, "--tls-key",
                    certificates.privateKeyFile,
                ]
            )
            try await server.waitForDiagnostics("listening at")
            let port = server.listeningEndpoint.split(separator: ":").last ?? ""
            let client = try Command(
                input: try Self.file(folder, "hello"),
                [
                    "socket", "req", "--connect", "wss://localhost:\(port)",
                    "--tls-trust", certificates.certificateFile,
                ]
            )
            #expect(await client.end() == 0, "\(client.diagnostics)")
            #expect(client.output == "hello\n")
            #expect(await server.end() == 0)
        }
    }

    /// Who sends into nothing before somebody listens, and who listens then.
    @Test(arguments: [
        ("pub", [], "sub", [], "a subscriber", ""),
        ("radio", ["--group", "g"], "dish", ["--join", "g"], "a dish", "g | "),
        ("radio", ["--separator", "|"], "dish", ["--join", "g"], "a dish", "g | "),
    ])
    func `what nobody would hear waits for somebody`(
        type: String,
        flags: [String],
        other: String,
        otherFlags: [String],
        awaited: String,
        prefix: String
    ) async throws {
        try await Self.withFolder { folder in
            let endpoint = "ipc://\(folder)/end"
            let lines =
                flags.contains("--separator")
                ? try Self.file(folder, "g|one", "g|two") : try Self.file(folder, "one", "two")
            let sender = try Command(input: lines, ["socket", type, "--bind", endpoint] + flags)
            try await sender.waitForDiagnostics("waiting for \(awaited) (--no-wait sends at once)")
            let listener = try Command(
                ["socket", other, "--connect", endpoint, "--count", "2"] + otherFlags
            )
            #expect(await listener.end() == 0, "\(listener.diagnostics)")
            #expect(listener.output == "\(prefix)one\n\(prefix)two\n")
            #expect(await sender.end() == 0, "\(sender.diagnostics)")
        }
    }

    @Test func `who cannot be reached is told once, and what was not sent is an error`()
        async throws
    {
        try await Self.withFolder { folder in
            let endpoint = "ipc://\(folder)/nobody"
            let lines = try Self.file(folder, "one")
            for arguments in [["push"], ["pub"], ["radio", "--group", "g"], ["req"]] {
                let sender = try Command(
                    input: lines,
                    ["socket"] + arguments + ["--connect", endpoint, "--for", "700ms"]
                )
                #expect(await sender.end() == 1, "\(arguments) \(sender.diagnostics)")
                let said = sender.diagnostics.split(separator: "\n")
                #expect(said.count { $0.hasSuffix("; trying again") } == 1, "\(said)")
                // What waits for a peer in a queue was sent, as far as the socket is concerned.
                #expect(
                    said.last
                        == (["push", "req"].contains(arguments[0])
                            ? "xylem: the time was over before everything had left"
                            : "xylem: nothing was sent: nobody was there to take it")
                )
            }
            let heedless = try Command(
                input: lines,
                ["socket", "pub", "--connect", endpoint, "--no-wait"]
            )
            #expect(await heedless.end() == 0, "\(heedless.diagnostics)")
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
        (["socket", "dish", "--bind", "udp://*:0"], "--join GROUP"),
        (["socket", "sub", "--bind", "tcp://*:0", "--join", "g"], "only dish joins"),
        (["socket", "dish", "--bind", "udp://*:0", "--join", "g", "--group", "g"], "only radio"),
        (["socket", "sub", "--bind", "wss://*:0", "--tls-key", "k"], "go together"),
        (["socket", "sub", "--bind", "tcp://*:0", "--no-wait"], "are for pub, xpub and radio"),
        (["socket", "pub", "--bind", "tcp://*:0", "--wait-for", "0"], "at least 1"),
        (
            ["socket", "pub", "--bind", "tcp://*:0", "--wait-for", "2", "--no-wait"],
            "exclude each other"
        ), (["proxy", "pull@ipc://*", "push@ipc://*", "--capture", "xsub@ipc://*"], "not an xsub"),
        (["socket", "sub", "--bind", "wss://*:0"], "certificate"),
        (["proxy", "router@tcp://*:0", "nonsense"], "type@endpoint"),
        (["proxy", "req@ipc://*", "dealer@ipc://*"], "use DEALER instead of REQ"),
        (["proxy", "pub@ipc://*", "push@ipc://*"], "nothing can go between"),
    ])
    func `what cannot work is refused with advice`(
        arguments: [String],
        advice: String
    ) async throws {
        let command = try Command(arguments)
        #expect(await command.end() == 2)
        #expect(command.diagnostics.contains(advice))
    }
}

extension Command {
    /// The endpoint that it said it listens at, without a wildcard's port.
    var listeningEndpoint: String {
        let line = diagnostics.split(separator: "\n").first { $0.contains("listening at ") }
        return line.flatMap { $0.split(separator: " ").last.map(String.init) } ?? ""
    }
}
