public import Wire

/// What is heard by multicast.
extension RelayInstance {
    /// Messages came; gives where they belong.
    public mutating func handleRun(
        messageCount: Int,
        byteCount: Int,
        from group: GroupID
    ) -> (tree: TreeID, purpose: RelaySetup.HeardGroup.Purpose) {
        groups[group.rawValue].handleRun(messageCount: messageCount, byteCount: byteCount)
        return (groups[group.rawValue].tree, groups[group.rawValue].purpose)
    }

    /// Packets that nobody could repair.
    public mutating func handleLoss(packetCount: Int, at group: GroupID) {
        groups[group.rawValue].handleLoss(packetCount: packetCount)
    }

    /// A source appeared or went: so many are there now.
    public mutating func handleSources(count: Int, of group: GroupID, at now: Instant) {
        let state = groups[group.rawValue]
        if groups[group.rawValue].handleSources(count: count) {
            add(.report(.groupSilent(group)))
            if peers[state.tree].uplink != nil {
                groups[group.rawValue].awaitSource(until: now + setup.silenceMax)
            }
        }
        if state.purpose == .parent, state.phase != .tcp, count > 1 {
            add(.report(.severalSources(group, count: count)))
        }
    }

    /// The group is left for good, so that no message comes twice.
    mutating func fallBackToTCP(_ group: GroupID) {
        let losesMessages = groups[group.rawValue].fallBackToTCP()
        add(.leave(group))
        add(.report(.fellBackToTCP(group, losesMessages: losesMessages)))
        add(.connect(.feed(groups[group.rawValue].tree)))
    }
}
