import Wire

/// An IP header that was checked, with the fragment it announces.
struct IPHeader {
    struct Fragment {
        var identification: UInt32
        var offset: Int
        var hasMore: Bool
    }

    var source: IPAddress
    var destination: IPAddress
    var protocolNumber: UInt8
    var timeToLive: UInt8
    var trafficClass: UInt8
    /// From the start of the header; extension headers are passed over.
    var payloadOffset: Int
    /// Octets of payload that were on the wire.
    var payloadByteCount: Int
    var fragment: Fragment?
    /// Neither right nor left out.
    var hasWrongSum = false
    /// Zero, which is left to the network card.
    var hasNoSum = false

    /// Reads from the header on, as far as captured; a link layer's padding may follow. `wireByteCount` octets were on the
    /// wire from there on.
    @inline(__always)
    static func readV4(
        _ bytes: UnsafeRawBufferPointer,
        wireByteCount: Int
    ) throws(SkipFailure) -> IPHeader {
        guard bytes.count >= 20 else { throw SkipFailure(.shortIPHeader) }
        let first = BigEndian.loadUInt64(bytes, at: 0)
        let headerByteCount = Int(first >> 56 & 0xF) * 4
        guard first >> 60 == 4, headerByteCount >= 20 else { throw SkipFailure(.badIPHeader) }
        guard bytes.count >= headerByteCount else { throw SkipFailure(.shortIPHeader) }
        var byteCount = Int(first >> 32 & 0xFFFF)
        // Segmentation offload leaves the length to the network card.
        if byteCount == 0 { byteCount = wireByteCount }
        guard byteCount >= headerByteCount else { throw SkipFailure(.badIPHeader) }
        let second = BigEndian.loadUInt64(bytes, at: 8)
        var header = IPHeader(
            source: IPAddress(v4: UInt32(truncatingIfNeeded: second)),
            destination: IPAddress(v4: BigEndian.loadUInt32(bytes, at: 16)),
            protocolNumber: UInt8(truncatingIfNeeded: second >> 48),
            timeToLive: UInt8(truncatingIfNeeded: second >> 56),
            trafficClass: UInt8(truncatingIfNeeded: first >> 48),
            payloadOffset: headerByteCount,
            payloadByteCount: byteCount - headerByteCount
        )
        if !isSumRight(bytes, headerByteCount) {
            header.hasNoSum = second >> 32 & 0xFFFF == 0
            header.hasWrongSum = !header.hasNoSum
        }
        if first & 0x3FFF != 0 {
            header.fragment = Fragment(
                identification: UInt32(truncatingIfNeeded: first >> 16 & 0xFFFF),
                offset: Int(first & 0x1FFF) * 8,
                hasMore: first & 0x2000 != 0
            )
        }
        return header
    }

    static func readV6(
        _ bytes: UnsafeRawBufferPointer,
        wireByteCount: Int
    ) throws(SkipFailure) -> IPHeader {
        guard bytes.count >= 40 else { throw SkipFailure(.shortIPHeader) }
        let first = BigEndian.loadUInt64(bytes, at: 0)
        guard first >> 60 == 6 else { throw SkipFailure(.badIPHeader) }
        var byteCount = Int(first >> 16 & 0xFFFF)
        // A jumbogram, or left to the network card.
        if byteCount == 0 { byteCount = max(0, wireByteCount - 40) }
        var header = IPHeader(
            source: IPAddress(
                v6High: BigEndian.loadUInt64(bytes, at: 8),
                low: BigEndian.loadUInt64(bytes, at: 16)
            ),
            destination: IPAddress(
                v6High: BigEndian.loadUInt64(bytes, at: 24),
                low: BigEndian.loadUInt64(bytes, at: 32)
            ),
            protocolNumber: UInt8(truncatingIfNeeded: first >> 8),
            timeToLive: UInt8(truncatingIfNeeded: first),
            trafficClass: UInt8(truncatingIfNeeded: first >> 52),
            payloadOffset: 40,
            payloadByteCount: byteCount
        )
        let kept = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, 40 + byteCount)])
        try header.skipExtensions(kept, end: 40 + byteCount)
        return header
    }

    /// Passes over IPv6 extension headers from `payloadOffset` on, up to a fragment header.
    /// `end` is where the payload ends on the wire.
    mutating func skipExtensions(
        _ bytes: UnsafeRawBufferPointer,
        end: Int
    ) throws(SkipFailure) {
        var count = 0
        while Self.extensionNumbers.contains(protocolNumber) {
            count += 1
            guard count <= Self.extensionCountMax else { throw SkipFailure(.badExtensionHeader) }
            guard bytes.count >= payloadOffset + 8 else {
                throw SkipFailure(
                    end >= payloadOffset + 8 ? .shortIPHeader : .badExtensionHeader
                )
            }
            let next = bytes[payloadOffset]
            let isFragment = protocolNumber == Self.fragmentNumber
            if isFragment, fragment == nil {
                let field = BigEndian.loadUInt16(bytes, at: payloadOffset + 2)
                // Neither more nor before: an atomic fragment is a whole datagram (RFC 6946).
                if field & 0xFFF9 != 0 {
                    fragment = Fragment(
                        identification: BigEndian.loadUInt32(bytes, at: payloadOffset + 4),
                        offset: Int(field & 0xFFF8),
                        hasMore: field & 1 != 0
                    )
                }
            }
            let units = Int(bytes[payloadOffset + 1])
            let byteCount =
                isFragment
                ? 8
                : protocolNumber == Self.authenticationNumber
                    ? (units + 2) * 4 : (units + 1) * 8
            protocolNumber = next
            payloadOffset += byteCount
            guard payloadOffset <= end else { throw SkipFailure(.badExtensionHeader) }
            guard payloadOffset <= bytes.count else { throw SkipFailure(.shortIPHeader) }
            if fragment != nil { break }
        }
        payloadByteCount = end - payloadOffset
    }

    /// Ones' complement sum of the header is all ones (RFC 791 §3.1).
    @inline(__always)
    private static func isSumRight(_ bytes: UnsafeRawBufferPointer, _ byteCount: Int) -> Bool {
        var sum: UInt64 = 0
        var offset = 0
        while offset < byteCount {
            sum &+= UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            offset += 4
        }
        sum = (sum & 0xFFFF_FFFF) &+ (sum >> 32)
        sum = (sum & 0xFFFF) &+ (sum >> 16)
        sum = (sum & 0xFFFF) &+ (sum >> 16)
        return (sum & 0xFFFF) &+ (sum >> 16) == 0xFFFF
    }

    private static let fragmentNumber: UInt8 = 44
    private static let authenticationNumber: UInt8 = 51
    /// Hop-by-hop, routing, fragment, authentication, destination options, mobility, HIP, shim6.
    private static let extensionNumbers: [UInt8] = [0, 43, 44, 51, 60, 135, 139, 140]
    private static let extensionCountMax = 16
}

/// Carries the reason out of a parser.
struct SkipFailure: Error {
    var reason: SkipReason

    init(_ reason: SkipReason) {
        self.reason = reason
    }
}
