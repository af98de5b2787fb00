/// Whom a socket lets in at `ipc://` endpoints. The kernel says who the other end is: its user, its groups and its process, at the time
/// of its connect. A peer needs to be in one of the sets; when all are empty, everybody is let in.
public struct IPCOptions: Equatable, Sendable {
    public var admittedUserIDs: Set<UInt32> = []
    /// The group that the peer's process runs under; its further groups do not count.
    public var admittedGroupIDs: Set<UInt32> = []
    public var admittedProcessIDs: Set<Int32> = []

    public init() {}

    /// Whether there is anything to ask.
    var isFiltering: Bool {
        !(admittedUserIDs.isEmpty && admittedGroupIDs.isEmpty && admittedProcessIDs.isEmpty)
    }

    func admits(userID: UInt32, groupID: UInt32, processID: Int32) -> Bool {
        !isFiltering || admittedUserIDs.contains(userID) || admittedGroupIDs.contains(groupID)
            || admittedProcessIDs.contains(processID)
    }
}
