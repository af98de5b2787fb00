import PGM
import Wire

/// Several PGM packets in one captured UDP datagram: what the kernel of the capturing machine had not yet cut into
/// segments (UDP segmentation offload), or had already glued together (receive offload).
///
/// All but the last have one length, so the first packet's tells where the others begin. It is believed only when every
/// packet is whole, belongs to the same session and has the right checksum.
struct PGMSegments {
    private var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    private var segmentByteCount = 0
    private var offset = 0
    private var template: PGMDatagram?

    var hasMore: Bool { template != nil && offset < bytes.count }

    mutating func forget() {
        if template != nil { template = nil }
    }

    /// Looks for segments in a datagram that is no single PGM packet.
    mutating func begin(
        _ bytes: UnsafeRawBufferPointer,
        _ datagram: Datagram,
        _ encapsulation: Encapsulation
    ) {
        template = nil
        guard datagram.missingByteCount == 0,
            let segmentByteCount = Self.firstPacketByteCount(bytes),
            segmentByteCount < bytes.count,
            let first = Self.packet(bytes, 0, segmentByteCount)
        else { return }
        var offset = segmentByteCount
        while offset < bytes.count {
            let count = min(segmentByteCount, bytes.count - offset)
            guard let packet = Self.packet(bytes, offset, count),
                packet.sessionID == first.sessionID
            else { return }
            offset += count
        }
        self.bytes = bytes
        self.segmentByteCount = segmentByteCount
        self.offset = 0
        template = PGMDatagram(
            datagram: datagram,
            encapsulation: encapsulation,
            packet: first,
            checksum: .valid
        )
    }

    mutating func next() -> PGMDatagram? {
        guard hasMore, var result = template else { return nil }
        let count = min(segmentByteCount, bytes.count - offset)
        guard let packet = Self.packet(bytes, offset, count) else { return nil }
        result.packet = packet
        result.datagram.payload = packet.bytes
        offset += count
        return result
    }

    private static func packet(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: Int,
        _ count: Int
    ) -> PacketView? {
        let segment = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
        guard let packet = try? PacketView(segment), packet.type.isData,
            packet.verifyChecksum() == .valid
        else { return nil }
        return packet
    }

    /// Of data, whose header tells its length.
    private static func firstPacketByteCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count > PacketView.dataHeaderByteCount,
            bytes[4] == PacketType.odata.rawValue || bytes[4] == PacketType.rdata.rawValue,
            bytes[5] & 0x3C == 0
        else { return nil }
        var byteCount = PacketView.dataHeaderByteCount + Int(BigEndian.loadUInt16(bytes, at: 14))
        if bytes[5] & PacketFlags.options.rawValue != 0 {
            guard bytes.count >= PacketView.dataHeaderByteCount + 4 else { return nil }
            byteCount += Int(BigEndian.loadUInt16(bytes, at: PacketView.dataHeaderByteCount + 2))
        }
        return byteCount
    }
}
