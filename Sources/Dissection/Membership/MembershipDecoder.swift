import PGM
import Wire

/// Decodes IGMP (RFC 1112, 2236, 3376) and MLD (RFC 2710, 3810).
///
/// Lists are read as far as they were captured; a list that is longer than its message is a fault of the sender.
enum MembershipDecoder {
    /// `nil` for what these protocols carry besides: DVMRP, router discovery, neighbour discovery.
    static func decode(_ datagram: Datagram) throws(SkipFailure) -> MembershipMessage? {
        let bytes = datagram.payload
        guard let first = bytes.first else { throw short(datagram, needed: 8) }
        let decoded: (MembershipMessage.Version, MembershipMessage.Content)?
        if datagram.protocolNumber == 2 {
            decoded = try decodeIGMP(type: first, datagram)
        } else {
            decoded = try decodeMLD(type: first, datagram)
        }
        return decoded.map { version, content in
            MembershipMessage(
                datagram: datagram,
                version: version,
                content: content,
                checksum: checksum(datagram)
            )
        }
    }

    private static func decodeIGMP(
        type: UInt8,
        _ datagram: Datagram
    ) throws(SkipFailure) -> (MembershipMessage.Version, MembershipMessage.Content)? {
        guard [0x11, 0x12, 0x16, 0x17, 0x22].contains(type) else { return nil }
        let bytes = datagram.payload
        try need(8, datagram)
        let group = IPAddress(v4: BigEndian.loadUInt32(bytes, at: 4))
        switch type {
        case 0x11:
            let (version, query) = try igmpQuery(group, datagram)
            return (version, .query(query))
        case 0x12: return (.igmp1, .records([.init(kind: .report, group: group)]))
        case 0x16: return (.igmp2, .records([.init(kind: .report, group: group)]))
        case 0x17: return (.igmp2, .records([.init(kind: .leave, group: group)]))
        default: return (.igmp3, .records(try records(datagram, addressByteCount: 4)))
        }
    }

    private static func igmpQuery(
        _ group: IPAddress,
        _ datagram: Datagram
    ) throws(SkipFailure) -> (MembershipMessage.Version, MembershipMessage.Query) {
        let bytes = datagram.payload
        let code = bytes[1]
        let asked = group.low == 0 ? nil : group
        guard wireByteCount(datagram) >= 12 else {
            // A version is told by the length, and 1 by its unused field.
            let query = MembershipMessage.Query(
                group: asked,
                maximumResponseMilliseconds: Int(code) * 100
            )
            return (code == 0 ? .igmp1 : .igmp2, query)
        }
        try need(12, datagram)
        var query = MembershipMessage.Query(
            group: asked,
            maximumResponseMilliseconds: floating(code) * 100
        )
        query.suppressesRouters = bytes[8] & 0x08 != 0
        query.robustness = bytes[8] & 0x07
        query.intervalSeconds = floating(bytes[9])
        let count = Int(BigEndian.loadUInt16(bytes, at: 10))
        query.sources = try addresses(count, at: 12, datagram, addressByteCount: 4)
        return (.igmp3, query)
    }

    private static func decodeMLD(
        type: UInt8,
        _ datagram: Datagram
    ) throws(SkipFailure) -> (MembershipMessage.Version, MembershipMessage.Content)? {
        guard [130, 131, 132, 143].contains(type) else { return nil }
        if type == 143 {
            try need(8, datagram)
            return (.mld2, .records(try records(datagram, addressByteCount: 16)))
        }
        try need(24, datagram)
        let bytes = datagram.payload
        let group = address(bytes, at: 8, byteCount: 16)
        switch type {
        case 131: return (.mld1, .records([.init(kind: .report, group: group)]))
        case 132: return (.mld1, .records([.init(kind: .leave, group: group)]))
        default: break
        }
        let code = BigEndian.loadUInt16(bytes, at: 4)
        let asked = group.high | group.low == 0 ? nil : group
        guard wireByteCount(datagram) >= 28 else {
            let query = MembershipMessage.Query(
                group: asked,
                maximumResponseMilliseconds: Int(code)
            )
            return (.mld1, .query(query))
        }
        try need(28, datagram)
        // RFC 3810 §5.1.3.
        let response =
            code < 0x8000
            ? Int(code) : (Int(code & 0x0FFF) | 0x1000) << (Int(code >> 12 & 7) + 3)
        var query = MembershipMessage.Query(group: asked, maximumResponseMilliseconds: response)
        query.suppressesRouters = bytes[24] & 0x08 != 0
        query.robustness = bytes[24] & 0x07
        query.intervalSeconds = floating(bytes[25])
        let count = Int(BigEndian.loadUInt16(bytes, at: 26))
        query.sources = try addresses(count, at: 28, datagram, addressByteCount: 16)
        return (.mld2, .query(query))
    }

