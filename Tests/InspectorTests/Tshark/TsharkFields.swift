import Vocabulary
import Dissection
import PGM

/// What tshark would say of a packet, told from our own dissection. Numbers are decimal.
enum TsharkFields {
    static func fields(of dissection: DissectedPacket) -> [String: [String]] {
        switch dissection {
        case .pgm(let pgm):
            var fields = network(pgm.datagram)
            if case .udp(let source, let destination) = pgm.encapsulation {
                fields["udp.srcport"] = ["\(source)"]
                fields["udp.dstport"] = ["\(destination)"]
            }
            // tshark 4.0 leaves SPMR alone.
            if pgm.packet.type == .spmr { return fields }
            fields.merge(header(pgm.packet)) { $1 }
            // tshark 4.0 has no value for the checksum: its status begins with the upper octet of it.
            fields["pgm.hdr.cksum.status"] = [
                "\(pgm.packet.checksum >> 8)", pgm.checksum == .valid ? "1" : "0",
            ]
            fields.merge(body(pgm.packet)) { $1 }
            fields.merge(options(pgm.packet)) { $1 }
            return fields
        case .membership(let message):
            return network(message.datagram).merging(membership(message)) { $1 }
        case .tcp, .udp, .unread, .incomplete, .skipped: return [:]
        }
    }

    static let names: [String] =
        network + pgm + [
            "igmp.type", "igmp.version", "igmp.maddr", "igmp.saddr", "igmp.record_type",
            "igmp.num_src", "igmp.num_grp_recs", "igmp.s", "igmp.qrv", "igmp.qqic", "igmp.max_resp",
            "icmpv6.mld.multicast_address", "icmpv6.mld.source_address", "icmpv6.mld.flag.s",
            "icmpv6.mld.flag.qrv", "icmpv6.mldr.mar.record_type",
            "icmpv6.mldr.mar.multicast_address", "icmpv6.mldr.mar.source_address",
        ]

    private static let network = [
        "ip.src", "ip.dst", "ip.ttl", "ip.dsfield.dscp", "ipv6.src", "ipv6.dst", "ipv6.hlim",
        "udp.srcport", "udp.dstport",
    ]

    /// Every field of its PGM dissector that says something about the packet.
    private static let pgm = [
        "hdr.sport", "hdr.dport", "hdr.type", "hdr.opts", "hdr.cksum.status", "hdr.gsi",
        "hdr.tsdulen",
        "hdr.opts.opt", "hdr.opts.netsig", "hdr.opts.varlen", "hdr.opts.parity",
        "spm.sqn", "spm.trail", "spm.lead", "spm.pathafi", "spm.path.ipv4", "spm.path.ipv6",
        "nak.sqn", "nak.srcafi", "nak.src.ipv4", "nak.src.ipv6", "nak.grpafi", "nak.grp.ipv4",
        "nak.grp.ipv6", "poll.sqn", "poll.round", "poll.subtype", "poll.pathafi", "poll.path.ipv4",
        "poll.path.ipv6", "poll.backoff_ivl", "poll.rand_str", "poll.matching_bmask", "polr.sqn",
        "polr.round", "ack.maxsqn", "ack.bitmap", "opts.type", "opts.len", "opts.tlen",
        "genopts.type", "genopts.len", "genopts.end", "opts.parity_prm.op",
        "opts.parity_prm.prm_grp", "opts.join.min_join", "opts.nak.list",
        "opts.nak_bo_ivl.bo_ivl", "opts.nak_bo_ivl.bo_ivl_sqn", "opts.nak_bo_rng.min_bo_ivl",
        "opts.nak_bo_rng.max_bo_ivl", "opts.redirect.afi", "opts.redirect.dlr.ipv4",
        "opts.redirect.dlr.ipv6", "opts.fragment.first_sqn", "opts.fragment.fragment_offset",
        "opts.fragment.total_length", "opts.ccdata.tstamp", "opts.ccdata.afi",
        "opts.ccdata.acker.ipv4", "opts.ccdata.acker.ipv6", "opts.ccdata.lossrate",
    ].map { "pgm." + $0 }

    private static func network(_ datagram: Datagram) -> [String: [String]] {
        let dscp = ["\(datagram.trafficClass >> 2)"]
        if datagram.source.family == .v6 {
            return [
                "ipv6.src": ["\(datagram.source)"], "ipv6.dst": ["\(datagram.destination)"],
                "ipv6.hlim": ["\(datagram.timeToLive)"],
            ]
        }
        return [
            "ip.src": ["\(datagram.source)"], "ip.dst": ["\(datagram.destination)"],
            "ip.ttl": ["\(datagram.timeToLive)"], "ip.dsfield.dscp": dscp,
        ]
    }

