public import Vocabulary

/// One option extension as a value (RFC 3208 §9 and appendices).
public struct PacketOption: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        /// This packet is a part of an application's unit that spans packets.
        case fragment(first: SequenceNumber, offset: UInt32, byteCount: UInt32)
        /// More numbers to repair; at most 62.
        case nakList([SequenceNumber])
        /// Who joins late may ask for repairs from here on.
        case join(minimum: SequenceNumber)
        /// How long receivers back off before a NAK; a poll of 0 holds at once.
        case backOffInterval(microseconds: UInt32, poll: SequenceNumber)
        case backOffRange(maximumMicroseconds: UInt32, minimumMicroseconds: UInt32)
        /// A local repairer takes NAKs there.
        case redirect(NetworkAddress)
        case parityParameters(isProactive: Bool, isOnDemand: Bool, groupSize: UInt32)
        case parityGroup(UInt32)
        case currentGroupSize(UInt32)
        case neighbourUnreachable
        case pathAddress(NetworkAddress)
        /// The first packet of a session.
        case synchronize
        /// The last packet of a session.
        case finish
        /// The session is broken off; with `refusesNAKs` no repair will come.
        case reset(refusesNAKs: Bool, errorCode: UInt8)
        case congestionReport(CongestionReport)
        /// Bits 4, 2, 1: worst link, worst path, worst receiver path.
        case congestionReportRequest(UInt8)
        case congestionData(milliseconds: UInt32, acker: NetworkAddress)
        case congestionFeedback(milliseconds: UInt32, lossRate: UInt16, receiver: NetworkAddress)
        /// A type that nobody here knows, with the octets after its four-octet head.
        case other(type: UInt8, content: [UInt8])
    }

    public var content: Content
    /// F and OPX; only network elements care.
    public var extensibility: UInt8

    public init(_ content: Content, extensibility: UInt8 = 0) {
        self.content = content
        self.extensibility = extensibility
    }

    public static let nakListCountMax = 62
}

/// OPT_CR: what loss receivers and network elements see (RFC 3208 §12.7.1).
public struct CongestionReport: Hashable, Sendable {
    /// Bits 4, 2, 1: worst link, worst path, worst receiver path are reported.
    public var which: UInt8
    public var lead: SequenceNumber
    public var worstLink: UInt16
    public var worstPath: UInt16
    public var worstReceiverPath: UInt16
    public var receiver: NetworkAddress

    public init(
        which: UInt8,
        lead: SequenceNumber,
        worstLink: UInt16,
        worstPath: UInt16,
        worstReceiverPath: UInt16,
        receiver: NetworkAddress
    ) {
        self.which = which
        self.lead = lead
        self.worstLink = worstLink
        self.worstPath = worstPath
        self.worstReceiverPath = worstReceiverPath
        self.receiver = receiver
    }
}

extension PacketOption {
    public var type: UInt8 {
        switch content {
        case .fragment: OptionType.fragment
        case .nakList: OptionType.nakList
        case .join: OptionType.join
        case .backOffInterval: OptionType.backOffInterval
        case .backOffRange: OptionType.backOffRange
        case .redirect: OptionType.redirect
        case .parityParameters: OptionType.parityParameters
        case .parityGroup: OptionType.parityGroup
        case .currentGroupSize: OptionType.currentGroupSize
        case .neighbourUnreachable: OptionType.neighbourUnreachable
        case .pathAddress: OptionType.pathAddress
        case .synchronize: OptionType.synchronize
        case .finish: OptionType.finish
        case .reset: OptionType.reset
        case .congestionReport: OptionType.congestionReport
        case .congestionReportRequest: OptionType.congestionReportRequest
        case .congestionData: OptionType.congestionData
        case .congestionFeedback: OptionType.congestionFeedback
        case .other(let type, _): type & 0x7F
        }
    }

    /// Whether network elements act on it (RFC 3208 §8, bit 1 of the options octet).
    public var isNetworkSignificant: Bool {
        switch content {
        case .nakList, .redirect, .parityParameters, .neighbourUnreachable, .pathAddress,
            .congestionReport, .congestionReportRequest:
            true
        case .fragment, .join, .backOffInterval, .backOffRange, .parityGroup, .currentGroupSize,
            .synchronize, .finish, .reset, .congestionData, .congestionFeedback, .other:
            false
        }
    }

    /// Octets with its head.
    public var byteCount: Int {
        switch content {
        case .neighbourUnreachable, .synchronize, .finish, .reset, .congestionReportRequest: 4
        case .join, .parityParameters, .parityGroup, .currentGroupSize: 8
        case .backOffInterval, .backOffRange: 12
        case .fragment: 16
        case .nakList(let numbers): 4 + 4 * numbers.count
        case .redirect(let address): 4 + address.encodedByteCount
        case .pathAddress(let address): 4 + address.byteCount
        case .congestionReport(let report): 16 + report.receiver.encodedByteCount
        case .congestionData(_, let address), .congestionFeedback(_, _, let address):
            8 + address.encodedByteCount
        case .other(_, let content): 4 + content.count
        }
    }
}

extension PacketOption: CustomStringConvertible {
    /// `OPT_NAK_LIST 8 9 12`: the RFC's name, then what it says.
    public var description: String {
        switch content {
        case .fragment(let first, let offset, let count):
            "OPT_FRAGMENT first \(first) offset \(offset) of \(count)"
        case .nakList(let numbers):
            "OPT_NAK_LIST" + numbers.map { " \($0)" }.joined()
        case .join(let minimum): "OPT_JOIN \(minimum)"
        case .backOffInterval(let microseconds, let poll):
            "OPT_NAK_BO_IVL \(microseconds) µs poll \(poll)"
        case .backOffRange(let maximum, let minimum):
            "OPT_NAK_BO_RNG \(minimum)…\(maximum) µs"
        case .redirect(let address): "OPT_REDIRECT \(address)"
        case .parityParameters(let isProactive, let isOnDemand, let size):
            "OPT_PARITY_PRM\(isProactive ? " proactive" : "")\(isOnDemand ? " on-demand" : "") \(size)"
        case .parityGroup(let group): "OPT_PARITY_GRP \(group)"
        case .currentGroupSize(let size): "OPT_CURR_TGSIZE \(size)"
        case .neighbourUnreachable: "OPT_NBR_UNREACH"
        case .pathAddress(let address): "OPT_PATH_NLA \(address)"
        case .synchronize: "OPT_SYN"
        case .finish: "OPT_FIN"
        case .reset(let refusesNAKs, let code):
            "OPT_RST code \(code)\(refusesNAKs ? " no repairs" : "")"
        case .congestionReport(let report):
            "OPT_CR which \(report.which) lead \(report.lead) link \(report.worstLink)"
                + " path \(report.worstPath) receiver path \(report.worstReceiverPath)"
                + " receiver \(report.receiver)"
        case .congestionReportRequest(let which): "OPT_CRQST which \(which)"
        case .congestionData(let milliseconds, let acker):
            "OPT_PGMCC_DATA \(milliseconds) ms acker \(acker)"
        case .congestionFeedback(let milliseconds, let lossRate, let receiver):
            "OPT_PGMCC_FEEDBACK \(milliseconds) ms loss \(lossRate) receiver \(receiver)"
        case .other(let type, let content): "option \(type) of \(content.count + 4) octets"
        }
    }
}
