import Foundation
import SocketTestSupport
import Testing
import ZeroMQ

@testable import xylem

/// `xylem proxy` between peers that have keys and passwords: libzmq's own.
@Suite(.timeLimit(.minutes(1))) struct ProxySecurityTests {
    /// REQ with CURVE ▶ a proxy that is a server in front and a client with a password behind ▶ REP with PLAIN.
    @Test(.needsPeer)
    func `keys are asked for in front, and a password is given behind`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let friends = folder.appending(path: "friends")
        try FileManager.default.createDirectory(at: friends, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (own, friend, stranger) = (
            CurveKeyPair.random(), CurveKeyPair.random(), CurveKeyPair.random()
        )
        try CurveCertificate(own).write(to: folder.path + "/proxy")
        try CurveCertificate(friend).write(to: friends.path + "/friend")

        let worker = try LibzmqScript(Self.worker)
        let back = try await worker.line(after: "at ")
        let proxy = try Command(
            "proxy",
            "router@tcp://127.0.0.1:*",
            "dealer@connect:\(back)",
            "--certificate",
            folder.path + "/proxy_secret",
            "--curve-server",
            "--allow",
            friends.path,
            "--plain",
            "ann:secret"
        )
        try await proxy.waitForDiagnostics("frontend listening at")
        func ask(_ keys: CurveKeyPair, _ text: String) throws -> LibzmqScript {
            try LibzmqScript(
                Self.client,
                [
                    proxy.listeningEndpoint, "\(own.publicKey)", "\(keys.publicKey)",
                    keys.secretText, text,
                ]
            )
        }
        #expect(try await ask(stranger, "let me in").line(after: "answer ") == "none")
        #expect(try await ask(friend, "hello").line(after: "answer ") == "re: hello")
        proxy.interrupt()
        #expect(await proxy.end() == 0)
        #expect(proxy.diagnostics.contains("passed on 1 message from the frontend, 1 from"))
    }

    /// REQ ▶ wss, with a certificate ▶ a proxy ▶ wss again, as a client that trusts it ▶ REP.
    @Test(.needsOpenSSL)
    func `a proxy has a certificate in front, and trusts one behind`() async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        let own = [
            "--tls-certificate", certificates.certificateFile, "--tls-key",
            certificates.privateKeyFile,
        ]
        let trust = ["--tls-trust", certificates.certificateFile]
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let lines = folder.appending(path: "lines").path
        try Data("hello\n".utf8).write(to: URL(filePath: lines))

        let worker = try Command(
            ["socket", "rep", "--bind", "wss://localhost:*", "--echo", "--count", "1"] + own
        )
        try await worker.waitForDiagnostics("listening at")
        let proxy = try Command(
            ["proxy", "router@wss://localhost:*", "dealer@connect:" + Self.byName(worker)] + own
                + trust
        )
        try await proxy.waitForDiagnostics("frontend listening at")
        let client = try Command(
            input: lines,
            ["socket", "req", "--connect", Self.byName(proxy)] + trust
        )
        #expect(await client.end() == 0, "\(client.diagnostics)")
        #expect(client.output == "hello\n")
        proxy.interrupt()
        #expect(await proxy.end() == 0)
        #expect(proxy.diagnostics.contains("passed on 1 message from the frontend, 1 from"))
    }

    /// Where it listens, by the name that its certificate has.
    private static func byName(_ command: Command) -> String {
        "wss://localhost:\(command.listeningEndpoint.split(separator: ":").last ?? "")"
    }

    /// REP for a password, which answers once.
    private static let worker = """
        import threading, zmq, zmq.auth
        from zmq.auth.thread import ThreadAuthenticator
        context = zmq.Context()
        authenticator = ThreadAuthenticator(context)
        authenticator.start()
        authenticator.configure_plain(domain="*", passwords={"ann": "secret"})
        rep = context.socket(zmq.REP)
        rep.plain_server = True
        rep.bind("tcp://127.0.0.1:*")
        print("at", rep.last_endpoint.decode(), flush=True)
        rep.send(b"re: " + rep.recv())
        rep.close(2000)
        authenticator.stop()
        context.term()
        """

    /// REQ with keys: its arguments are the endpoint, the server's key, its own pair and what it asks. It tells a refusal, too.
    private static let client = """
        import sys, zmq
        context = zmq.Context()
        req = context.socket(zmq.REQ)
        events = req.get_monitor_socket()
        req.curve_serverkey, req.curve_publickey, req.curve_secretkey = [a.encode() for a in sys.argv[2:5]]
        req.connect(sys.argv[1])
        req.send(sys.argv[5].encode())
        poller = zmq.Poller()
        poller.register(req)
        poller.register(events)
        from zmq.utils.monitor import recv_monitor_message
        while True:
            ready = dict(poller.poll())
            if req in ready:
                print("answer", req.recv().decode(), flush=True)
                break
            event = recv_monitor_message(events)["event"]
            if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                print("answer none", flush=True)
                break
        context.destroy(0)
        """

    @Test(arguments: [
        (["--plain", "a:b"], "--plain is for a client"),
        (
            ["--server-key", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"],
            "--server-key is for a client"
        ),
    ])
    func `what is for no side is refused`(flags: [String], words: String) async throws {
        let command = try Command(["proxy", "router@ipc://*", "dealer@ipc://*"] + flags)
        #expect(await command.end() == 2)
        #expect(command.diagnostics.contains(words), "\(command.diagnostics)")
        let other = try Command([
            "proxy", "pull@connect:ipc:///nowhere", "push@connect:ipc:///nowhere", "--plain-users",
            "/dev/null",
        ])
        #expect(await other.end() == 2)
        #expect(other.diagnostics.contains("--plain-users is for a server"))
    }
}

/// A script of pyzmq, killed when it is let go.
final class LibzmqScript: Sendable {
    private let command: Command

    /// The script's arguments are `sys.argv[1]` and so on.
    init(_ text: String, _ arguments: [String] = []) throws {
        command = try Command(running: [PeerAvailability.interpreter, "-c", text] + arguments)
    }

    /// What follows those words in the first line that begins with them.
    func line(after words: String) async throws -> String {
        try await within("'\(words)' of a script; \(command.diagnostics)") {
            while true {
                let lines = self.command.output.split(separator: "\n")
                if let line = lines.first(where: { $0.hasPrefix(words) }) {
                    return String(line.dropFirst(words.count))
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
