/// What a source has sent and refused.
public struct SourceCounters: Hashable, Sendable {
    public var dataPackets = 0
    public var dataByteCount = 0
    public var repairPackets = 0
    public var repairByteCount = 0
    public var parityPackets = 0
    public var spmPackets = 0
    public var confirmations = 0
    /// NAK packets that were heard, and numbers asked for in them.
    public var nakPackets = 0
    public var nakNumbers = 0
    public var nnakPackets = 0
    public var pollResponses = 0
    public var acknowledgements = 0
    public var spmRequests = 0

    /// Numbers that were asked for while their repair was queued or just sent.
    public var nakNumbersMerged = 0
    /// Numbers older than the window: they cannot be repaired any more.
    public var nakNumbersTooOld = 0
    /// Numbers that were never sent: forged, or of another session.
    public var nakNumbersUnknown = 0
    /// NAKs that name another source or group.
    public var naksMisaddressed = 0
    /// NAKs above the rate that one source answers.
    public var naksOverRate = 0
    /// Equal NCFs that were left out.
    public var confirmationsSpared = 0
    /// Requests for SPMs that had just been sent.
    public var spmRequestsSpared = 0
    /// Parity NAKs without on-demand parity, or for a group that is not complete.
    public var parityNAKsRefused = 0
    /// Packets of another session, or of a type that no receiver sends.
    public var strayPackets = 0
    /// Times that data had to wait for the rate.
    public var admissionsDelayed = 0

    public init() {}
}
