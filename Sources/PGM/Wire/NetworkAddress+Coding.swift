import Vocabulary
import Wire

/// A network-layer address (NLA) in a packet.
///
///     +-------------+------------+-----------------------+
///     | AFI 16 bits | reserved   | address, 4 or 16      |    AFI 1: IPv4, 2: IPv6
///     +-------------+------------+-----------------------+
extension NetworkAddress {
    /// Address family indicators (RFC 1700).
    static let indicatorV4: UInt16 = 1
    static let indicatorV6: UInt16 = 2
    /// AFI and reserved octets before an address.
    static let headByteCount = 4

    var indicator: UInt16 { family == .v4 ? Self.indicatorV4 : Self.indicatorV6 }

    /// Octets with AFI and reserved: 8 or 20.
    var encodedByteCount: Int { Self.headByteCount + byteCount }

    /// Octets of an address after this AFI; `nil` for a family that PGM over IP does not know.
    @inline(__always)
    static func byteCount(indicator: UInt16) -> Int? {
        switch indicator {
        case indicatorV4: 4
        case indicatorV6: 16
        default: nil
        }
    }

    /// Reads AFI, reserved and address; the caller has checked AFI and length.
    init(encoded bytes: UnsafeRawBufferPointer, at offset: Int) {
        let isV4 = BigEndian.loadUInt16(bytes, at: offset) == Self.indicatorV4
        self.init(
            bare: bytes,
            at: offset + Self.headByteCount,
            family: isV4 ? .v4 : .v6
        )
    }

    /// Reads an address without AFI; the caller has checked the length.
    init(bare bytes: UnsafeRawBufferPointer, at offset: Int, family: Family) {
        switch family {
        case .v4:
            self.init(v4: BigEndian.loadUInt32(bytes, at: offset))
        case .v6:
            self.init(
                v6High: BigEndian.loadUInt64(bytes, at: offset),
                low: BigEndian.loadUInt64(bytes, at: offset + 8)
            )
        }
    }

    /// Writes AFI, reserved and address; gives the offset behind it.
    func write(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        BigEndian.store(indicator, in: bytes, at: offset)
        BigEndian.store(UInt16(0), in: bytes, at: offset + 2)
        return writeBare(into: bytes, at: offset + Self.headByteCount)
    }

    /// Writes the address alone; gives the offset behind it.
    func writeBare(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        switch family {
        case .v4:
            BigEndian.store(UInt32(truncatingIfNeeded: low), in: bytes, at: offset)
        case .v6:
            BigEndian.store(high, in: bytes, at: offset)
            BigEndian.store(low, in: bytes, at: offset + 8)
        }
        return offset + byteCount
    }
}
