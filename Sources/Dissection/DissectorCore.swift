import PGM
import Wire

/// The work of `Dissector`, as a value: its parts are reached without the checks that classes need.
struct DissectorCore {
    var detector: PGMDetector
    var segments = PGMSegments()
    private var fragments = FragmentTable()
    /// What is around the datagram of the packet that was dissected last.
    var path = OuterPath()
    var sums = SenderSums()

    init(_ options: DissectorOptions) {
        detector = PGMDetector(options)
    }

    var reassembledCount: Int { fragments.wholeCount }

    func incompleteDatagramCount(of capture: Int) -> Int {
        capture < fragments.incompleteCounts.count ? fragments.incompleteCounts[capture] : 0
    }

    mutating func handleEnd() {
        fragments.handleEnd()
    }

    mutating func dissect(
        _ packet: CapturedPacket,
        of capture: Int,
        at place: Int,
        way: UInt32
    ) -> DissectedPacket {
        segments.forget()
        path.forget()
        if way != 0 { path.enter(interface: way) }
        do throws(SkipFailure) {
            return try dissectLink(packet, capture, place)
        } catch {
            return .skipped(error.reason)
        }
    }

    mutating func nextDissection() -> DissectedPacket? {
        guard segments.hasMore else { return nil }
        return segments.next().map(DissectedPacket.pgm)
    }

    @inline(__always)
    private mutating func dissectLink(
        _ packet: CapturedPacket,
        _ capture: Int,
        _ place: Int
    ) throws(SkipFailure) -> DissectedPacket {
        let wire = WireBytes(bytes: packet.bytes, byteCount: packet.originalByteCount)
        let origin = PacketOrigin(
            capture: capture,
            interface: place,
            packetNumber: packet.number,
            nanoseconds: packet.nanoseconds
        )
        // Nearly every packet is this.
        if packet.linkType == .ethernet, packet.bytes.count >= 14,
            BigEndian.loadUInt16(packet.bytes, at: 12) == LinkHeader.ipv4
        {
            return try dissectPlain(wire.after(14), origin)
        }
        return try dissectOtherLink(packet, wire, origin)
    }

    private mutating func dissectOtherLink(
        _ packet: CapturedPacket,
        _ wire: WireBytes,
        _ origin: PacketOrigin
    ) throws(SkipFailure) -> DissectedPacket {
        guard packet.linkType != .ethernet || packet.bytes.count >= 14 else {
            throw SkipFailure(.shortLinkHeader)
        }
        let link = try LinkHeader(packet.bytes, packet.linkType)
        if link.interface != 0 { path.enter(interface: link.interface) }
        return try dissect(link.carried, wire.after(link.byteCount), origin)
    }

    /// Reads header after header until a datagram stands there, or something that is not read.
    mutating func dissect(
        _ carried: Carried,
        _ wire: WireBytes,
        _ origin: PacketOrigin
    ) throws(SkipFailure) -> DissectedPacket {
        var carried = carried
        var wire = wire
        while true {
            try path.countHeader()
            switch carried {
            case .ipv4: return try dissectIP(wire, isV4: true, origin)
            case .ipv6: return try dissectIP(wire, isV4: false, origin)
            case .unread(let what): return .unread(what)
            default:
                let header = try TunnelHeader.read(carried, wire)
                if let layer = header.layer { path.append(layer) }
                carried = header.carried
                wire = wire.after(header.byteCount)
            }
        }
    }

    /// What a datagram carries to another network: its own addresses become part of the path.
    mutating func descend(
        _ header: TunnelHeader,
        _ wire: WireBytes,
        from datagram: Datagram
    ) throws(SkipFailure) -> DissectedPacket {
        path.append(OuterLayer(from: datagram.source, to: datagram.destination))
        if let layer = header.layer { path.append(layer) }
        return try dissect(header.carried, wire.after(header.byteCount), PacketOrigin(datagram))
    }
}

// MARK: - Network

extension DissectorCore {
    /// IPv4 with PGM or TCP in one piece, as most are. It is apart from the way through tunnels, which comes back to itself, so that it can become one
    /// function without copies.
    @inline(__always)
    private mutating func dissectPlain(
        _ wire: WireBytes,
        _ origin: PacketOrigin
    ) throws(SkipFailure) -> DissectedPacket {
        let header = try IPHeader.readV4(wire.bytes, wireByteCount: wire.byteCount)
        guard sums.accept(header, of: origin.capture) else { throw SkipFailure(.badIPChecksum) }
        let datagram = Self.datagram(header, wire, origin)
        if let fragment = header.fragment { return try reassemble(datagram, fragment, header) }
        if header.protocolNumber == 6 { return .tcp(try tcpSegment(datagram)) }
        if header.protocolNumber == 17, let pgm = try readPGM(datagram) { return .pgm(pgm) }
        return try dissectTransport(datagram)
    }

