/// What the demonstration sends: one frame.
///
///     ┌─ topic ──────────────┬ kind ┬ number ┬ sent at ┬ padding ─┐
///     │ the tree's + xylem.  │ 1 B  │ 8 B    │ 8 B     │ zeros    │
///     └──────────────────────┴──────┴────────┴─────────┴──────────┘
///
/// Numbers are big-endian. The time is of the clock of one process, which sends and receives.
struct DemoMessage: Equatable {
    enum Kind: UInt8 {
        /// Shows that a subscription is in force; not counted.
        case probe = 0x70
        case counted = 0x6D
    }

    var kind: Kind
    /// Counted from 0.
    var number: Int
    /// Nanoseconds.
    var sentAt: UInt64

    init(kind: Kind, number: Int, sentAt: UInt64) {
        self.kind = kind
        self.number = number
        self.sentAt = sentAt
    }

    /// Reads what `encoded` wrote; `nil` for anything else.
    init?(_ bytes: UnsafeRawBufferPointer, topicByteCount: Int) {
        guard bytes.count >= topicByteCount + Self.headerByteCount,
            let kind = Kind(rawValue: bytes[topicByteCount])
        else { return nil }
        func word(at offset: Int) -> UInt64 {
            UInt64(
                bigEndian: bytes.loadUnaligned(
                    fromByteOffset: topicByteCount + offset,
                    as: UInt64.self
                )
            )
        }
        guard let number = Int(exactly: word(at: 1)) else { return nil }
        self.init(kind: kind, number: number, sentAt: word(at: 9))
    }

    /// The frame, `byteCount` octets long or as long as it must be.
    func encoded(topic: [UInt8], byteCount: Int) -> [UInt8] {
        var bytes = topic
        bytes.reserveCapacity(max(byteCount, topic.count + Self.headerByteCount))
        bytes.append(kind.rawValue)
        for word in [UInt64(number), sentAt] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        if bytes.count < byteCount {
            bytes.append(contentsOf: repeatElement(0, count: byteCount - bytes.count))
        }
        return bytes
    }

    static let headerByteCount = 17
}
