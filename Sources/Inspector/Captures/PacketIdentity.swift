import Dissection
import PGM

/// What a packet is recognised by wherever it is captured: everything that no hop, no card and no tunnel changes.
enum PacketIdentity {
    /// `nil` for what is not followed.
    static func hash(_ dissection: DissectedPacket) -> UInt64? {
        switch dissection {
        case .pgm(let pgm): hash(pgm.datagram, pgm.packet.bytes, omitting: nil)
        case .udp(let udp): hash(udp.datagram, udp.datagram.payload, omitting: 6)
        case .tcp(let segment): hash(segment.datagram, segment.datagram.payload, omitting: 16)
        case .membership(let message):
            hash(message.datagram, message.datagram.payload, omitting: nil)
        case .unread, .incomplete, .skipped: nil
        }
    }

    /// Of the first octets, and of how many there are; of the addresses, and not of the checksum, which a sending host may leave to its card.
    private static func hash(
        _ datagram: Datagram,
        _ bytes: UnsafeRawBufferPointer,
        omitting checksum: Int?
    ) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: bytes.count &+ datagram.missingByteCount)
        for address in [datagram.source, datagram.destination] {
            hash = mix(hash ^ address.high)
            hash = mix(hash ^ address.low)
        }
        hash = mix(hash ^ UInt64(datagram.protocolNumber))
        let end = min(bytes.count, octetCountMax)
        var offset = 0
        while offset + 8 <= end {
            var word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            if let checksum, checksum / 8 == offset / 8 {
                word &= ~(0xFFFF << UInt64(checksum % 8 * 8))
            }
            hash = mix(hash ^ word)
            offset += 8
        }
        for octet in bytes[offset..<end] { hash = mix(hash ^ UInt64(octet)) }
        return hash
    }

    private static func mix(_ number: UInt64) -> UInt64 {
        let product = (number ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
            by: 0xD6E8_FEB8_6659_FD93
        )
        return product.high ^ product.low
    }

    /// A multiple of eight.
    private static let octetCountMax = 72
}
