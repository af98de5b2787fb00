import Wire

/// The header of a UDP datagram: ports, and the payload as far as it was captured.
struct UDPHeader {
    var sourcePort: UInt16
    var destinationPort: UInt16
    var checksum: UInt16
    /// Of header and payload, on the wire.
    var byteCount: Int
    var payload: UnsafeRawBufferPointer
    var missingByteCount: Int { byteCount - 8 - payload.count }

    @inline(__always)
    init(_ datagram: Datagram) throws(SkipFailure) {
        let bytes = datagram.payload
        let wireByteCount = bytes.count + datagram.missingByteCount
        guard bytes.count >= 8 else {
            throw SkipFailure.shortTransport(wireByteCount, needed: 8)
        }
        let head = BigEndian.loadUInt64(bytes, at: 0)
        byteCount = Int(head >> 16 & 0xFFFF)
        // Too long for the field, as jumbograms are.
        if byteCount == 0 { byteCount = wireByteCount }
        guard byteCount >= 8, byteCount <= wireByteCount else {
            throw SkipFailure(.badTransportHeader)
        }
        payload = UnsafeRawBufferPointer(rebasing: bytes[8..<min(bytes.count, byteCount)])
        checksum = UInt16(truncatingIfNeeded: head)
        destinationPort = UInt16(truncatingIfNeeded: head >> 32)
        sourcePort = UInt16(truncatingIfNeeded: head >> 48)
    }
}

extension SkipFailure {
    /// The snap length's fault, or the sender's.
    static func shortTransport(_ wireByteCount: Int, needed: Int) -> SkipFailure {
        SkipFailure(wireByteCount < needed ? .badTransportHeader : .shortTransportHeader)
    }
}
