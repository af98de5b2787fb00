import Wire

/// What netfilter logged: family, version, group, then attributes in the byte order of the machine that captured. The packet is one of them.
///
///     family (8) | version (8) | group (16) | { length (16) | type (16) | value | padding to 4 } …
enum NFLOGHeader {
    static func read(_ wire: WireBytes) throws(SkipFailure) -> TunnelHeader {
        try wire.require(8)
        guard wire.bytes[1] == 0 else { throw SkipFailure(.badTunnelHeader) }
        // The first attribute is short: read the wrong way round, its length is a large number.
        let isLittleEndian =
            load(wire.bytes, 4, isLittle: true) <= load(wire.bytes, 4, isLittle: false)
        var offset = 4
        while offset + 4 <= wire.byteCount {
            try wire.require(offset + 4)
            let length = Int(load(wire.bytes, offset, isLittle: isLittleEndian))
            // The upper bits tell of nested attributes.
            let type = load(wire.bytes, offset + 2, isLittle: isLittleEndian) & 0x3FFF
            guard length >= 4 else { throw SkipFailure(.badTunnelHeader) }
            if type == payloadType { return TunnelHeader(carried: .ip, byteCount: offset + 4) }
            offset += (length + 3) & ~3
        }
        throw SkipFailure(.badTunnelHeader)
    }

    private static func load(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: Int,
        isLittle: Bool
    ) -> UInt16 {
        let number = BigEndian.loadUInt16(bytes, at: offset)
        return isLittle ? number.byteSwapped : number
    }

    /// NFULA_PAYLOAD.
    private static let payloadType: UInt16 = 9
}
