import PGM
import Wire

/// The work of `Dissector`, as a value: its parts are reached without the checks that classes need.
struct DissectorCore {
    private var detector: PGMDetector
    private var fragments = FragmentTable()
    private var segments = PGMSegments()

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

    mutating func dissect(_ packet: CapturedPacket, of capture: Int) -> DissectedPacket {
        segments.forget()
        do throws(SkipFailure) {
            return try dissectLink(packet, capture)
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
        _ capture: Int
    ) throws(SkipFailure) -> DissectedPacket {
        let link: LinkHeader
        do throws(LinkHeader.Failure) {
            link = try LinkHeader.read(packet.bytes, packet.linkType)
        } catch {
            throw SkipFailure(error == .short ? .shortLinkHeader : .unsupportedLinkType)
        }
        let bytes = UnsafeRawBufferPointer(rebasing: packet.bytes[link.payloadOffset...])
        let wireByteCount = packet.originalByteCount - link.payloadOffset
        let header: IPHeader
        switch link.etherType {
        case LinkHeader.ipv4:
            header = try IPHeader.readV4(bytes, wireByteCount: wireByteCount)
        case LinkHeader.ipv6:
            header = try IPHeader.readV6(bytes, wireByteCount: wireByteCount)
        default: return .notIP(etherType: link.etherType)
        }
        let end = min(bytes.count, header.payloadOffset + header.payloadByteCount)
        let payload = UnsafeRawBufferPointer(rebasing: bytes[header.payloadOffset..<end])
        let datagram = Datagram(
            capture: capture,
            interface: packet.interface,
            packetNumber: packet.number,
            nanoseconds: packet.nanoseconds,
            source: header.source,
            destination: header.destination,
            protocolNumber: header.protocolNumber,
            timeToLive: header.timeToLive,
            trafficClass: header.trafficClass,
            isReassembled: false,
            missingByteCount: header.payloadByteCount - payload.count,
            payload: payload
        )
        guard let fragment = header.fragment else { return try dissectTransport(datagram) }
        return try reassemble(datagram, fragment, header, scope: link.scope)
    }

    private mutating func reassemble(
        _ piece: Datagram,
        _ fragment: IPHeader.Fragment,
        _ header: IPHeader,
        scope: UInt32
    ) throws(SkipFailure) -> DissectedPacket {
        let isV4 = piece.source.family == .v4
        let key = FragmentTable.Key(
            capture: piece.capture,
            interface: piece.interface,
            scope: scope,
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

// MARK: - Transport

extension DissectorCore {
    @inline(__always)
    private mutating func dissectTransport(
        _ datagram: Datagram
    ) throws(SkipFailure) -> DissectedPacket {
        switch datagram.protocolNumber {
        case 17: return try dissectUDP(datagram)
        case 6: return .tcp(try tcpSegment(datagram))
        case 113: return .pgm(try pgmDatagram(datagram))
        case 2, 58:
            guard let message = try MembershipDecoder.decode(datagram) else {
                return .other(protocolNumber: datagram.protocolNumber)
            }
            return .membership(message)
        default: return .other(protocolNumber: datagram.protocolNumber)
        }
    }

    @inline(__always)
    private mutating func dissectUDP(_ datagram: Datagram) throws(SkipFailure) -> DissectedPacket {
        let bytes = datagram.payload
        let wireByteCount = bytes.count + datagram.missingByteCount
        guard bytes.count >= 8 else { throw Self.shortHeader(wireByteCount, needed: 8) }
        let head = BigEndian.loadUInt64(bytes, at: 0)
        var byteCount = Int(head >> 16 & 0xFFFF)
        // Too long for the field, as jumbograms are.
        if byteCount == 0 { byteCount = wireByteCount }
        guard byteCount >= 8, byteCount <= wireByteCount else {
            throw SkipFailure(.badTransportHeader)
        }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[8..<min(bytes.count, byteCount)])
        let missingByteCount = byteCount - 8 - payload.count
        let destinationPort = UInt16(truncatingIfNeeded: head >> 32)
        let sourcePort = UInt16(truncatingIfNeeded: head >> 48)
        var datagram = datagram
        datagram.missingByteCount = missingByteCount
        let outcome = detector.examine(
            payload,
            missingByteCount: missingByteCount,
            to: datagram.destination,
            port: destinationPort
        )
        switch outcome {
        case .pgm(let packet, let checksum):
            return .pgm(
                PGMDatagram(
                    datagram: datagram,
                    encapsulation: .udp(sourcePort: sourcePort, destinationPort: destinationPort),
                    packet: packet,
                    checksum: checksum
                )
            )
        case .malformed, .other:
            segments.begin(
                payload,
                datagram,
                .udp(sourcePort: sourcePort, destinationPort: destinationPort)
            )
            if let first = segments.next() {
                detector.remember(address: datagram.destination, port: destinationPort)
                return .pgm(first)
            }
            if case .malformed = outcome { throw SkipFailure(.badPGMPacket) }
            return .udp(
                UDPDatagram(
                    datagram: datagram,
                    sourcePort: sourcePort,
                    destinationPort: destinationPort,
                    payload: payload
                )
            )
        }
    }

    private func pgmDatagram(_ datagram: Datagram) throws(SkipFailure) -> PGMDatagram {
        do throws(PacketError) {
            let packet = try PacketView(
                datagram.payload,
                missingByteCount: datagram.missingByteCount
            )
            return PGMDatagram(
                datagram: datagram,
                encapsulation: .ip,
                packet: packet,
                checksum: PGMDetector.checksum(
                    of: packet,
                    missingByteCount: datagram.missingByteCount
                )
            )
        } catch {
            if case .truncated = error, datagram.missingByteCount > 0 {
                throw SkipFailure(.shortTransportHeader)
            }
            throw SkipFailure(.badPGMPacket)
        }
    }

    private func tcpSegment(_ datagram: Datagram) throws(SkipFailure) -> TCPSegment {
        let bytes = datagram.payload
        let wireByteCount = bytes.count + datagram.missingByteCount
        guard bytes.count >= 20 else { throw Self.shortHeader(wireByteCount, needed: 20) }
        let headerByteCount = Int(bytes[12] >> 4) * 4
        guard headerByteCount >= 20, headerByteCount <= wireByteCount else {
            throw SkipFailure(.badTransportHeader)
        }
        return TCPSegment(
            datagram: datagram,
            sourcePort: BigEndian.loadUInt16(bytes, at: 0),
            destinationPort: BigEndian.loadUInt16(bytes, at: 2),
            sequence: BigEndian.loadUInt32(bytes, at: 4),
            acknowledgement: BigEndian.loadUInt32(bytes, at: 8),
            flags: TCPSegment.Flags(rawValue: bytes[13] & 0x3F),
            window: BigEndian.loadUInt16(bytes, at: 14),
            payload: UnsafeRawBufferPointer(
                rebasing: bytes[min(headerByteCount, bytes.count)...]
            )
        )
    }

    /// The snap length's fault, or the sender's.
    private static func shortHeader(_ wireByteCount: Int, needed: Int) -> SkipFailure {
        SkipFailure(wireByteCount < needed ? .badTransportHeader : .shortTransportHeader)
    }
}
