import PGM

/// What a filter can ask of a packet.
public enum FilterField: String, CaseIterable, Sendable {
    case number, capture, interface, time, length = "len", type, source, destination, group
    case sourcePort = "sport", port, gsi, sequence = "seq", trail, lead, payload, option, checksum
    case timeToLive = "ttl", dscp, encapsulation, pgm, multicast, retransmission, reassembled, cut
    case outer, tunnel, tunnelID = "tunnelid", vlan, label

    enum Form: Equatable {
        case number, time, address, hexadecimal, flag
        case word([String])
    }

    var form: Form {
        switch self {
        case .number, .capture, .interface, .length, .sourcePort, .port, .sequence, .trail, .lead,
            .payload, .timeToLive, .dscp, .tunnelID, .vlan, .label:
            .number
        case .time: .time
        case .source, .destination, .group, .outer: .address
        case .gsi: .hexadecimal
        case .type: .word(PacketKind.allCases.map(\.rawValue))
        case .option: .word(Self.options.map(\.word))
        case .tunnel: .word(OuterLayer.Kind.allCases.map(\.rawValue))
        case .checksum: .word(["valid", "invalid", "absent", "unknown"])
        case .encapsulation: .word(["ip", "udp"])
        case .pgm, .multicast, .retransmission, .reassembled, .cut: .flag
        }
    }

    /// For the help, with what it is compared with.
    public var explanation: String {
        switch self {
        case .number: "packet in its capture, from 1"
        case .capture: "capture, from 1 in the order given"
        case .interface: "interface of the capture, from 0"
        case .time: "seconds since the first packet (1.5), or UTC (2026-11-23T10:00:00.5Z)"
        case .length: "octets on the wire"
        case .type: "one of: " + PacketKind.allCases.map(\.rawValue).joined(separator: " ")
        case .source: "IP address (10.77.0.1); with “in” also a network (10.77.0.0/24)"
        case .destination: "IP address, as for source"
        case .group: "multicast group it goes to, asks about or joins; as for source"
        case .sourcePort: "port of the PGM source, or the source port of TCP and UDP"
        case .port: "PGM data port, or the destination port of TCP and UDP"
        case .gsi: "PGM global source id, in hexadecimal (b7c6d1bc038a)"
        case .sequence: "PGM sequence number; of NAK and NCF any that it names"
        case .trail: "trail of the PGM window"
        case .lead: "lead of the PGM window (SPM)"
        case .payload: "octets of PGM, UDP or TCP payload"
        case .option:
            "PGM option that it carries, one of: "
                + Self.options.map(\.word).joined(separator: " ")
        case .checksum: "PGM, IGMP or MLD checksum: valid invalid absent unknown"
        case .timeToLive: "TTL or hop limit"
        case .dscp: "DSCP, 0…63"
        case .encapsulation: "PGM over: ip udp"
        case .pgm: "is PGM (stands alone: --where pgm)"
        case .multicast: "goes to a multicast group (stands alone)"
        case .retransmission: "is a repair, RDATA (stands alone)"
        case .reassembled: "came in IP fragments (stands alone)"
        case .cut: "was cut by the snap length (stands alone)"
        case .outer: "address of a tunnel's end, in any outer IP header; as for source"
        case .tunnel:
            "header around the datagram, one of: "
                + OuterLayer.Kind.allCases.map(\.rawValue).joined(separator: " ")
        case .tunnelID: "VNI, GRE key, session of ERSPAN or PPPoE: the number of a tunnel around it"
        case .vlan: "VLAN of a tag, any of several"
        case .label: "MPLS label, any of several"
        }
    }

    static let options: [(word: String, type: UInt8)] = [
        ("fragment", OptionType.fragment), ("nak-list", OptionType.nakList),
        ("join", OptionType.join), ("back-off-interval", OptionType.backOffInterval),
        ("back-off-range", OptionType.backOffRange), ("redirect", OptionType.redirect),
        ("parity-prm", OptionType.parityParameters), ("parity-grp", OptionType.parityGroup),
        ("curr-tgsize", OptionType.currentGroupSize),
        ("nbr-unreach", OptionType.neighbourUnreachable), ("path-nla", OptionType.pathAddress),
        ("syn", OptionType.synchronize), ("fin", OptionType.finish), ("rst", OptionType.reset),
        ("cr", OptionType.congestionReport), ("crqst", OptionType.congestionReportRequest),
        ("pgmcc-data", OptionType.congestionData),
        ("pgmcc-feedback", OptionType.congestionFeedback),
    ]
}

/// What a packet answers.
enum FilterValue: Equatable {
    /// Numbers, words by their index, times in nanoseconds.
    case number(Int64)
    case address(IPAddress)
}

