/// What the shell of a source must send, in this order.
public enum SourceDirective: Hashable, Sendable {
    /// Multicast an SPM with these options.
    case sendSPM(SPMFields, [PacketOption])
    /// Multicast the stored packet of this number as RDATA with this trail (`DataPacket.makeRepair`).
    case sendRepair(DataFields)
    /// Compute one parity packet of the transmission group that starts at `group` and multicast it.
    case sendParity(ParityRequest)
}

/// One parity packet to be sent (RFC 3208 §11.2).
public struct ParityRequest: Hashable, Sendable {
    /// The first number of the transmission group.
    public var group: SequenceNumber
    /// Data packets of the group.
    public var groupSize: Int
    /// Which parity packet of the group, from 0: `ReedSolomon` knows it under the same index.
    public var index: Int
    /// ODATA when sent as a matter of course, RDATA when asked for.
    public var type: PacketType
    /// What goes into the packet: its number is the group's with the index in the low bits.
    public var fields: DataFields
    /// OPT_PARITY_GRP, when the index does not fit into the low bits.
    public var options: [PacketOption]
}

/// What a source does about a packet it got.
public enum SourceAnswer: Hashable, Sendable {
    /// Multicast the NCF that repeats this NAK, at once (`DataPacket.writeConfirmation`).
    case confirm
    /// Nothing to send for this packet; directives may follow.
    case none
    /// No NCF: not for this source, against the rules, or confirmed a moment ago. Counted; directives may follow.
    case refused
}
