import Wire

/// The first octets of a message's first frame: what subscriptions and the topics of trees are matched against.
///
/// At most `byteCountMax` octets are kept, so a longer prefix can only be told to be excluded or possible.
public struct TopicPrefix: Hashable, Sendable {
    /// The octets in big-endian order; those that are not there are zero.
    public var high: UInt64
    public var low: UInt64
    /// Octets kept, at most `byteCountMax`.
    public var count: UInt8
    /// Whether the frame has no more octets than are kept.
    public var isWhole: Bool
    /// Of a topic that is longer than what is kept and is a frame of its own: tells it from others that begin like it.
    /// 0 otherwise.
    public internal(set) var fingerprint: UInt32 = 0

    public static let byteCountMax = 16

    /// Takes the body of a first frame, or its beginning.
    public init(_ body: UnsafeRawBufferPointer, isWhole: Bool = true) {
        self.init(high: 0, low: 0, count: 0, isWhole: isWhole)
        if body.count >= Self.byteCountMax {
            high = BigEndian.loadUInt64(body, at: 0)
            low = BigEndian.loadUInt64(body, at: 8)
            count = UInt8(Self.byteCountMax)
            self.isWhole = isWhole && body.count == Self.byteCountMax
        } else {
            append(body)
        }
    }

    init(high: UInt64, low: UInt64, count: UInt8, isWhole: Bool) {
        self.high = high
        self.low = low
        self.count = count
        self.isWhole = isWhole
    }

    public static let empty = TopicPrefix(high: 0, low: 0, count: 0, isWhole: true)

    /// Octets of the same frame that follow those taken before.
    mutating func append(_ body: UnsafeRawBufferPointer) {
        for octet in body.prefix(Self.byteCountMax - Int(count)) {
            let shift = UInt64(56 - Int(count) % 8 * 8)
            if count < 8 { high |= UInt64(octet) << shift } else { low |= UInt64(octet) << shift }
            count += 1
        }
    }

    public enum Match: Sendable {
        case yes, no
        /// The prefix is longer than what is kept, and equal as far as that goes.
        case possible
    }

    /// Whether the topic begins with `prefix`.
    public func matches(_ prefix: some Collection<UInt8>) -> Match {
        for (index, octet) in prefix.prefix(Int(count)).enumerated() where self[index] != octet {
            return .no
        }
        if prefix.count <= Int(count) { return .yes }
        return isWhole ? .no : .possible
    }

    private subscript(index: Int) -> UInt8 {
        let half = index < 8 ? high : low
        return UInt8(truncatingIfNeeded: half >> UInt64(56 - index % 8 * 8))
    }

    /// Whether another topic that is equal to this one is surely the same.
    var isIdentity: Bool { isWhole || fingerprint != 0 }

    /// The first octets, as if they were a whole topic.
    func prefix(_ byteCount: Int) -> TopicPrefix {
        var prefix = TopicPrefix.empty
        Array(bytes.prefix(byteCount)).withUnsafeBytes { prefix = TopicPrefix($0) }
        return prefix
    }

    /// The octets kept.
    public var bytes: [UInt8] { (0..<Int(count)).map { self[$0] } }
}
