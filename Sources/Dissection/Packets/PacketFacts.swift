import Vocabulary
import PGM

/// A captured packet together with what it turned out to be: what filters ask and what lines about packets are made of.
/// Valid only during the call.
public struct PacketFacts {
    public var packet: CapturedPacket
    /// Index of its capture.
    public var capture: Int
    public var dissection: DissectedPacket
    /// The time of the first packet of all captures.
    public var startNanoseconds: Int64
    /// What is around the datagram, the outermost first.
    public var outer: [OuterLayer]

    public init(
        packet: CapturedPacket,
        capture: Int,
        dissection: DissectedPacket,
        startNanoseconds: Int64,
        outer: [OuterLayer] = []
    ) {
        self.packet = packet
        self.capture = capture
        self.dissection = dissection
        self.startNanoseconds = startNanoseconds
        self.outer = outer
    }

    public var elapsedNanoseconds: Int64 {
        packet.nanoseconds.subtractingReportingOverflow(startNanoseconds).partialValue
    }

    public var datagram: Datagram? {
        switch dissection {
        case .pgm(let pgm): pgm.datagram
        case .membership(let message): message.datagram
        case .tcp(let segment): segment.datagram
        case .udp(let udp): udp.datagram
        case .unread, .incomplete, .skipped: nil
        }
    }

    public var pgm: PGMDatagram? {
        if case .pgm(let pgm) = dissection { pgm } else { nil }
    }

    public var kind: PacketKind {
        switch dissection {
        case .pgm(let pgm): PacketKind(pgm.packet.type)
        case .membership(let message): message.datagram.source.family == .v4 ? .igmp : .mld
        case .tcp: .tcp
        case .udp: .udp
        case .unread(let what): what.space == .ipProtocol ? .otherIP : .notIP
        case .incomplete: .fragment
        case .skipped: .skipped
        }
    }

    /// Source and destination port as a user of the stream knows them: of a PGM session whichever direction the packet
    /// has, of UDP and TCP as they stand there.
    public var ports: (source: UInt16, destination: UInt16)? {
        switch dissection {
        case .pgm(let pgm): (pgm.packet.sessionID.sourcePort, pgm.packet.dataPort)
        case .tcp(let segment): (segment.sourcePort, segment.destinationPort)
        case .udp(let udp): (udp.sourcePort, udp.destinationPort)
        case .membership, .unread, .incomplete, .skipped: nil
        }
    }

    /// The multicast groups that it is about: where data goes, what a NAK asks for, what a host joins.
    public var groups: [IPAddress] {
        switch dissection {
        case .pgm(let pgm):
            if pgm.datagram.destination.isMulticast { return [pgm.datagram.destination] }
            guard case .nak(let fields) = pgm.packet.body else { return [] }
            return [IPAddress(nla: fields.group)]
        case .membership(let message):
            if case .query(let query) = message.content { return query.group.map { [$0] } ?? [] }
            return message.records.map(\.group)
        case .udp(let udp):
            return udp.datagram.destination.isMulticast ? [udp.datagram.destination] : []
        case .tcp, .unread, .incomplete, .skipped: return []
        }
    }
}

/// One word for what a packet is.
public enum PacketKind: String, CaseIterable, Sendable {
    case spm, poll, polr, odata, rdata, nak, nnak, ncf, spmr, ack
    case igmp, mld, tcp, udp
    /// ICMP and the like.
    case otherIP = "ip"
    /// ARP and the like.
    case notIP = "link"
    case fragment, skipped

    init(_ type: PacketType) {
        switch type {
        case .spm: self = .spm
        case .poll: self = .poll
        case .polr: self = .polr
        case .odata: self = .odata
        case .rdata: self = .rdata
        case .nak: self = .nak
        case .nnak: self = .nnak
        case .ncf: self = .ncf
        case .spmr: self = .spmr
        case .ack: self = .ack
        }
    }

    public var isPGM: Bool {
        switch self {
        case .spm, .poll, .polr, .odata, .rdata, .nak, .nnak, .ncf, .spmr, .ack: true
        case .igmp, .mld, .tcp, .udp, .otherIP, .notIP, .fragment, .skipped: false
        }
    }
}

extension IPAddress {
    /// An address inside a PGM packet.
    init(nla address: NetworkAddress) {
        switch address.family {
        case .v4: self.init(v4: UInt32(truncatingIfNeeded: address.low))
        case .v6: self.init(v6High: address.high, low: address.low)
        }
    }
}
