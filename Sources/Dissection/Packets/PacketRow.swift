import Vocabulary
import PGM
import Wire

/// One packet as columns and values; columns that mean nothing for it are left out.
public struct PacketRow: Sendable, Equatable {
    public private(set) var cells: [(column: PacketColumn, cell: PacketCell)] = []

    public init(_ facts: PacketFacts) {
        let packet = facts.packet
        add(.number, packet.number)
        add(.capture, facts.capture + 1)
        add(.interface, packet.interface)
        cells.append((.time, .seconds(packet.nanoseconds)))
        cells.append((.elapsed, .seconds(facts.elapsedNanoseconds)))
        add(.type, facts.kind.rawValue)
        if let datagram = facts.datagram { addAddresses(datagram) }
        if !facts.outer.isEmpty { cells.append((.outer, .layers(facts.outer))) }
        if let datagram = facts.datagram { addDatagram(datagram) }
        add(.byteCount, packet.originalByteCount)
        if packet.originalByteCount > packet.bytes.count { cells.append((.isCut, .flag(true))) }
        switch facts.dissection {
        case .pgm(let pgm): addPGM(pgm)
        case .membership(let message): addMembership(message)
        case .tcp(let segment): addTCP(segment)
        case .udp(let udp):
            add(.udpSourcePort, Int(udp.sourcePort))
            add(.udpDestinationPort, Int(udp.destinationPort))
            add(.payloadByteCount, udp.payload.count + udp.missingByteCount)
        case .unread(let what): addUnread(what)
        case .incomplete: break
        case .skipped(let reason): add(.reason, reason.text)
        }
    }

    public static func == (left: PacketRow, right: PacketRow) -> Bool {
        left.cells.elementsEqual(right.cells) { $0.column == $1.column && $0.cell == $1.cell }
    }

    public subscript(column: PacketColumn) -> PacketCell? {
        cells.first { $0.column == column }?.cell
    }

    private mutating func add(_ column: PacketColumn, _ number: Int) {
        cells.append((column, .number(number)))
    }

    private mutating func add(_ column: PacketColumn, _ text: String) {
        cells.append((column, .text(text)))
    }

    private mutating func addAddresses(_ datagram: Datagram) {
        add(.source, datagram.source.description)
        add(.destination, datagram.destination.description)
    }

    private mutating func addDatagram(_ datagram: Datagram) {
        add(.timeToLive, Int(datagram.timeToLive))
        add(.dscp, Int(datagram.trafficClass >> 2))
        if datagram.isReassembled { cells.append((.isReassembled, .flag(true))) }
    }

    // PGM

    private mutating func addPGM(_ pgm: PGMDatagram) {
        let packet = pgm.packet
        switch pgm.encapsulation {
        case .ip: add(.encapsulation, "ip")
        case .udp(let source, let destination):
            add(.encapsulation, "udp")
            add(.udpSourcePort, Int(source))
            add(.udpDestinationPort, Int(destination))
        }
        add(.gsi, packet.sessionID.globalSourceIDText)
        add(.sourcePort, Int(packet.sessionID.sourcePort))
        add(.port, Int(packet.dataPort))
        add(.checksum, pgm.checksum.word)
        if packet.isParity { cells.append((.isParity, .flag(true))) }
        addBody(packet)
        let options = packet.options.map(\.option.description)
        if !options.isEmpty { cells.append((.options, .texts(options))) }
        guard packet.type.isData else { return }
        add(.payloadByteCount, packet.announcedPayloadByteCount)
        // Where the first message begins, in libzmq's framing.
        if packet.payload.count >= 2 {
            let offset = BigEndian.loadUInt16(packet.payload, at: 0)
            if offset != .max { add(.offset, Int(offset)) }
        }
    }

