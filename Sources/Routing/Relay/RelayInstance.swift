import DequeModule
public import Wire

/// One relay without sockets, threads or clock: it is told what happens, and says what is to be done.
///
///     handle…(at: now) ──▶ ┌── interest: who wants which topics ────────────┐ ──▶ nextDirective()
///                          │   peers: who is connected, and as what         │
///     deadline             │   gates: whom to read from                     │ ──▶ destination(in:), withBranch(of:)
///     handleTimeout(at:)   └── groups: what is heard by multicast ──────────┘      where messages go
///
/// After each call that begins with `handle`, but for `handleSubscription`, take directives until there are none and
/// execute them in order, before the next call: a directive speaks of the moment of its making. Subscriptions may be gathered
/// for as long as one read lasts; what they change is announced in one go.
///
/// Messages do not pass through here. The shell keeps them, asks where they go, and enters into `ledger` what became of them.
public struct RelayInstance: ~Copyable {
    let setup: RelaySetup
    public internal(set) var interest: InterestCore
    var peers: PeerTable
    var gates: ReadingGates
    var groups: [GroupState]
    /// Kept by the shell, which has the messages.
    public var ledger = RelayLedger()
    var absences = Absences()
    /// What peers may do; `nil` without access lists: then no message need be looked at.
    public let access: AccessBook?
    public internal(set) var linked: LinkedTrees
    /// By tree: when the present uplink has had its time to say what the parent wants.
    var demandSettlesAt: [Instant?]
    private var directives = Deque<RelayDirective>()

    public init(_ setup: RelaySetup) {
        self.setup = setup
        interest = InterestCore(seats: setup.seats, limit: setup.subscriptionLimit)
        peers = PeerTable(treeCount: setup.seats.count)
        gates = ReadingGates(setup.seats)
        groups = setup.groups.map(GroupState.init)
        demandSettlesAt = setup.seats.map { _ in nil }
        linked = LinkedTrees(setup.seats)
        access = AccessBook(setup)
    }

    /// Opens what the setup names: islands, groups, and the connections to parents.
    public mutating func handleStart() {
        for opening in linked.openings(of: setup) { add(opening) }
    }

    // MARK: - What the shell asks

    public func peer(_ id: RelayPeer.ID) -> RelayPeer? { peers[id] }

    /// The tree of a link; `nil` for a plain peer, and for one that is not known.
    public func tree(of id: RelayPeer.ID) -> TreeID? { peers[id]?.tree }
    public func tree(of island: IslandID) -> TreeID { setup.islands[island.rawValue] }
    public func group(_ id: GroupID) -> GroupState { groups[id.rawValue] }

    /// Whether messages go up and come down: always at the root.
    public func isConnected(_ tree: TreeID) -> Bool {
        guard !setup.seats[tree.rawValue].isRoot else { return true }
        let isHeard = groups.contains { $0.tree == tree && $0.isParentHeard }
        return peers[tree].uplink != nil && (isHeard || peers[tree].feed != nil)
    }

    /// Where messages go.
    public func destination(in tree: TreeID) -> Destination {
        if setup.seats[tree.rawValue].isRoot { return .down }
        return peers[tree].uplink.map(Destination.up) ?? .nowhere
    }

    // MARK: - Directives

    public var hasDirectives: Bool { !directives.isEmpty || interest.hasAnnouncements }

    /// What to do next; `nil` when nothing is.
    public mutating func nextDirective() -> RelayDirective? {
        if directives.isEmpty { announceChanges() }
        return directives.popFirst()
    }

    mutating func add(_ directive: RelayDirective) {
        directives.append(directive)
    }

    /// Makes directives of what has changed since the last time, for those who are connected now.
    mutating func announceChanges() {
        guard interest.hasAnnouncements else { return }
        // The buffer is passed on only to somebody: most relays have no parent, or no publishers.
        let hasListeners = peers.hasListeners || !linked.isEmpty
        guard hasListeners else { return interest.discardAnnouncements() }
        let changes = interest.takeAnnouncements()
        let peers = peers
        directives += linked.news(of: changes)
        peers.forEachAnnouncement(of: changes) { directives.append(.announce($0)) }
    }

    // MARK: - Time

    /// When `handleTimeout` is to be called; `nil` = nothing is waited for.
    public var deadline: Instant? {
        let first = absences.deadline
        guard !demandSettlesAt.allSatisfy({ $0 == nil }) || !groups.isEmpty else { return first }
        return ([first] + demandSettlesAt + groups.map(\.silentUntil)).compactMap(\.self).min()
    }

    public mutating func handleTimeout(at now: Instant) {
        for directive in absences.giveUp(&interest, at: now) { add(directive) }
        absences.settle(&interest, at: now)
        for number in setup.seats.indices {
            guard let deadline = demandSettlesAt[number], deadline <= now else { continue }
            demandSettlesAt[number] = nil
            interest.handleDemandSettled(TreeID(number))
        }
        for number in groups.indices
        where groups[number].handleTimeout(at: now, setup.silenceMax) {
            fallBackToTCP(GroupID(number))
        }
    }
}
