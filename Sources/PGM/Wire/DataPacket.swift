import Wire

/// Writes ODATA, RDATA and NCFs into memory that the caller owns. Nothing is allocated.
///
///     +--------------------------+------------------+
///     | header, 24 octets + opt. | payload          |   the caller puts the payload in place,
///     +--------------------------+------------------+   then the header in front of it
///
/// A repair is the stored packet with another type and trail: its checksum follows from the old one, the payload is not
/// touched again.
public struct DataPacket: Sendable {
    public var sessionID: TransportSessionID
    public var dataPort: UInt16

    public init(sessionID: TransportSessionID, dataPort: UInt16) {
        self.sessionID = sessionID
        self.dataPort = dataPort
    }

    /// Octets in front of the payload.
    public static func headerByteCount(options: [PacketOption] = []) -> Int {
        PacketView.dataHeaderByteCount + PacketOption.byteCount(of: options)
    }

    /// Writes the header, options and checksum of a packet whose payload is already in place.
    ///
    /// `packet` is the whole packet: room for the header, then the payload. `payloadChecksum` is the sum over the
    /// payload, when it is known already.
    ///
    /// - Precondition: the packet holds its header and at most 65,535 octets of payload.
    public func write(
        _ type: PacketType,
        _ fields: DataFields,
        flags: PacketFlags = [],
        options: [PacketOption] = [],
        payloadChecksum: Checksum? = nil,
        into packet: UnsafeMutableRawBufferPointer
    ) {
        let headerByteCount = Self.headerByteCount(options: options)
        let payloadByteCount = packet.count - headerByteCount
        precondition(type.isData, "only ODATA and RDATA carry a payload")
        precondition(
            payloadByteCount >= 0 && payloadByteCount <= Int(UInt16.max),
            "the packet does not hold its header, or its payload is longer than 65,535 octets"
        )
        CommonHeader.write(
            type: type,
            flags: options.isEmpty ? flags : flags.union(Packet.optionFlags(of: options)),
            sessionID: sessionID,
            dataPort: dataPort,
            payloadByteCount: payloadByteCount,
            into: packet
        )
        BigEndian.store(
            UInt64(fields.sequence.rawValue) << 32 | UInt64(fields.trail.rawValue),
            in: packet,
            at: PacketView.headerByteCount
        )
        if !options.isEmpty { _ = PacketOption.write(options, into: packet, at: 24) }
        guard let payloadChecksum else { return CommonHeader.seal(packet) }
        var sum = Checksum()
        sum.add(UnsafeRawBufferPointer(rebasing: packet[..<headerByteCount]))
        sum.add(payloadChecksum)
        BigEndian.store(sum.value, in: packet, at: 6)
    }

    /// Makes a stored ODATA or RDATA packet the repair of itself: type RDATA, today's trail, checksum to match.
    ///
    /// - Precondition: `packet` is a data packet that this side made.
    public static func makeRepair(
        in packet: UnsafeMutableRawBufferPointer,
        trail: SequenceNumber
    ) {
        precondition(packet.count >= PacketView.dataHeaderByteCount, "not a data packet")
        let bytes = UnsafeRawBufferPointer(packet)
        let type = BigEndian.loadUInt16(bytes, at: 4)
        let newType = type & 0x00FF | UInt16(PacketType.rdata.rawValue) << 8
        var checksum = BigEndian.loadUInt16(bytes, at: 6)
        checksum = Checksum.updated(checksum, from: type, to: newType)
        let old = BigEndian.loadUInt32(bytes, at: 20)
        checksum = Checksum.updated(
            checksum,
            from: UInt16(truncatingIfNeeded: old >> 16),
            to: UInt16(truncatingIfNeeded: trail.rawValue >> 16)
        )
        checksum = Checksum.updated(
            checksum,
            from: UInt16(truncatingIfNeeded: old),
            to: UInt16(truncatingIfNeeded: trail.rawValue)
        )
        BigEndian.store(newType, in: packet, at: 4)
        BigEndian.store(trail.rawValue, in: packet, at: 20)
        BigEndian.store(checksum, in: packet, at: 6)
    }

    /// Writes the NCF that confirms a NAK: the same numbers and addresses, the ports turned round (RFC 3208 §5.2).
    /// Gives its octets.
    ///
    /// - Precondition: `nak` is a NAK, and there is room for as many octets.
    public static func writeConfirmation(
        of nak: PacketView,
        into bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        precondition(nak.type == .nak && bytes.count >= nak.bytes.count, "no NAK, or no room")
        bytes.copyMemory(from: nak.bytes)
        BigEndian.store(nak.destinationPort, in: bytes, at: 0)
        BigEndian.store(nak.sourcePort, in: bytes, at: 2)
        bytes[4] = PacketType.ncf.rawValue
        let packet = UnsafeMutableRawBufferPointer(rebasing: bytes[..<nak.bytes.count])
        CommonHeader.seal(packet)
        return packet.count
    }
}
