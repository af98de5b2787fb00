import PGM
import Wire

// MARK: - Transport

extension DissectorCore {
    @inline(__always)
    mutating func dissectTransport(
        _ datagram: Datagram
    ) throws(SkipFailure) -> DissectedPacket {
        switch datagram.protocolNumber {
        case 17: return try dissectUDP(datagram)
        case 6: return .tcp(try tcpSegment(datagram))
        case 113: return .pgm(try pgmDatagram(datagram))
        case 2, 58:
            guard let message = try MembershipDecoder.decode(datagram) else {
                return .unread(UnreadProtocol(.ipProtocol, UInt32(datagram.protocolNumber)))
            }
            return .membership(message)
        default: return try dissectOtherProtocol(datagram)
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
        if sums.wantsSample(of: datagram.capture), !datagram.isReassembled {
            sums.sample(
                datagram,
                checksum: UInt16(truncatingIfNeeded: head),
                byteCount: byteCount
            )
        }
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
            if case .malformed = outcome {
                throw SkipFailure(missingByteCount > 0 ? .shortTransportHeader : .badPGMPacket)
            }
            let wire = WireBytes(bytes: payload, byteCount: payload.count + missingByteCount)
            if let header = try UDPTunnel.read(wire, to: destinationPort) {
                return try descend(header, wire, from: datagram)
            }
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

    private mutating func tcpSegment(_ datagram: Datagram) throws(SkipFailure) -> TCPSegment {
        let bytes = datagram.payload
        let wireByteCount = bytes.count + datagram.missingByteCount
        guard bytes.count >= 20 else { throw Self.shortHeader(wireByteCount, needed: 20) }
        let headerByteCount = Int(bytes[12] >> 4) * 4
        guard headerByteCount >= 20, headerByteCount <= wireByteCount else {
            throw SkipFailure(.badTransportHeader)
        }
        if sums.wantsSample(of: datagram.capture), !datagram.isReassembled {
            sums.sample(
                datagram,
                checksum: BigEndian.loadUInt16(bytes, at: 16),
                byteCount: wireByteCount
            )
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

// MARK: - IP in IP, and the like

extension DissectorCore {
    private mutating func dissectOtherProtocol(
        _ datagram: Datagram
    ) throws(SkipFailure) -> DissectedPacket {
        let wire = WireBytes(
            bytes: datagram.payload,
            byteCount: datagram.payload.count + datagram.missingByteCount
        )
        switch datagram.protocolNumber {
        case 4, 94: return try descend(.ipv4, wire, from: datagram)
        case 41: return try descend(.ipv6, wire, from: datagram)
        case 47: return try descend(.gre, wire, from: datagram)
        case 137: return try descend(.mpls, wire, from: datagram)
        // Segment routing over IPv6 (RFC 8986).
        case 143: return try descend(.ethernet, wire, from: datagram)
        case 97: return try dissectEtherIP(datagram, wire)
        case 103: return try dissectRegister(datagram, wire)
        case 51: return try dissectAuthenticated(datagram, wire)
        default: return .unread(UnreadProtocol(.ipProtocol, UInt32(datagram.protocolNumber)))
        }
    }

    /// RFC 3378: a version, and a frame.
    private mutating func dissectEtherIP(
        _ datagram: Datagram,
        _ wire: WireBytes
    ) throws(SkipFailure) -> DissectedPacket {
        try wire.require(2)
        guard wire.bytes[0] >> 4 == 3 else { throw SkipFailure(.badTunnelHeader) }
        let header = TunnelHeader(carried: .ethernet, byteCount: 2, layer: OuterLayer(.etherIP))
        return try descend(header, wire, from: datagram)
    }

    /// PIM's register messages carry what a source sent (RFC 7761 §4.9.3); a null register has the addresses only.
    private mutating func dissectRegister(
        _ datagram: Datagram,
        _ wire: WireBytes
    ) throws(SkipFailure) -> DissectedPacket {
        guard wire.bytes.count > 8, wire.bytes[0] == 0x21, wire.bytes[4] & 0x40 == 0 else {
            return .unread(UnreadProtocol(.ipProtocol, 103))
        }
        let header = TunnelHeader(carried: .ip, byteCount: 8, layer: OuterLayer(.pim))
        return try descend(header, wire, from: datagram)
    }

    /// The authentication header of IPv4 (RFC 4302); IPv6 has it among its extension headers.
    private mutating func dissectAuthenticated(
        _ datagram: Datagram,
        _ wire: WireBytes
    ) throws(SkipFailure) -> DissectedPacket {
        try path.countHeader()
        try wire.require(2)
        let byteCount = (Int(wire.bytes[1]) + 2) * 4
        guard byteCount >= 12 else { throw SkipFailure(.badTunnelHeader) }
        try wire.require(byteCount)
        var datagram = datagram
        datagram.protocolNumber = wire.bytes[0]
        datagram.payload = wire.after(byteCount).bytes
        return try dissectTransport(datagram)
    }
}
