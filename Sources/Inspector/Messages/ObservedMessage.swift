public import PGM

/// One whole message as one capture saw it go by, over PGM or TCP.
public struct ObservedMessage: Sendable {
    /// Index of the capture, and of the interface within it: together, where it was seen.
    public var capture: Int
    public var interface: Int
    /// From `MessageLog.flow(_:)`.
    public var flow: Int
    /// Counted from 0 in its flow, as seen at this capture.
    public var index: Int
    /// When its last octet went by.
    public var nanoseconds: Int64
    public var digest: MessageDigest
    /// The PGM packet in which it starts; `nil` over TCP.
    public var sequence: SequenceNumber?
    /// Whether part of it came by a repair: PGM's RDATA, or a retransmission of TCP.
    public var isRepaired: Bool

    public init(
        capture: Int,
        interface: Int = 0,
        flow: Int,
        index: Int,
        nanoseconds: Int64,
        digest: MessageDigest,
        sequence: SequenceNumber? = nil,
        isRepaired: Bool = false
    ) {
        self.capture = capture
        self.interface = interface
        self.flow = flow
        self.index = index
        self.nanoseconds = nanoseconds
        self.digest = digest
        self.sequence = sequence
        self.isRepaired = isRepaired
    }

    public var hash: UInt64 { digest.hash }
    public var byteCount: Int { digest.byteCount }
}
