public import Dissection

/// A router or switch that sends general queries, by IGMP or MLD, as seen at one interface of one capture.
public struct MembershipQuerier: Sendable, Equatable {
    public var capture: Int
    public var interface: Int
    public var address: IPAddress
    public var queryCount: Int
}