    private static func header(_ packet: PacketView) -> [String: [String]] {
        let flags = packet.flags
        return [
            "pgm.hdr.sport": ["\(packet.sourcePort)"],
            "pgm.hdr.dport": ["\(packet.destinationPort)"],
            "pgm.hdr.type": ["\(packet.type.rawValue)"], "pgm.hdr.opts": ["\(flags.rawValue)"],
            "pgm.hdr.gsi": [packet.sessionID.globalSourceIDText],
            "pgm.hdr.tsdulen": ["\(packet.announcedPayloadByteCount)"],
            "pgm.hdr.opts.opt": [flags.contains(.options) ? "1" : "0"],
            "pgm.hdr.opts.netsig": [flags.contains(.networkSignificant) ? "1" : "0"],
            "pgm.hdr.opts.varlen": [flags.contains(.variableLength) ? "1" : "0"],
            "pgm.hdr.opts.parity": [flags.contains(.parity) ? "1" : "0"],
        ]
    }

    private static func body(_ packet: PacketView) -> [String: [String]] {
        switch packet.body {
        case .data(let fields):
            // Its dissector has the names of the SPM for these two.
            return ["pgm.spm.sqn": ["\(fields.sequence)"], "pgm.spm.trail": ["\(fields.trail)"]]
        case .spm(let fields):
            return [
                "pgm.spm.sqn": ["\(fields.sequence)"], "pgm.spm.trail": ["\(fields.trail)"],
                "pgm.spm.lead": ["\(fields.lead)"],
            ].merging(address(fields.path, "pgm.spm.pathafi", "pgm.spm.path")) { $1 }
        case .nak(let fields):
            return ["pgm.nak.sqn": ["\(fields.sequence)"]]
                .merging(address(fields.source, "pgm.nak.srcafi", "pgm.nak.src")) { $1 }
                .merging(address(fields.group, "pgm.nak.grpafi", "pgm.nak.grp")) { $1 }
        case .poll(let fields):
            return [
                "pgm.poll.sqn": ["\(fields.sequence)"], "pgm.poll.round": ["\(fields.round)"],
                "pgm.poll.subtype": ["\(fields.subtype)"],
                "pgm.poll.backoff_ivl": ["\(fields.backOffMicroseconds)"],
                "pgm.poll.rand_str": ["\(fields.random)"],
                "pgm.poll.matching_bmask": ["\(fields.mask)"],
            ].merging(address(fields.path, "pgm.poll.pathafi", "pgm.poll.path")) { $1 }
        case .polr(let fields):
            return ["pgm.polr.sqn": ["\(fields.sequence)"], "pgm.polr.round": ["\(fields.round)"]]
        case .ack(let fields):
            return [
                "pgm.ack.maxsqn": ["\(fields.highest)"], "pgm.ack.bitmap": ["\(fields.bitmap)"],
            ]
        case .spmr: return [:]
        }
    }

    private static func address(
        _ address: NetworkAddress,
        _ familyName: String,
        _ name: String
    ) -> [String: [String]] {
        let isV4 = address.family == .v4
        return [
            familyName: [isV4 ? "1" : "2"], name + (isV4 ? ".ipv4" : ".ipv6"): ["\(address)"],
        ]
    }

    private static func options(_ packet: PacketView) -> [String: [String]] {
        guard packet.hasOptions else { return [:] }
        let views = Array(packet.options)
        let total = 4 + views.reduce(0) { $0 + $1.bytes.count }
        var fields: [String: [String]] = [
            "pgm.opts.type": ["0"], "pgm.opts.len": ["4"], "pgm.opts.tlen": ["\(total)"],
        ]
        // Of the others it says no more than their names.
        let decoded = views.indices.filter { decodedTypes.contains(views[$0].type) }
        if !decoded.isEmpty {
            fields["pgm.genopts.type"] = decoded.map { "\(views[$0].type)" }
            fields["pgm.genopts.len"] = decoded.map { "\(views[$0].bytes.count)" }
            fields["pgm.genopts.end"] = decoded.map { $0 == views.count - 1 ? "1" : "0" }
        }
        for view in views { fields.merge(content(view.option.content)) { $0 + $1 } }
        return fields
    }

    private static let decodedTypes = [
        OptionType.fragment, OptionType.nakList, OptionType.join, OptionType.backOffInterval,
        OptionType.backOffRange, OptionType.redirect, OptionType.parityParameters,
        OptionType.parityGroup,
    ]

