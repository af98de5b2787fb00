/// One multicast group as seen at one interface of one capture: who joined and left it, by IGMP or MLD.
public struct GroupReport: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public var address: IPAddress
        /// The first report of a membership; `nil` when only a leave was seen.
        public var joinedNanoseconds: Int64?
        /// The last leave, unless a join came after it.
        public var leftNanoseconds: Int64?
        public var reportCount: Int
        public var leaveCount: Int
        /// From the join to the first data of the group at this interface: how long the member waited at most.
        /// `nil` when data flowed before, or never came.
        public var joinToDataNanoseconds: Int64?
        /// Data for the group came after the join (or was flowing already).
        public var hasSeenData: Bool

        public init(address: IPAddress) {
            self.address = address
            self.reportCount = 0
            self.leaveCount = 0
            self.hasSeenData = false
        }
    }

    public var capture: Int
    public var interface: Int
    public var group: IPAddress
    /// By address.
    public var members: [Member]
    public var leftOutMemberCount: Int
    /// General and group-specific queries that were seen for it.
    public var queryCount: Int

    public init(
        capture: Int,
        interface: Int,
        group: IPAddress,
        members: [Member] = [],
        leftOutMemberCount: Int = 0,
        queryCount: Int = 0
    ) {
        self.capture = capture
        self.interface = interface
        self.group = group
        self.members = members
        self.leftOutMemberCount = leftOutMemberCount
        self.queryCount = queryCount
    }
}
