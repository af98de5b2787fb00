/// What a user tells the dissector in advance.
public struct DissectorOptions: Sendable {
    /// UDP destination ports that carry EPGM whatever it looks like. Others are found by their packets.
    public var pgmPorts: [UInt16]

    public init(pgmPorts: [UInt16] = []) {
        self.pgmPorts = pgmPorts
    }
}
