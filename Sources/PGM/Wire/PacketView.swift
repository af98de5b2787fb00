import Vocabulary
import Wire

/// A PGM packet in its octets: everything is checked once, when the view is made; nothing is copied.
///
///      0               2               4       5       6               8
///     +---------------+---------------+-------+-------+---------------+
///     | source port   | destination p.| type  | flags | checksum      |
///     +---------------+---------------+-------+-------+---------------+
///     | global source id, 48 bits                     | TSDU length   |
///     +-----------------------------------------------+---------------+ 16
///     | body, by type │ options: OPT_LENGTH, … │ payload (data only)  |
///     +---------------------------------------------------------------+
///
/// The view is valid as long as the memory it was made of.
public struct PacketView {
    public let bytes: UnsafeRawBufferPointer
    public let type: PacketType
    public let flags: PacketFlags
    /// Where the options begin; without options, where the payload begins.
    let optionsOffset: Int
    /// Where the payload begins.
    public let payloadOffset: Int

    public static let headerByteCount = 16
    /// Header and body of ODATA and RDATA.
    public static let dataHeaderByteCount = 24

    /// Checks `bytes`, one whole packet. `missingByteCount` says how many octets at its end a capture did not keep:
    /// the payload is then shorter than announced.
    public init(
        _ bytes: UnsafeRawBufferPointer,
        missingByteCount: Int = 0
    ) throws(PacketError) {
        guard bytes.count >= Self.headerByteCount else {
            throw .truncated(byteCount: bytes.count, neededByteCount: Self.headerByteCount)
        }
        let octet = bytes[4]
        guard octet & 0xC0 == 0 else { throw .unknownVersion(octet >> 6) }
        guard let type = PacketType(rawValue: octet) else { throw .unknownType(octet) }
        let flags = PacketFlags(rawValue: bytes[5])
        let bodyEnd = try Self.checkBody(of: type, in: bytes)
        let optionsEnd =
            flags.contains(.options) ? try OptionArea.check(bytes, at: bodyEnd) : bodyEnd
        let field = Int(BigEndian.loadUInt16(bytes, at: 14))
        let byteCount = bytes.count - optionsEnd + max(0, missingByteCount)
        guard field == byteCount, type.isData || field == 0 else {
            throw .wrongPayloadLength(field: field, byteCount: byteCount)
        }
        self.bytes = bytes
        self.type = type
        self.flags = flags
        self.optionsOffset = bodyEnd
        self.payloadOffset = optionsEnd
    }

    /// Where the body ends.
    private static func checkBody(
        of type: PacketType,
        in bytes: UnsafeRawBufferPointer
    ) throws(PacketError) -> Int {
        switch type {
        case .odata, .rdata, .polr, .ack: return try need(24, of: bytes)
        case .spmr: return 16
        case .spm: return try checkAddress(at: 28, of: bytes)
        case .poll: return try need(checkAddress(at: 24, of: bytes) + 12, of: bytes)
        case .nak, .nnak, .ncf:
            return try checkAddress(at: checkAddress(at: 20, of: bytes), of: bytes)
        }
    }

    private static func need(
        _ count: Int,
        of bytes: UnsafeRawBufferPointer
    ) throws(PacketError) -> Int {
        guard bytes.count >= count else {
            throw .truncated(byteCount: bytes.count, neededByteCount: count)
        }
        return count
    }

    private static func checkAddress(
        at offset: Int,
        of bytes: UnsafeRawBufferPointer
    ) throws(PacketError) -> Int {
        let start = try need(offset + NetworkAddress.headByteCount, of: bytes)
        let indicator = BigEndian.loadUInt16(bytes, at: offset)
        guard let count = NetworkAddress.byteCount(indicator: indicator) else {
            throw .unknownAddressFamily(indicator)
        }
        return try need(start + count, of: bytes)
    }
}

// MARK: - Common header

extension PacketView {
    public var sourcePort: UInt16 { BigEndian.loadUInt16(bytes, at: 0) }
    public var destinationPort: UInt16 { BigEndian.loadUInt16(bytes, at: 2) }
    /// As it stands in the packet; 0 means that the sender made none.
    public var checksum: UInt16 { BigEndian.loadUInt16(bytes, at: 6) }
    public var globalSourceID: UInt64 { BigEndian.loadUInt64(bytes, at: 8) >> 16 }

    /// Whose stream this is about; the port comes from where the direction of the packet puts it (RFC 3208 §8.3).
    public var sessionID: TransportSessionID {
        TransportSessionID(
            globalSourceID: globalSourceID,
            sourcePort: type.isUpstream ? destinationPort : sourcePort
        )
    }

