/// What a receiver has received, requested and refused.
public struct ReceiverCounters: Hashable, Sendable {
    public var odataPackets = 0
    public var rdataPackets = 0
    public var parityPackets = 0
    public var spmPackets = 0
    public var ncfPackets = 0
    public var pollPackets = 0
    /// Packets, NAK packets and numbers in them.
    public var deliveredPackets = 0
    public var nakPackets = 0
    public var nakNumbers = 0
    /// Numbers whose NAK was not needed, because somebody else's was confirmed.
    public var nakNumbersSuppressed = 0
    public var spmRequests = 0
    public var pollResponses = 0
    /// Packets that came by repair or parity after they had been missed.
    public var recoveredPackets = 0
    public var reconstructedPackets = 0
    public var lostPackets = 0

    public var duplicates = 0
    /// Older than what was delivered or given up.
    public var packetsTooOld = 0
    /// Too far ahead for the window.
    public var packetsBeyondWindow = 0
    /// SPMs that were overtaken or repeated.
    public var spmsOutOfSequence = 0
    /// Leads so far ahead that they were taken as the end of the window only.
    public var leadsBeyondWindow = 0
    /// Trail and lead, or trail and number, that contradict each other.
    public var windowsImpossible = 0
    /// Repairs and NCFs of sources not heard before, NAKs and packets that are for sources.
    public var strayPackets = 0
    /// Packets of sources for which there was no room.
    public var peersRefused = 0
    /// Parity packets that no group can use.
    public var parityUnusable = 0

    public init() {}
}
