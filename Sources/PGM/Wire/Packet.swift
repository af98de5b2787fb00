import Wire

/// A whole PGM packet as a value: for tests, tools and the rare types. Data takes the path of `DataPacket`.
public struct Packet: Hashable, Sendable {
    public var type: PacketType
    public var sessionID: TransportSessionID
    /// Data-destination port of the session; which of the two port fields it goes into follows from the type.
    public var dataPort: UInt16
    /// Only `.parity` and `.variableLength` count; the other two follow from the options.
    public var flags: PacketFlags
    public var body: PacketBody
    public var options: [PacketOption]
    /// Of ODATA and RDATA only.
    public var payload: [UInt8]

    /// - Precondition: `body` is the one that belongs to `type`, and only data has a payload.
    public init(
        _ type: PacketType,
        of sessionID: TransportSessionID,
        dataPort: UInt16,
        body: PacketBody,
        flags: PacketFlags = [],
        options: [PacketOption] = [],
        payload: [UInt8] = []
    ) {
        precondition(
            Self.body(body, fits: type),
            "this body does not belong to a packet of this type"
        )
        precondition(type.isData || payload.isEmpty, "only ODATA and RDATA carry a payload")
        self.type = type
        self.sessionID = sessionID
        self.dataPort = dataPort
        self.body = body
        self.flags = flags.intersection([.parity, .variableLength])
        self.options = options
        self.payload = payload
    }

    /// Copies what the view shows.
    public init(_ view: PacketView) {
        type = view.type
        sessionID = view.sessionID
        dataPort = view.dataPort
        body = view.body
        flags = view.flags.intersection([.parity, .variableLength])
        options = view.options.map(\.option)
        payload = Array(view.payload)
    }

    private static func body(_ body: PacketBody, fits type: PacketType) -> Bool {
        switch body {
        case .spm: type == .spm
        case .data: type.isData
        case .nak: type == .nak || type == .nnak || type == .ncf
        case .poll: type == .poll
        case .polr: type == .polr
        case .spmr: type == .spmr
        case .ack: type == .ack
        }
    }

    /// The two option bits that follow from the options.
    static func optionFlags(of options: [PacketOption]) -> PacketFlags {
        guard !options.isEmpty else { return [] }
        return options.contains { $0.isNetworkSignificant }
            ? [.options, .networkSignificant] : [.options]
    }
}

// MARK: - Encoding

extension Packet {
    public var byteCount: Int {
        PacketView.headerByteCount + bodyByteCount + PacketOption.byteCount(of: options)
            + payload.count
    }

    private var bodyByteCount: Int {
        switch body {
        case .data, .polr, .ack: 8
        case .spmr: 0
        case .spm(let fields): 12 + fields.path.encodedByteCount
        case .nak(let fields):
            4 + fields.source.encodedByteCount + fields.group.encodedByteCount
        case .poll(let fields): 20 + fields.path.encodedByteCount
        }
    }

    /// The octets, with their checksum.
    public func encoded() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            count = encode(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Writes the octets with their checksum and gives their number.
    ///
    /// - Precondition: there is room for `byteCount`.
    @discardableResult
    public func encode(into bytes: UnsafeMutableRawBufferPointer) -> Int {
        let count = byteCount
        precondition(bytes.count >= count, "no room for the packet")
        precondition(payload.count <= Int(UInt16.max), "a payload has at most 65,535 octets")
        CommonHeader.write(
            type: type,
            flags: flags.union(Self.optionFlags(of: options)),
            sessionID: sessionID,
            dataPort: dataPort,
            payloadByteCount: payload.count,
            into: bytes
        )
        let bodyEnd = body.write(into: bytes, at: PacketView.headerByteCount)
        let start = PacketOption.write(options, into: bytes, at: bodyEnd)
        UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).copyBytes(from: payload)
        CommonHeader.seal(UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]))
        return count
    }
}

