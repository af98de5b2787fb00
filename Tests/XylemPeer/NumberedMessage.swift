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

    /// The number of a data message of that topic; `nil` for any other message.
    static func sequence(of message: Message, topic: [UInt8]) -> UInt64? {
        message[0].withUnsafeBytes { head in
            guard head.count >= topic.count + 8, head.starts(with: topic) else { return nil }
            return UInt64(
                bigEndian: head.loadUnaligned(fromByteOffset: topic.count, as: UInt64.self)
            )
        }
    }

    /// Whether the frames are those of the message with that number, whatever their sizes.
    static func isIntact(_ message: Message, sequence: UInt64, topic: [UInt8]) -> Bool {
        var isHead = true
        for frame in message.frames {
            let isGood = frame.withUnsafeBytes { bytes in
                let body = bytes.dropFirst(isHead ? topic.count + 8 : 0)
                var expected = UInt8(truncatingIfNeeded: sequence)
                for byte in body {
                    guard byte == expected else { return false }
                    expected &+= 1
                }
                return true
            }
            guard isGood else { return false }
            isHead = false
        }
        return true
    }
}
