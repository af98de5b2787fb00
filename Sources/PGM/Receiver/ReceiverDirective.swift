public import Vocabulary

/// A source as a receiver knows it: a small number that is used again when the source is gone.
public struct PeerID: Hashable, Sendable {
    public let index: Int

    init(index: Int) {
        self.index = index
    }
}

/// A run of consecutive sequence numbers.
public struct SequenceRange: Hashable, Sendable, CustomStringConvertible {
    public var first: SequenceNumber
    public var count: Int

    public init(first: SequenceNumber, count: Int) {
        self.first = first
        self.count = count
    }

    public var last: SequenceNumber { first + (count - 1) }

    public var description: String { count == 1 ? "\(first)" : "\(first)…\(last)" }
}

/// What the shell does with the packet it has just handed in.
public enum Reception: Hashable, Sendable {
    /// Data that is next in order: deliver its payload, then do the directives.
    case deliver(PeerID)
    /// Data that came too early: keep its payload under its number until a directive asks for it.
    case hold(PeerID)
    /// Parity: keep its payload under its group and index until a directive asks for it.
    case holdParity(PeerID, group: SequenceNumber, index: Int)
    /// Nothing of it is kept: it was no data, or a duplicate, or not to be used.
    case done
}

/// What the shell of a receiver must do, in this order.
public enum ReceiverDirective: Hashable, Sendable {
    /// A new source; its packets come under this id.
    case peerAppeared(PeerID)
    /// Deliver the payloads kept under these numbers, in order, and forget them.
    case deliverHeld(PeerID, SequenceRange)
    /// These numbers will never come: tell the application.
    case reportLoss(PeerID, SequenceRange)
    /// Compute lost payloads from parity, keep them under their numbers (`ReedSolomon`), then call
    /// `handleReconstructed`.
    case reconstruct(PeerID, Reconstruction)
    case sendNAK(PeerID, NAKRequest)
    /// Multicast an SPMR with a TTL of 1, then unicast it to this address (RFC 3208 §13.5).
    case sendSPMR(PeerID, to: NetworkAddress)
    /// Unicast a POLR.
    case sendPOLR(PeerID, PollResponseFields, to: NetworkAddress)
    /// The source has ended and everything it sent was delivered or reported as lost.
    case peerFinished(PeerID)
    /// The source broke off, with the code of its OPT_RST.
    case peerReset(PeerID, errorCode: UInt8)
    /// The source is forgotten, and with it all that is held; the id may be used again.
    case peerExpired(PeerID)
}

/// A NAK to be sent: to whom, and for which packets.
public struct NAKRequest: Hashable, Sendable {
    /// In ascending order, 1…63: the first goes into the body, the others into OPT_NAK_LIST. Of a parity NAK: for each
    /// group its number with the count of missing packets less one in the low bits.
    public var numbers: [SequenceNumber]
    public var isParity: Bool
    /// Where to send it: the last SPM's path, or a local repairer.
    public var destination: NetworkAddress
    /// What goes into the body.
    public var source: NetworkAddress
    public var group: NetworkAddress
}

/// Which payloads of a transmission group can be computed from which (RFC 3208 §11).
public struct Reconstruction: Hashable, Sendable {
    public var group: SequenceNumber
    public var groupSize: Int
    /// The numbers to compute.
    public var missing: [SequenceNumber]
    /// Indices of the parity packets to use, as many as are missing.
    public var parity: [Int]
    /// Parity packets carry the payloads' lengths in two more octets (OPT_VAR_PKTLEN).
    public var hasLengths: Bool

    public init(
        group: SequenceNumber,
        groupSize: Int,
        missing: [SequenceNumber],
        parity: [Int],
        hasLengths: Bool
    ) {
        self.group = group
        self.groupSize = groupSize
        self.missing = missing
        self.parity = parity
        self.hasLengths = hasLengths
    }
}

/// A source as a receiver sees it.
public struct PeerInfo: Hashable, Sendable {
    public var sessionID: TransportSessionID
    public var dataPort: UInt16
    /// Where its packets come from, and where they go.
    public var address: NetworkAddress
    public var group: NetworkAddress
}
