/// The Internet checksum over a PGM packet (RFC 3208 §8): the ones' complement of the ones' complement sum of its
/// 16-bit words, an odd last octet padded with zero. No pseudo header.
///
/// Sums of parts combine, so a header can change without a second pass over the payload:
///
///     payload:  sum once when it is stored
///     packet:   header sum + payload sum ──▶ checksum
///
/// The sum does not care for octet order until the end (RFC 1071 §2), so words are loaded as the machine has them, eight
/// octets at a time in lanes that the compiler keeps in vector registers.
public struct Checksum: Hashable, Sendable {
    /// 16 significant bits, in the order of memory.
    private var sum: UInt64 = 0
    /// An odd number of octets was added: the next one is the lower half of a word.
    private var isOdd = false

    public init() {}

    /// What belongs into the header; 0 is sent as all ones, for 0 means "none".
    public var value: UInt16 {
        let complement = ~UInt16(truncatingIfNeeded: sum)
        return complement == 0 ? 0xFFFF : UInt16(bigEndian: complement)
    }

    /// The sum over a whole packet with its checksum in place is all ones when nothing changed on the way.
    public var isAllOnes: Bool { sum == 0xFFFF }

    /// Adds octets behind those added so far.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(folded: Self.sum(of: bytes), byteCount: bytes.count)
    }

    /// Adds the sum of what stands behind the octets added so far.
    public mutating func add(_ other: Checksum) {
        add(folded: other.sum, byteCount: other.isOdd ? 1 : 0)
    }

    private mutating func add(folded other: UInt64, byteCount: Int) {
        let aligned =
            isOdd ? UInt64(UInt16(truncatingIfNeeded: other).byteSwapped) : other
        sum = Self.fold(sum &+ aligned)
        if byteCount & 1 == 1 { isOdd.toggle() }
    }

    /// The checksum after one 16-bit word of the packet has changed (RFC 1624, equation 3).
    public static func updated(_ checksum: UInt16, from old: UInt16, to new: UInt16) -> UInt16 {
        let sum = UInt64(~checksum) + UInt64(~old) + UInt64(new)
        let complement = ~UInt16(truncatingIfNeeded: fold(sum))
        return complement == 0 ? 0xFFFF : complement
    }

    @inline(__always)
    private static func fold(_ sum: UInt64) -> UInt64 {
        var sum = (sum & 0xFFFF_FFFF) &+ (sum >> 32)
        sum = (sum & 0xFFFF) &+ (sum >> 16)
        sum = (sum & 0xFFFF) &+ (sum >> 16)
        return (sum & 0xFFFF) &+ (sum >> 16)
    }

    /// The folded sum of these octets alone.
    private static func sum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress else { return 0 }
        let count = bytes.count
        var offset = 0
        var total: UInt64 = 0
        if count >= 64 {
            // Each lane adds 32-bit halves into 64 bits: room for 2^32 of them.
            var low = SIMD2<UInt64>.zero
            var high = SIMD2<UInt64>.zero
            var low2 = SIMD2<UInt64>.zero
            var high2 = SIMD2<UInt64>.zero
            let mask = SIMD2<UInt64>(repeating: 0xFFFF_FFFF)
            while count - offset >= 32 {
                let one = base.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
                let two = base.loadUnaligned(fromByteOffset: offset + 16, as: SIMD2<UInt64>.self)
                low = low &+ (one & mask)
                high = high &+ (one &>> 32)
                low2 = low2 &+ (two & mask)
                high2 = high2 &+ (two &>> 32)
                offset += 32
            }
            let lanes = low &+ high &+ low2 &+ high2
            total = (lanes[0] & 0xFFFF_FFFF) &+ (lanes[0] >> 32)
            total &+= (lanes[1] & 0xFFFF_FFFF) &+ (lanes[1] >> 32)
        }
        while count - offset >= 4 {
            total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            offset += 4
        }
        if count - offset >= 2 {
            total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            offset += 2
        }
        if offset < count {
            let octet = base.load(fromByteOffset: offset, as: UInt8.self)
            total &+= UInt64(UInt16(octet).littleEndian)
        }
        return fold(total)
    }
}

/// What a packet's checksum says.
public enum ChecksumVerdict: Hashable, Sendable {
    case valid
    case invalid
    /// 0 in the packet: its sender made none. Not allowed for ODATA and RDATA (RFC 3208 §8).
    case absent
}
