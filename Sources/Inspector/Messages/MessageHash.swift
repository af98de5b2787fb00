import Wire

/// A 64-bit hash of a whole message: all frames with their lengths and order, the same for ZMTP 1, 2, 3 and the framing
/// inside PGM, and the same however the octets are cut into pieces.
///
///     var hash = MessageHash()
///     hash.append(piece)            // any number of pieces of a frame's body
///     hash.endFrame()               // after every frame
///     let digest = hash.finish()    // after the last frame; ready for the next message
///
/// Not for adversaries: two messages with one hash can be made on purpose. Among a billion honest ones the chance of two
/// is 3 %.
public struct MessageHash: Sendable {
    private var state = Self.seed
    /// Octets that do not fill a block of 16 yet, little-endian.
    private var tailLow: UInt64 = 0
    private var tailHigh: UInt64 = 0
    private var tailByteCount = 0
    private var frameByteCount = 0
    private var byteCount = 0
    private var frameCount = 0
    private var topic = TopicPrefix.empty
    /// Of the whole first frame.
    private var topicFingerprint: UInt32 = 0

    public init() {}

    /// Octets of the current frame.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        if frameCount == 0, topic.count < UInt8(TopicPrefix.byteCountMax) {
            if topic.count == 0 { topic = TopicPrefix(bytes) } else { topic.append(bytes) }
        }
        frameByteCount += bytes.count
        var offset = 0
        if tailByteCount > 0 {
            while tailByteCount < 16, offset < bytes.count {
                appendToTail(bytes[offset])
                offset += 1
            }
            guard tailByteCount == 16 else { return }
            absorb(tailLow, tailHigh)
            (tailLow, tailHigh, tailByteCount) = (0, 0, 0)
        }
        while offset + 16 <= bytes.count {
            absorb(
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
                UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                )
            )
            offset += 16
        }
        while offset < bytes.count {
            appendToTail(bytes[offset])
            offset += 1
        }
    }

    /// The frame's body is complete. Lengths are part of the hash, so frames cannot run into each other.
    public mutating func endFrame() {
        if frameCount == 0 { topic.isWhole = frameByteCount <= TopicPrefix.byteCountMax }
        absorb(tailLow, tailHigh)
        absorb(UInt64(truncatingIfNeeded: frameByteCount), Self.frameMark)
        if frameCount == 0 { topicFingerprint = UInt32(truncatingIfNeeded: state) | 1 }
        byteCount += frameByteCount
        frameCount += 1
        (tailLow, tailHigh, tailByteCount, frameByteCount) = (0, 0, 0, 0)
    }

    /// The message is complete; starts anew.
    public mutating func finish() -> MessageDigest {
        // What more frames follow is a topic; a message of one frame is a topic and more.
        if frameCount > 1, !topic.isWhole { topic.fingerprint = topicFingerprint }
        let digest = MessageDigest(
            hash: Self.mix(state ^ Self.secret, UInt64(truncatingIfNeeded: frameCount) ^ Self.seed),
            byteCount: byteCount,
            frameCount: frameCount,
            topic: topic
        )
        self = MessageHash()
        return digest
    }

    private mutating func appendToTail(_ octet: UInt8) {
        let shift = UInt64(tailByteCount % 8 * 8)
        if tailByteCount < 8 {
            tailLow |= UInt64(octet) << shift
        } else {
            tailHigh |= UInt64(octet) << shift
        }
        tailByteCount += 1
    }

    private mutating func absorb(_ low: UInt64, _ high: UInt64) {
        state = Self.mix(low ^ Self.secret, high ^ state)
    }

    /// The two halves of the 128-bit product, folded (the mixing step of wyhash).
    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    private static let seed: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let secret: UInt64 = 0xA076_1D64_78BD_642F
    private static let frameMark: UInt64 = 0xE703_7ED1_A0B4_28DB
}

/// What is kept of a message.
public struct MessageDigest: Hashable, Sendable {
    public var hash: UInt64
    /// Octets of all frames' bodies.
    public var byteCount: Int
    public var frameCount: Int
    public var topic: TopicPrefix

    public init(hash: UInt64, byteCount: Int, frameCount: Int, topic: TopicPrefix) {
        self.hash = hash
        self.byteCount = byteCount
        self.frameCount = frameCount
        self.topic = topic
    }
}