extension PacketBody {
    /// Gives the offset behind it.
    fileprivate func write(into bytes: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        func word(_ value: UInt32, at offset: Int) {
            BigEndian.store(value, in: bytes, at: start + offset)
        }
        switch self {
        case .spm(let fields):
            word(fields.sequence.rawValue, at: 0)
            word(fields.trail.rawValue, at: 4)
            word(fields.lead.rawValue, at: 8)
            return fields.path.write(into: bytes, at: start + 12)
        case .data(let fields):
            word(fields.sequence.rawValue, at: 0)
            word(fields.trail.rawValue, at: 4)
            return start + 8
        case .nak(let fields):
            word(fields.sequence.rawValue, at: 0)
            let end = fields.source.write(into: bytes, at: start + 4)
            return fields.group.write(into: bytes, at: end)
        case .poll(let fields):
            word(fields.sequence.rawValue, at: 0)
            word(UInt32(fields.round) << 16 | UInt32(fields.subtype), at: 4)
            let end = fields.path.write(into: bytes, at: start + 8)
            BigEndian.store(fields.backOffMicroseconds, in: bytes, at: end)
            BigEndian.store(fields.random, in: bytes, at: end + 4)
            BigEndian.store(fields.mask, in: bytes, at: end + 8)
            return end + 12
        case .polr(let fields):
            word(fields.sequence.rawValue, at: 0)
            word(UInt32(fields.round) << 16, at: 4)
            return start + 8
        case .spmr:
            return start
        case .ack(let fields):
            word(fields.highest.rawValue, at: 0)
            word(fields.bitmap, at: 4)
            return start + 8
        }
    }
}

/// The first sixteen octets of every packet.
enum CommonHeader {
    /// Writes the header with a checksum of 0.
    @inline(__always)
    static func write(
        type: PacketType,
        flags: PacketFlags,
        sessionID: TransportSessionID,
        dataPort: UInt16,
        payloadByteCount: Int,
        into bytes: UnsafeMutableRawBufferPointer
    ) {
        let isUpstream = type.isUpstream
        let source = isUpstream ? dataPort : sessionID.sourcePort
        let destination = isUpstream ? sessionID.sourcePort : dataPort
        let first =
            UInt64(source) << 48 | UInt64(destination) << 32
            | UInt64(type.rawValue) << 24 | UInt64(flags.rawValue) << 16
        let length = UInt64(UInt16(truncatingIfNeeded: payloadByteCount))
        BigEndian.store(first, in: bytes, at: 0)
        BigEndian.store(sessionID.globalSourceID << 16 | length, in: bytes, at: 8)
    }

    /// Puts the checksum over all of `packet` into it.
    static func seal(_ packet: UnsafeMutableRawBufferPointer) {
        BigEndian.store(UInt16(0), in: packet, at: 6)
        var sum = Checksum()
        sum.add(UnsafeRawBufferPointer(packet))
        BigEndian.store(sum.value, in: packet, at: 6)
    }
}

extension Packet: CustomStringConvertible {
    /// One line: type, session, what the body says, options.
    public var description: String {
        let tail = options.map { " [\($0)]" }.joined()
        let parity = flags.contains(.parity) ? " parity" : ""
        return "\(type)\(parity) \(sessionID) port \(dataPort)\(bodyText)\(tail)"
    }

    private var bodyText: String {
        switch body {
        case .spm(let fields):
            " spm \(fields.sequence) window \(fields.trail)…\(fields.lead) path \(fields.path)"
        case .data(let fields):
            " \(fields.sequence) trail \(fields.trail) \(payload.count) octets"
        case .nak(let fields):
            " \(fields.sequence) source \(fields.source) group \(fields.group)"
        case .poll(let fields):
            " poll \(fields.sequence) round \(fields.round) subtype \(fields.subtype)"
                + " path \(fields.path) back-off \(fields.backOffMicroseconds) µs"
        case .polr(let fields): " poll \(fields.sequence) round \(fields.round)"
        case .spmr: ""
        case .ack(let fields): " up to \(fields.highest)"
        }
    }
}
