public import Dissection

/// What a user asks of an inspection.
public struct InspectionOptions: Sendable {
    public var dissector = DissectorOptions()
    public var streams = StreamOptions()
    /// Only packets that it chooses are analysed.
    public var filter: PacketFilter?
    /// Which taps and plan the messages are compared with; `nil` = no verdict. Takes memory for each message.
    public var verdict: VerdictOptions?

    public init() {}
}
