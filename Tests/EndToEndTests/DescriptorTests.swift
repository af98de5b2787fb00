import Foundation
import Glibc
import RouterNode
import SocketTestSupport
import Testing
import Vocabulary
import ZeroMQ

@testable import xylem

/// A relay that has fewer descriptors than there are who want to connect.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DescriptorTests {
    @Test func `accepting pauses without a busy loop, and goes on when connections close`()
        async throws
    {
        let command = try RunningCommand(
            program: "/bin/sh",
            [
                "sh", "-c", "ulimit -n 64; exec \"$0\" \"$@\"", RunningCommand.executable,
                "node", "--publishers", "tcp://127.0.0.1:*", "--subscribers", "tcp://127.0.0.1:*",
                "--control", "127.0.0.1:0", "--format", "json",
            ]
        )
        let ready = try await command.firstLine("ready line") { data in
            try? JSONDecoder().decode(NodeReady.self, from: data)
        }
        let control = try #require(ready.control)
        let endpoint = try Endpoint(ready.subscribers)
        try await eventually("the room in the log") {
            command.diagnostics.contains("publishers and relays: 64 file descriptors (ulimit -n)")
        }
        // The kernel takes them all; the relay accepts what it has room for.
        var peers: [RawPeer] = []
        for _ in 0..<120 {
            let peer = try await RawPeer.connect(to: endpoint)
            // Else the ones that are accepted would be sent away after a while, and make room.
            try await peer.send(Octets.greeting() + Octets.ready("SUB"))
            peers.append(peer)
        }
        try await eventually("the pause in the log") {
            command.diagnostics.contains("of 64 file descriptors are in use")
        }
        let before = try Self.processorTicks(of: command.pid)
        let full = try await ControlClient.status(at: control)
        #expect(full.totals.acceptPauses == 1)
        try await Task.sleep(for: .seconds(3))
        // Who waits is still there, and is not asked for again and again; status has its descriptor.
        let later = try await ControlClient.status(at: control)
        #expect(later.totals.acceptPauses == 1)
        // A loop that is busy would have used all of three seconds; this is a hundredth of a second each.
        let used = try Self.processorTicks(of: command.pid) - before
        #expect(used < 100, "\(used) ticks")
        #expect(command.diagnostics.components(separatedBy: "are in use, and").count == 2)

        for peer in peers { await peer.close() }
        let subscriber = Subscriber()
        try await subscriber.connect(ready.subscribers)
        try await subscriber.subscribe(to: "a")
        try await eventually("the subscriber at the relay") {
            try await ControlClient.status(at: control).totals.subscriptions == 1
        }
        try await eventually("the end of the pause in the log") {
            command.diagnostics.contains("there is room for connections again")
        }
        await subscriber.close()
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    /// What the process has used of the processor: user and system time, in hundredths of a second.
    private static func processorTicks(of pid: Int) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = text.drop { $0 != ")" }.split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
            throw TimedOut(awaited: "the process's times")
        }
        return user + system
    }
}