    private mutating func addBody(_ packet: PacketView) {
        switch packet.body {
        case .spmr: break
        case .data(let fields):
            add(.sequence, Int(fields.sequence.rawValue))
            add(.trail, Int(fields.trail.rawValue))
        case .spm(let fields):
            add(.sequence, Int(fields.sequence.rawValue))
            add(.trail, Int(fields.trail.rawValue))
            add(.lead, Int(fields.lead.rawValue))
            add(.path, fields.path.description)
        case .nak(let fields):
            add(.sequence, Int(fields.sequence.rawValue))
            add(.nakSource, fields.source.description)
            add(.nakGroup, fields.group.description)
            let list = packet.requested.dropFirst().map(\.rawValue)
            if !list.isEmpty { cells.append((.nakList, .numbers(list))) }
        case .poll(let fields):
            add(.sequence, Int(fields.sequence.rawValue))
            add(.round, Int(fields.round))
            add(.subtype, Int(fields.subtype))
            add(.path, fields.path.description)
            add(.backOffMicroseconds, Int(fields.backOffMicroseconds))
            add(.random, Int(fields.random))
            add(.mask, Int(fields.mask))
        case .polr(let fields):
            add(.sequence, Int(fields.sequence.rawValue))
            add(.round, Int(fields.round))
        case .ack(let fields):
            add(.sequence, Int(fields.highest.rawValue))
            add(.bitmap, Int(fields.bitmap))
        }
    }

    // The others

    private mutating func addMembership(_ message: MembershipMessage) {
        add(.version, message.version.word)
        add(.checksum, message.checksum.word)
        switch message.content {
        case .query(let query):
            add(.group, query.group?.description ?? "all")
            add(.maximumResponseMilliseconds, query.maximumResponseMilliseconds)
            guard message.version == .igmp3 || message.version == .mld2 else { return }
            cells.append((.querySources, .texts(query.sources.map(\.description))))
            add(.robustness, Int(query.robustness))
            add(.queryIntervalSeconds, query.intervalSeconds)
        case .records(let records):
            cells.append((.records, .texts(records.map(\.description))))
        }
    }

    private mutating func addUnread(_ what: UnreadProtocol) {
        switch what.space {
        case .ipProtocol: add(.protocolNumber, Int(what.number))
        case .etherType: add(.etherType, Int(what.number))
        default: break
        }
        add(.unread, what.name)
    }

    private mutating func addTCP(_ segment: TCPSegment) {
        add(.sourcePort, Int(segment.sourcePort))
        add(.port, Int(segment.destinationPort))
        add(.tcpSequence, Int(segment.sequence))
        add(.tcpAcknowledgement, Int(segment.acknowledgement))
        add(.tcpFlags, segment.flags.description)
        add(.tcpWindow, Int(segment.window))
        add(.payloadByteCount, segment.payload.count + segment.missingByteCount)
    }
}

extension ChecksumState {
    /// `valid`, `invalid`, `absent`, `unknown`.
    public var word: String {
        switch self {
        case .valid: "valid"
        case .invalid: "invalid"
        case .absent: "absent"
        case .unknown: "unknown"
        }
    }
}

extension MembershipMessage.Version {
    /// `IGMP 3`.
    public var word: String {
        switch self {
        case .igmp1: "IGMP 1"
        case .igmp2: "IGMP 2"
        case .igmp3: "IGMP 3"
        case .mld1: "MLD 1"
        case .mld2: "MLD 2"
        }
    }
}

extension MembershipMessage.Record: CustomStringConvertible {
    /// `join 239.192.1.1`, `change-to-include 239.192.1.1 from 10.77.0.1`: the RFC's words, or what they come to.
    public var description: String {
        let from =
            sources.isEmpty
            ? "" : " from " + sources.map(\.description).joined(separator: " ")
        return "\(kind.word) \(group)\(from)"
    }
}

extension MembershipMessage.Record.Kind {
    public var word: String {
        switch self {
        case .report: "report"
        case .leave: "leave"
        case .modeIsInclude: "is-include"
        case .modeIsExclude: "is-exclude"
        case .changeToInclude: "to-include"
        case .changeToExclude: "to-exclude"
        case .allowNewSources: "allow"
        case .blockOldSources: "block"
        }
    }
}

extension TCPSegment.Flags: CustomStringConvertible {
    /// `SYN ACK`.
    public var description: String {
        let names: [(TCPSegment.Flags, String)] = [
            (.fin, "FIN"), (.syn, "SYN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"),
            (.urg, "URG"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: " ")
    }
}
