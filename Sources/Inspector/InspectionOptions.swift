/// What a user asks of an inspection.
public struct InspectionOptions: Sendable {
    public var dissector = DissectorOptions()
    public var streams = StreamOptions()
    /// Only packets that it chooses are analysed.
    public var filter: PacketFilter?
    /// Messages of all taps are kept, to be compared. Takes memory for each message.
    public var needsVerdict = false

    public init() {}
}
