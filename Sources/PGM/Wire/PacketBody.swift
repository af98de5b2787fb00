public import Vocabulary

/// What follows the common header, by type (RFC 3208 §8, Appendices C and D).
///
///     SPM              spm_sqn 4 | trail 4 | lead 4 | path NLA 8 or 20
///     ODATA, RDATA     sqn 4 | trail 4
///     NAK, NNAK, NCF   sqn 4 | source NLA 8 or 20 | group NLA 8 or 20
///     POLL             sqn 4 | round 2 | subtype 2 | path NLA 8 or 20 | back-off 4 | random 4 | mask 4
///     POLR             sqn 4 | round 2 | reserved 2
///     SPMR             nothing
///     ACK              rx_max 4 | bitmap 4
public enum PacketBody: Hashable, Sendable {
    case spm(SPMFields)
    case data(DataFields)
    case nak(NAKFields)
    case poll(PollFields)
    case polr(PollResponseFields)
    case spmr
    case ack(AckFields)
}

/// The body of an SPM.
public struct SPMFields: Hashable, Sendable {
    /// A number of its own, not of data.
    public var sequence: SequenceNumber
    public var trail: SequenceNumber
    public var lead: SequenceNumber
    /// Where NAKs go: the last PGM hop towards the source.
    public var path: NetworkAddress

    public init(
        sequence: SequenceNumber,
        trail: SequenceNumber,
        lead: SequenceNumber,
        path: NetworkAddress
    ) {
        self.sequence = sequence
        self.trail = trail
        self.lead = lead
        self.path = path
    }

    /// Trail 0 and lead 0x80000000 say that there is no window information (RFC 3208 §8.1).
    public var hasWindow: Bool { trail.rawValue != 0 || lead.rawValue != 0x8000_0000 }
}

/// The body of ODATA and RDATA before options and payload.
public struct DataFields: Hashable, Sendable {
    public var sequence: SequenceNumber
    /// The oldest number that the source can still repair.
    public var trail: SequenceNumber

    @inlinable
    public init(sequence: SequenceNumber, trail: SequenceNumber) {
        self.sequence = sequence
        self.trail = trail
    }
}

/// The body of NAK, NNAK and NCF. More numbers may follow in OPT_NAK_LIST.
public struct NAKFields: Hashable, Sendable {
    public var sequence: SequenceNumber
    public var source: NetworkAddress
    public var group: NetworkAddress

    public init(sequence: SequenceNumber, source: NetworkAddress, group: NetworkAddress) {
        self.sequence = sequence
        self.source = source
        self.group = group
    }
}

/// The body of a POLL.
public struct PollFields: Hashable, Sendable {
    /// A number of its own, not of data.
    public var sequence: SequenceNumber
    public var round: UInt16
    /// 0 general, 1 search for local repairers.
    public var subtype: UInt16
    /// Where answers go.
    public var path: NetworkAddress
    public var backOffMicroseconds: UInt32
    public var random: UInt32
    public var mask: UInt32

    public init(
        sequence: SequenceNumber,
        round: UInt16,
        subtype: UInt16,
        path: NetworkAddress,
        backOffMicroseconds: UInt32,
        random: UInt32,
        mask: UInt32
    ) {
        self.sequence = sequence
        self.round = round
        self.subtype = subtype
        self.path = path
        self.backOffMicroseconds = backOffMicroseconds
        self.random = random
        self.mask = mask
    }

    public static let general: UInt16 = 0
    public static let localRepairers: UInt16 = 1
}

/// The body of a POLR.
public struct PollResponseFields: Hashable, Sendable {
    public var sequence: SequenceNumber
    public var round: UInt16

    public init(sequence: SequenceNumber, round: UInt16) {
        self.sequence = sequence
        self.round = round
    }
}

/// The body of PGMCC's ACK.
public struct AckFields: Hashable, Sendable {
    /// The highest number received.
    public var highest: SequenceNumber
    /// Which of the 32 numbers up to `highest` were received.
    public var bitmap: UInt32

    public init(highest: SequenceNumber, bitmap: UInt32) {
        self.highest = highest
        self.bitmap = bitmap
    }
}
