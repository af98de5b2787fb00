public import Dissection

/// One multicast group as seen at one interface of one capture: who joined and left it, by IGMP or MLD.
public struct GroupReport: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public var address: IPAddress
        /// The first report of the newest membership; `nil` when only a leave was seen.
        public var joinedNanoseconds: Int64?
        /// When that membership ended.
        public var leftNanoseconds: Int64?
        public var isJoined = false
        /// Memberships that began.
        public var joinCount = 0
        /// Reports in all, also repeated ones and answers to queries.
        public var reportCount = 0
        public var leaveCount = 0
        /// From the join to the first data for the group at this interface; `nil` when none came.
        public var joinToDataNanoseconds: Int64?
        /// Data for the group had been seen less than a second before the join, so that the time above is the network's.
        public var hasJoinedFlowing = false
        public var hasSeenData = false

        public init(address: IPAddress) {
            self.address = address
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