    /// The group records of IGMP 3 and MLD 2; they differ in the length of addresses only.
    private static func records(
        _ datagram: Datagram,
        addressByteCount: Int
    ) throws(SkipFailure) -> [MembershipMessage.Record] {
        let bytes = datagram.payload
        let end = wireByteCount(datagram)
        var records: [MembershipMessage.Record] = []
        var offset = 8
        for _ in 0..<Int(BigEndian.loadUInt16(bytes, at: 6)) {
            let sourcesOffset = offset + 4 + addressByteCount
            guard sourcesOffset <= end else { throw SkipFailure(.badMembershipMessage) }
            guard sourcesOffset <= bytes.count else { break }
            let count = Int(BigEndian.loadUInt16(bytes, at: offset + 2))
            let sources = try addresses(
                count,
                at: sourcesOffset,
                datagram,
                addressByteCount: addressByteCount
            )
            // A kind that no RFC knows is passed over (RFC 3376 §4.2.12).
            if let kind = kind(bytes[offset]) {
                let group = address(bytes, at: offset + 4, byteCount: addressByteCount)
                records.append(.init(kind: kind, group: group, sources: sources))
            }
            offset = sourcesOffset + count * addressByteCount + Int(bytes[offset + 1]) * 4
        }
        return records
    }

    private static func kind(_ octet: UInt8) -> MembershipMessage.Record.Kind? {
        switch octet {
        case 1: .modeIsInclude
        case 2: .modeIsExclude
        case 3: .changeToInclude
        case 4: .changeToExclude
        case 5: .allowNewSources
        case 6: .blockOldSources
        default: nil
        }
    }

    private static func addresses(
        _ count: Int,
        at offset: Int,
        _ datagram: Datagram,
        addressByteCount: Int
    ) throws(SkipFailure) -> [IPAddress] {
        guard offset + count * addressByteCount <= wireByteCount(datagram) else {
            throw SkipFailure(.badMembershipMessage)
        }
        let kept = max(0, datagram.payload.count - offset) / addressByteCount
        return (0..<min(count, kept)).map { index in
            address(
                datagram.payload,
                at: offset + index * addressByteCount,
                byteCount: addressByteCount
            )
        }
    }

    private static func address(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int,
        byteCount: Int
    ) -> IPAddress {
        byteCount == 4
            ? IPAddress(v4: BigEndian.loadUInt32(bytes, at: offset))
            : IPAddress(
                v6High: BigEndian.loadUInt64(bytes, at: offset),
                low: BigEndian.loadUInt64(bytes, at: offset + 8)
            )
    }

    /// Times of IGMP 3 and QQIC: from 128 on a mantissa with an exponent (RFC 3376 §4.1.1).
    private static func floating(_ code: UInt8) -> Int {
        code < 128 ? Int(code) : (Int(code & 0x0F) | 0x10) << (Int(code >> 4 & 7) + 3)
    }

    private static func checksum(_ datagram: Datagram) -> ChecksumState {
        guard datagram.missingByteCount == 0 else { return .unknown }
        var sum = Checksum()
        if datagram.source.family == .v6 {
            var header: [UInt8] = []
            for address in [datagram.source, datagram.destination] {
                BigEndian.append(address.high, to: &header)
                BigEndian.append(address.low, to: &header)
            }
            BigEndian.append(UInt32(truncatingIfNeeded: datagram.payload.count), to: &header)
            BigEndian.append(UInt32(datagram.protocolNumber), to: &header)
            header.withUnsafeBytes { sum.add($0) }
        }
        sum.add(datagram.payload)
        return sum.isAllOnes ? .valid : .invalid
    }

    private static func wireByteCount(_ datagram: Datagram) -> Int {
        datagram.payload.count + datagram.missingByteCount
    }

    private static func need(_ byteCount: Int, _ datagram: Datagram) throws(SkipFailure) {
        if datagram.payload.count < byteCount { throw short(datagram, needed: byteCount) }
    }

    private static func short(_ datagram: Datagram, needed: Int) -> SkipFailure {
        SkipFailure(
            wireByteCount(datagram) < needed ? .badMembershipMessage : .shortTransportHeader
        )
    }
}
