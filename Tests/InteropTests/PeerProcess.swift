import Foundation
import Glibc
import SocketTestSupport

/// A running libzmq peer (`Peers/peer.py`): commands in, events out.
///
/// ```swift
/// let peer = try PeerProcess("xpublisher", "--bind", "tcp://127.0.0.1:*")
/// let endpoint = try await peer.endpoint()
/// …
/// try peer.send("send 1000 64 weather.")
/// let sent = try await peer.event("sent")
/// await peer.close()
/// ```
///
/// The peer ends when its standard input closes, so none outlives the test process; one that is
/// only dropped is killed.
final class PeerProcess {
    private let process = Process()
    private let commands = Pipe()
    private let output = Pipe()
    private let diagnostics = Pipe()
    private let mailbox = PeerMailbox()
    private let diagnosticsMailbox = PeerMailbox()

    /// Starts a peer in a role (`publisher`, `subscriber`, `xpublisher`, `xsubscriber`) with
    /// options as `peer.py --help` lists them.
    convenience init(_ role: String, _ options: String...) throws {
        try self.init(role, options)
    }

    convenience init(_ role: String, _ options: [String]) throws {
        try self.init(command: Self.libzmq + [role] + options)
    }

    /// The folder of the peers that are scripts.
    static let peers = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers")
        .path

    /// The words that start `peer.py`, up to its role.
    static let libzmq = [PeerAvailability.interpreter, peers + "/peer.py"]

    /// Starts any program that takes the commands and prints the events of `peer.py`.
    init(command words: [String]) throws {
        precondition(!words.isEmpty, "a command names a program")
        // Writing to a peer that died is an error of `send`, not the end of the test process.
        signal(SIGPIPE, SIG_IGN)
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.standardInput = commands
        process.standardOutput = output
        process.standardError = diagnostics
        Self.deliver(output, to: mailbox)
        Self.deliver(diagnostics, to: diagnosticsMailbox)
        try process.run()
    }

    deinit {
        kill()
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Writes one command line.
    func send(_ command: String) throws {
        try commands.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
    }

    /// The next event called `name`; others before it are passed over, an `error` is thrown.
    func event(
        _ name: String,
        within limit: Duration = .seconds(30)
    ) async throws -> PeerEvent {
        try await event(oneOf: [name], within: limit)
    }

    /// The next event with one of these names.
    func event(
        oneOf names: [String],
        within limit: Duration = .seconds(30)
    ) async throws -> PeerEvent {
        let name = names.joined(separator: " or ")
        let deadline = ContinuousClock.now + limit
        var seen: [String] = []
        while true {
            switch await mailbox.nextLine(within: deadline - .now) {
            case .timedOut:
                throw PeerError.timedOut(awaiting: name, seen: seen)
            case .end:
                let diagnostics = await remainingDiagnostics()
                throw PeerError.ended(awaiting: name, seen: seen, diagnostics: diagnostics)
            case .text(let line):
                let event = try Self.decode(line)
                if names.contains(event.event) { return event }
                if event.event == "error" { throw PeerError.failed(message: line) }
                seen.append(line)
            }
        }
    }

    /// The endpoint of a binding peer, with the port or path that libzmq chose.
    func endpoint() async throws -> String {
        let bound = try await event("bound")
        guard let endpoint = bound.endpoint else { throw PeerError.unreadable(line: "\(bound)") }
        return endpoint
    }

    /// Ends the peer in order: its input closes, it leaves; one that does not is killed.
    func close(within limit: Duration = .seconds(5)) async {
        try? commands.fileHandleForWriting.close()
        await awaitEnd(within: limit)
        kill()
        await awaitEnd(within: limit)
    }

    /// Ends the peer at once, as a crash would.
    func kill() {
        if process.isRunning { _ = Glibc.kill(process.processIdentifier, SIGKILL) }
    }

    /// Stops the peer's threads, as a machine under load would; `wake` lets them go on.
    func freeze() { _ = Glibc.kill(process.processIdentifier, SIGSTOP) }
    func wake() { _ = Glibc.kill(process.processIdentifier, SIGCONT) }

    private func awaitEnd(within limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while process.isRunning, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func remainingDiagnostics() async -> String {
        var lines: [String] = []
        while case .text(let line) = await diagnosticsMailbox.nextLine(within: .seconds(1)) {
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    private static func decode(_ line: String) throws -> PeerEvent {
        do {
            return try JSONDecoder().decode(PeerEvent.self, from: Data(line.utf8))
        } catch {
            throw PeerError.unreadable(line: line)
        }
    }

    private static func deliver(_ pipe: Pipe, to mailbox: PeerMailbox) {
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            mailbox.append(data)
        }
    }
}
