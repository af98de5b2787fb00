import SocketTestSupport
import ZeroMQ

/// The numbered data messages that `Peers/peer.py` describes, made and checked on our side.
struct NumberedMessage {
    var topic: String
    var sequence: UInt64
    /// Octets of the one frame, or of each frame after the first.
    var byteCount = 64
    var partCount = 1

    private var head: [UInt8] {
        Array(topic.utf8) + withUnsafeBytes(of: sequence.bigEndian) { Array($0) }
    }

    var message: Message {
        let head = head
        guard partCount > 1 else {
            let padding = Self.padding(sequence, max(0, byteCount - head.count))
            return Message([Frame(head + padding)])
        }
        let parts = [Frame](
            repeating: Frame(Self.padding(sequence, byteCount)),
            count: partCount - 1
        )
        return Message([Frame(head)] + parts)
    }

    private static func padding(_ sequence: UInt64, _ byteCount: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount + 256)
        let cycle = (0..<256).map { UInt8(truncatingIfNeeded: sequence &+ $0) }
        while bytes.count < byteCount { bytes += cycle }
        bytes.removeLast(bytes.count - byteCount)
        return bytes
    }

    /// Whether `message` is this one, octet for octet.
    func isEqual(to message: Message) -> Bool {
        message == self.message
    }
}

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