    private mutating func dissectIP(
        _ wire: WireBytes,
        isV4: Bool,
        _ origin: PacketOrigin
    ) throws(SkipFailure) -> DissectedPacket {
        let header =
            isV4
            ? try IPHeader.readV4(wire.bytes, wireByteCount: wire.byteCount)
            : try IPHeader.readV6(wire.bytes, wireByteCount: wire.byteCount)
        if isV4, !sums.accept(header, of: origin.capture) { throw SkipFailure(.badIPChecksum) }
        let datagram = Self.datagram(header, wire, origin)
        if let fragment = header.fragment { return try reassemble(datagram, fragment, header) }
        if header.protocolNumber == 17, let pgm = try readPGM(datagram) { return .pgm(pgm) }
        return try dissectTransport(datagram)
    }

    @inline(__always)
    private static func datagram(
        _ header: IPHeader,
        _ wire: WireBytes,
        _ origin: PacketOrigin
    ) -> Datagram {
        let end = min(wire.bytes.count, header.payloadOffset + header.payloadByteCount)
        let payload = UnsafeRawBufferPointer(rebasing: wire.bytes[header.payloadOffset..<end])
        return Datagram(
            capture: origin.capture,
            interface: origin.interface,
            packetNumber: origin.packetNumber,
            nanoseconds: origin.nanoseconds,
            source: header.source,
            destination: header.destination,
            protocolNumber: header.protocolNumber,
            timeToLive: header.timeToLive,
            trafficClass: header.trafficClass,
            isReassembled: false,
            missingByteCount: header.payloadByteCount - payload.count,
            payload: payload
        )
    }

    private mutating func reassemble(
        _ piece: Datagram,
        _ fragment: IPHeader.Fragment,
        _ header: IPHeader
    ) throws(SkipFailure) -> DissectedPacket {
        let isV4 = piece.source.family == .v4
        let key = FragmentTable.Key(
            capture: piece.capture,
            interface: piece.interface,
            scope: path.scope,
            source: piece.source,
            destination: piece.destination,
            protocolNumber: isV4 ? piece.protocolNumber : 0,
            identification: fragment.identification
        )
        let outcome = fragments.handle(
            key,
            fragment,
            piece.payload,
            byteCount: header.payloadByteCount,
            protocolNumber: piece.protocolNumber,
            at: piece.nanoseconds
        )
        switch outcome {
        case .kept: return .incomplete
        case .refused(let reason): throw SkipFailure(reason)
        case .whole(let payload, let missingByteCount, let protocolNumber):
            var datagram = piece
            datagram.isReassembled = true
            datagram.protocolNumber = protocolNumber
            datagram.missingByteCount = missingByteCount
            datagram.payload = payload
            if !isV4 { try skipInnerExtensions(&datagram) }
            if datagram.protocolNumber == 17, let pgm = try readPGM(datagram) { return .pgm(pgm) }
            return try dissectTransport(datagram)
        }
    }

    /// Extension headers behind the fragment header are part of what was fragmented.
    private func skipInnerExtensions(_ datagram: inout Datagram) throws(SkipFailure) {
        let payload = datagram.payload
        var header = IPHeader(
            source: datagram.source,
            destination: datagram.destination,
            protocolNumber: datagram.protocolNumber,
            timeToLive: datagram.timeToLive,
            trafficClass: datagram.trafficClass,
            payloadOffset: 0,
            payloadByteCount: payload.count
        )
        try header.skipExtensions(payload, end: payload.count + datagram.missingByteCount)
        guard header.fragment == nil else { throw SkipFailure(.badFragment) }
        datagram.protocolNumber = header.protocolNumber
        datagram.payload = UnsafeRawBufferPointer(rebasing: payload[header.payloadOffset...])
    }
}

/// Which packet of which capture something was found in.
struct PacketOrigin {
    var capture: Int
    var interface: Int
    var packetNumber: Int
    var nanoseconds: Int64

    init(capture: Int, interface: Int, packetNumber: Int, nanoseconds: Int64) {
        self.capture = capture
        self.interface = interface
        self.packetNumber = packetNumber
        self.nanoseconds = nanoseconds
    }

    init(_ datagram: Datagram) {
        self.init(
            capture: datagram.capture,
            interface: datagram.interface,
            packetNumber: datagram.packetNumber,
            nanoseconds: datagram.nanoseconds
        )
    }
}