    /// The data-destination port of the session, in either direction.
    public var dataPort: UInt16 { type.isUpstream ? sourcePort : destinationPort }

    /// The TSDU length field: octets of payload the sender sent.
    public var announcedPayloadByteCount: Int { Int(BigEndian.loadUInt16(bytes, at: 14)) }

    public var isParity: Bool { flags.contains(.parity) }

    /// Whether the octets are as they were sent; looks at all of them.
    public func verifyChecksum() -> ChecksumVerdict {
        guard checksum != 0 else { return .absent }
        var sum = Checksum()
        sum.add(bytes)
        return sum.isAllOnes ? .valid : .invalid
    }
}

// MARK: - Body

extension PacketView {
    public var body: PacketBody {
        switch type {
        case .odata, .rdata: .data(DataFields(sequence: number(at: 16), trail: number(at: 20)))
        case .spm:
            .spm(
                SPMFields(
                    sequence: number(at: 16),
                    trail: number(at: 20),
                    lead: number(at: 24),
                    path: NetworkAddress(encoded: bytes, at: 28)
                )
            )
        case .nak, .nnak, .ncf: .nak(nakFields)
        case .poll: .poll(pollFields)
        case .polr:
            .polr(
                PollResponseFields(
                    sequence: number(at: 16),
                    round: BigEndian.loadUInt16(bytes, at: 20)
                )
            )
        case .spmr: .spmr
        case .ack:
            .ack(
                AckFields(
                    highest: number(at: 16),
                    bitmap: BigEndian.loadUInt32(bytes, at: 20)
                )
            )
        }
    }

    /// The first number of the body: of data, of the NAKed packet, or of the SPM or poll itself. SPMRs have none: 0.
    public var sequence: SequenceNumber { type == .spmr ? SequenceNumber(0) : number(at: 16) }

    /// Only of ODATA and RDATA; `body` without the switch.
    public var data: DataFields? {
        type.isData ? DataFields(sequence: number(at: 16), trail: number(at: 20)) : nil
    }

    /// The numbers of a NAK, NNAK or NCF: the one in the body, then those of OPT_NAK_LIST.
    public var requested: RequestedNumbers {
        guard type == .nak || type == .nnak || type == .ncf else {
            return RequestedNumbers(first: SequenceNumber(0), list: nil, count: 0)
        }
        guard let option = options.first(ofType: OptionType.nakList) else {
            return RequestedNumbers(first: number(at: 16), list: nil, count: 1)
        }
        let list = UnsafeRawBufferPointer(rebasing: option.bytes[4...])
        return RequestedNumbers(first: number(at: 16), list: list, count: 1 + list.count / 4)
    }

    public var options: OptionArea {
        OptionArea(UnsafeRawBufferPointer(rebasing: bytes[optionsOffset..<payloadOffset]))
    }

    public var hasOptions: Bool { optionsOffset < payloadOffset }

    /// The payload of data, as far as it was captured; empty for other types.
    public var payload: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[payloadOffset...])
    }

    private func number(at offset: Int) -> SequenceNumber {
        SequenceNumber(BigEndian.loadUInt32(bytes, at: offset))
    }

    private var nakFields: NAKFields {
        let source = NetworkAddress(encoded: bytes, at: 20)
        return NAKFields(
            sequence: number(at: 16),
            source: source,
            group: NetworkAddress(encoded: bytes, at: 20 + source.encodedByteCount)
        )
    }

    private var pollFields: PollFields {
        let path = NetworkAddress(encoded: bytes, at: 24)
        let end = 24 + path.encodedByteCount
        return PollFields(
            sequence: number(at: 16),
            round: BigEndian.loadUInt16(bytes, at: 20),
            subtype: BigEndian.loadUInt16(bytes, at: 22),
            path: path,
            backOffMicroseconds: BigEndian.loadUInt32(bytes, at: end),
            random: BigEndian.loadUInt32(bytes, at: end + 4),
            mask: BigEndian.loadUInt32(bytes, at: end + 8)
        )
    }
}

/// The numbers that a NAK asks for, read where they stand.
public struct RequestedNumbers: Sequence, IteratorProtocol {
    public let first: SequenceNumber
    let list: UnsafeRawBufferPointer?
    public let count: Int
    private var index = 0

    init(first: SequenceNumber, list: UnsafeRawBufferPointer?, count: Int) {
        self.first = first
        self.list = list
        self.count = count
    }

    public mutating func next() -> SequenceNumber? {
        guard index < count else { return nil }
        defer { index += 1 }
        guard index > 0, let list else { return first }
        return SequenceNumber(BigEndian.loadUInt32(list, at: 4 * (index - 1)))
    }
}
