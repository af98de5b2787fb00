public import Patterns

/// Queues that are full or have room again, and what is read from.
extension RelayInstance {
    /// Whether any of the queues down to those subscribers or children is full.
    public mutating func handleQueue(_ queue: DownQueue, isFull: Bool) {
        apply(gates.set(.down(queue), isFull: isFull))
    }

    /// Whether the queue of any of a tree's islands is full.
    public mutating func handleIslandQueues(of tree: TreeID, areFull: Bool) {
        apply(gates.set(.islands(tree), isFull: areFull))
    }

    /// Whether the queue up to a parent is full.
    public mutating func handleUplinkQueue(of tree: TreeID, isFull: Bool) {
        apply(gates.set(.uplink(tree), isFull: isFull))
    }

    /// The full queues that keep a peer from being read; none when it is read.
    public func queuesHolding(_ id: RelayPeer.ID) -> [HoldingQueue] {
        peers[id].map { gates.queuesHolding($0.role) } ?? []
    }

    /// The child that is away and goes on as this subscriber when it is back.
    public func absentChild(of subscriber: SubscriberID) -> (node: String, tree: TreeID)? {
        absences.child(of: subscriber)
    }

    mutating func apply(_ changes: [ReadingGates.Change]) {
        for change in changes {
            switch change {
            case .feed(let tree):
                if let feed = peers[tree].feed { updateGate(of: feed) }
                updateGates(ofGroups: .parent, in: tree)
            case .uplink(let tree):
                for publisher in peers[tree].publishers { updateGate(of: publisher) }
                updateGates(ofGroups: .publisher, in: tree)
            case .publishers:
                for publisher in peers.publishers { updateGate(of: publisher) }
            }
        }
    }

    mutating func updateGate(of id: RelayPeer.ID) {
        guard let peer = peers[id] else { return }
        let isReading = gates.isOpen(for: peer.role)
        if peers.setReading(isReading, of: id) { add(.setReading(id, isReading)) }
    }

    private mutating func updateGates(
        ofGroups purpose: RelaySetup.HeardGroup.Purpose,
        in tree: TreeID
    ) {
        for number in groups.indices
        where groups[number].tree == tree && groups[number].purpose == purpose {
            updateGate(of: GroupID(number))
        }
    }

    mutating func updateGate(of id: GroupID) {
        let group = groups[id.rawValue]
        let isReading =
            switch group.purpose {
            case .parent: gates.isFeedOpen(group.tree)
            case .publisher: gates.isUplinkOpen(group.tree)
            }
        guard isReading != group.isReading else { return }
        groups[id.rawValue].isReading = isReading
        if group.phase != .tcp { add(.setGroupReading(id, isReading)) }
    }
}