extension PacketFacts {
    /// Calls `body` with each value of a field until one satisfies it; a packet that has none gives false.
    func hasValue(_ field: FilterField, _ body: (FilterValue) -> Bool) -> Bool {
        switch field {
        case .source, .destination, .group, .sequence, .option, .outer, .tunnel, .tunnelID, .vlan,
            .label:
            return hasOneOf(field, body)
        default: return value(of: field).map { body(.number($0)) } ?? false
        }
    }

    func isTrue(_ field: FilterField) -> Bool {
        switch field {
        case .pgm: kind.isPGM
        case .multicast: datagram?.destination.isMulticast ?? false
        case .retransmission: kind == .rdata
        case .reassembled: datagram?.isReassembled ?? false
        case .cut: packet.originalByteCount > packet.bytes.count
        default: false
        }
    }

    private func hasOneOf(_ field: FilterField, _ body: (FilterValue) -> Bool) -> Bool {
        switch field {
        case .source: return datagram.map { body(.address($0.source)) } ?? false
        case .destination: return datagram.map { body(.address($0.destination)) } ?? false
        case .group: return groups.contains { body(.address($0)) }
        case .outer, .tunnel, .tunnelID, .vlan, .label:
            return outer.contains { layer in layer.values(of: field).contains(where: body) }
        case .option:
            guard let packet = pgm?.packet else { return false }
            return packet.options.contains { option in
                guard let index = FilterField.options.firstIndex(where: { $0.type == option.type })
                else { return false }
                return body(.number(Int64(index)))
            }
        default:
            guard let packet = pgm?.packet else { return false }
            switch packet.type {
            case .nak, .nnak, .ncf:
                return packet.requested.contains { body(.number(Int64($0.rawValue))) }
            case .spmr: return false
            case .spm, .poll, .polr, .odata, .rdata, .ack:
                return body(.number(Int64(packet.sequence.rawValue)))
            }
        }
    }

    private func value(of field: FilterField) -> Int64? {
        switch field {
        case .number: Int64(packet.number)
        case .capture: Int64(capture + 1)
        case .interface: Int64(packet.interface)
        case .length: Int64(packet.originalByteCount)
        case .time: packet.nanoseconds
        case .type: PacketKind.allCases.firstIndex(of: kind).map(Int64.init)
        case .sourcePort: ports.map { Int64($0.source) }
        case .port: ports.map { Int64($0.destination) }
        case .gsi: pgm.map { Int64($0.packet.globalSourceID) }
        case .timeToLive: datagram.map { Int64($0.timeToLive) }
        case .dscp: datagram.map { Int64($0.trafficClass >> 2) }
        case .trail, .lead, .payload, .checksum, .encapsulation: transportValue(of: field)
        default: nil
        }
    }

    private func transportValue(of field: FilterField) -> Int64? {
        switch (field, dissection) {
        case (.payload, .pgm(let pgm)): Int64(pgm.packet.announcedPayloadByteCount)
        case (.payload, .udp(let udp)): Int64(udp.payload.count + udp.missingByteCount)
        case (.payload, .tcp(let tcp)): Int64(tcp.payload.count + tcp.missingByteCount)
        case (.checksum, .pgm(let pgm)): pgm.checksum.index
        case (.checksum, .membership(let message)): message.checksum.index
        case (.encapsulation, .pgm(let pgm)): pgm.encapsulation == .ip ? 0 : 1
        case (.trail, .pgm(let pgm)):
            switch pgm.packet.body {
            case .data(let fields): Int64(fields.trail.rawValue)
            case .spm(let fields): Int64(fields.trail.rawValue)
            case .nak, .poll, .polr, .spmr, .ack: nil
            }
        case (.lead, .pgm(let pgm)):
            if case .spm(let fields) = pgm.packet.body { Int64(fields.lead.rawValue) } else { nil }
        default: nil
        }
    }
}

extension OuterLayer {
    /// What the layer answers to a field of its kind.
    fileprivate func values(of field: FilterField) -> [FilterValue] {
        let number = identifier.map { [FilterValue.number(Int64($0))] } ?? []
        return switch (field, kind) {
        case (.outer, .ip): [source, destination].compactMap { $0.map(FilterValue.address) }
        case (.tunnel, _):
            OuterLayer.Kind.allCases.firstIndex(of: kind).map { [.number(Int64($0))] } ?? []
        case (.vlan, .vlan), (.label, .mpls): number
        case (.tunnelID, .vlan), (.tunnelID, .mpls): []
        case (.tunnelID, _): number
        default: []
        }
    }
}

extension ChecksumState {
    /// Place among the words of the field.
    fileprivate var index: Int64 {
        switch self {
        case .valid: 0
        case .invalid: 1
        case .absent: 2
        case .unknown: 3
        }
    }
}
