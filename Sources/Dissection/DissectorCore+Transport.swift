import PGM
import Wire

// MARK: - Transport

extension DissectorCore {
    /// Any protocol; of UDP what `readPGM` did not take.
    mutating func dissectTransport(_ datagram: Datagram) throws(SkipFailure) -> DissectedPacket {
        switch datagram.protocolNumber {
        case 17: return try dissectOtherUDP(datagram)
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

    /// What is PGM at the first look, which most datagrams are that anybody inspects.
    @inline(__always)
    mutating func readPGM(_ datagram: Datagram) throws(SkipFailure) -> PGMDatagram? {
        let header = try UDPHeader(datagram)
        if sums.wantsSample(of: datagram.capture), !datagram.isReassembled {
            sums.sample(datagram, checksum: header.checksum, byteCount: header.byteCount)
        }
        let outcome = detector.examine(
            header.payload,
            missingByteCount: header.missingByteCount,
            to: datagram.destination,
            port: header.destinationPort
        )
        guard case .pgm(let packet, let checksum) = outcome else { return nil }
        var datagram = datagram
        datagram.missingByteCount = header.missingByteCount
        return PGMDatagram(
            datagram: datagram,
            encapsulation: .udp(
                sourcePort: header.sourcePort,
                destinationPort: header.destinationPort
            ),
            packet: packet,
            checksum: checksum
        )
    }

    /// Several PGM packets in one, what cannot be PGM although it should, tunnels, and the rest.
    private mutating func dissectOtherUDP(
        _ datagram: Datagram
    ) throws(SkipFailure) -> DissectedPacket {
        let header = try UDPHeader(datagram)
        var datagram = datagram
        datagram.missingByteCount = header.missingByteCount
        segments.begin(
            header.payload,
            datagram,
            .udp(sourcePort: header.sourcePort, destinationPort: header.destinationPort)
        )
        if let first = segments.next() {
            detector.remember(address: datagram.destination, port: header.destinationPort)
            return .pgm(first)
        }
        if detector.isExpected(address: datagram.destination, port: header.destinationPort) {
            throw SkipFailure(
                header.missingByteCount > 0 ? .shortTransportHeader : .badPGMPacket
            )
        }
        let wire = WireBytes(bytes: header.payload, byteCount: header.byteCount - 8)
        if let tunnel = try UDPTunnel.read(wire, to: header.destinationPort) {
            return try descend(tunnel, wire, from: datagram)
        }
        return .udp(
            UDPDatagram(
                datagram: datagram,
                sourcePort: header.sourcePort,
                destinationPort: header.destinationPort,
                payload: header.payload
            )
        )
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

    mutating func tcpSegment(_ datagram: Datagram) throws(SkipFailure) -> TCPSegment {
        let bytes = datagram.payload
        let wireByteCount = bytes.count + datagram.missingByteCount
        guard bytes.count >= 20 else { throw SkipFailure.shortTransport(wireByteCount, needed: 20) }
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
        if datagram.protocolNumber == 51 { return try dissectAuthenticated(datagram, wire) }
        guard let header = try IPTunnel.read(datagram.protocolNumber, wire) else {
            return .unread(UnreadProtocol(.ipProtocol, UInt32(datagram.protocolNumber)))
        }
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
        if datagram.protocolNumber == 17, let pgm = try readPGM(datagram) { return .pgm(pgm) }
        return try dissectTransport(datagram)
    }
}