    private static func content(_ content: PacketOption.Content) -> [String: [String]] {
        switch content {
        case .fragment(let first, let offset, let byteCount):
            [
                "pgm.opts.fragment.first_sqn": ["\(first)"],
                "pgm.opts.fragment.fragment_offset": ["\(offset)"],
                "pgm.opts.fragment.total_length": ["\(byteCount)"],
            ]
        case .nakList(let numbers):
            // The octets of its own text, cut to the length of the list.
            ["pgm.opts.nak.list": [listText(numbers)]]
        case .join(let minimum): ["pgm.opts.join.min_join": ["\(minimum)"]]
        case .backOffInterval(let microseconds, let poll):
            [
                "pgm.opts.nak_bo_ivl.bo_ivl": ["\(microseconds)"],
                "pgm.opts.nak_bo_ivl.bo_ivl_sqn": ["\(poll)"],
            ]
        case .backOffRange(let maximum, let minimum):
            [
                // Exchanged in tshark: the maximum comes first (RFC 3208 §15.4.2).
                "pgm.opts.nak_bo_rng.min_bo_ivl": ["\(maximum)"],
                "pgm.opts.nak_bo_rng.max_bo_ivl": ["\(minimum)"],
            ]
        case .redirect(let dlr): address(dlr, "pgm.opts.redirect.afi", "pgm.opts.redirect.dlr")
        case .parityParameters(let isProactive, let isOnDemand, let size):
            [
                "pgm.opts.parity_prm.op": ["\((isProactive ? 1 : 0) + (isOnDemand ? 2 : 0))"],
                "pgm.opts.parity_prm.prm_grp": ["\(size)"],
            ]
        case .parityGroup(let group):
            // It has the names of another option for these.
            ["pgm.opts.parity_prm.op": ["0"], "pgm.opts.parity_prm.prm_grp": ["\(group)"]]
        default: [:]
        }
    }

    private static func listText(_ numbers: [SequenceNumber]) -> String {
        let text = numbers.map { "0x\(String($0.rawValue, radix: 16)) " }.joined()
        return text.utf8.prefix(numbers.count * 4).map { octet in
            (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }.joined()
    }

    private static func membership(_ message: MembershipMessage) -> [String: [String]] {
        switch message.version {
        case .igmp1: igmp(message, number: 1)
        case .igmp2: igmp(message, number: 2)
        case .igmp3: igmp(message, number: 3)
        case .mld1, .mld2: mld(message)
        }
    }

    private static func igmp(_ message: MembershipMessage, number: Int) -> [String: [String]] {
        var fields = ["igmp.version": ["\(number)"]]
        switch message.content {
        case .query(let query):
            fields["igmp.type"] = ["17"]
            fields["igmp.maddr"] = [query.group?.description ?? "0.0.0.0"]
            if number > 1 {
                fields["igmp.max_resp"] = ["\(query.maximumResponseMilliseconds / 100)"]
            }
            guard number == 3 else { break }
            fields["igmp.s"] = [query.suppressesRouters ? "1" : "0"]
            fields["igmp.qrv"] = ["\(query.robustness)"]
            fields["igmp.qqic"] = ["\(query.intervalSeconds)"]
            fields["igmp.num_src"] = ["\(query.sources.count)"]
            if !query.sources.isEmpty { fields["igmp.saddr"] = query.sources.map { "\($0)" } }
        case .records(let records):
            fields["igmp.maddr"] = records.map { "\($0.group)" }
            if number == 2 { fields["igmp.max_resp"] = ["0"] }
            guard number == 3 else {
                fields["igmp.type"] = [
                    number == 1 ? "18" : records[0].kind == .leave ? "23" : "22"
                ]
                break
            }
            fields["igmp.type"] = ["34"]
            fields["igmp.num_grp_recs"] = ["\(records.count)"]
            fields["igmp.record_type"] = records.map { recordType($0.kind) }
            fields["igmp.num_src"] = records.map { "\($0.sources.count)" }
            let sources = records.flatMap(\.sources)
            if !sources.isEmpty { fields["igmp.saddr"] = sources.map { "\($0)" } }
        }
        return fields
    }

    private static func mld(_ message: MembershipMessage) -> [String: [String]] {
        switch message.content {
        case .query(let query):
            var fields = ["icmpv6.mld.multicast_address": [query.group?.description ?? "::"]]
            guard message.version == .mld2 else { return fields }
            fields["icmpv6.mld.flag.s"] = [query.suppressesRouters ? "1" : "0"]
            fields["icmpv6.mld.flag.qrv"] = ["\(query.robustness)"]
            if !query.sources.isEmpty {
                fields["icmpv6.mld.source_address"] = query.sources.map { "\($0)" }
            }
            return fields
        case .records(let records):
            guard message.version == .mld2 else {
                return ["icmpv6.mld.multicast_address": records.map { "\($0.group)" }]
            }
            var fields = [
                "icmpv6.mldr.mar.record_type": records.map { recordType($0.kind) },
                "icmpv6.mldr.mar.multicast_address": records.map { "\($0.group)" },
            ]
            let sources = records.flatMap(\.sources)
            if !sources.isEmpty {
                fields["icmpv6.mldr.mar.source_address"] = sources.map { "\($0)" }
            }
            return fields
        }
    }

    private static func recordType(_ kind: MembershipMessage.Record.Kind) -> String {
        switch kind {
        case .modeIsInclude: "1"
        case .modeIsExclude: "2"
        case .changeToInclude: "3"
        case .changeToExclude: "4"
        case .allowNewSources: "5"
        case .blockOldSources: "6"
        case .report, .leave: ""
        }
    }
}
