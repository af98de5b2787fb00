import SocketTestSupport
import ZeroMQ

@testable import XylemPeer

extension PublishingSocket {
    /// Sends the messages numbered `range`, none dropped for the socket's own queue.
    func send(_ range: Range<UInt64>, like first: NumberedMessage) async throws {
        var next = first
        for sequence in range {
            next.sequence = sequence
            try await sendWaiting(next.message)
        }
    }

    /// Sends probes of the topic until the peer tells that one came. A PUB does not know its subscribers.
    func probe(_ topic: String, until peer: PeerProcess) async throws {
        let probing = Task {
            while !Task.isCancelled {
                send(Message(topic + "~probe"))
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        defer { probing.cancel() }
        _ = try await peer.event("probed")
    }
}

extension SubscribingSocket {
    /// Waits for a probe of the peer, and tells it to stop.
    func awaitProbe(_ topic: String, of peer: PeerProcess) async throws {
        try peer.send("probe \(topic)")
        _ = try await within("probe") { try await self.receive() }
        try peer.send("probe-stop")
    }

    /// Takes data messages, passing over probes, and compares them with those numbered `range`. Gives how many differ.
    func compare(_ range: Range<UInt64>, with first: NumberedMessage) async throws -> Int {
        try await within("\(range.count) messages") {
            var next = first
            var differenceCount = 0
            for sequence in range {
                next.sequence = sequence
                var message = try await self.receive()
                while message.isProbe { message = try await self.receive() }
                if !next.isEqual(to: message) { differenceCount += 1 }
            }
            return differenceCount
        }
    }
}

extension Message {
    /// Looks at its size first: a large message is no text.
    fileprivate var isProbe: Bool { byteCount < 256 && self[0].text.hasSuffix("~probe") }
}
