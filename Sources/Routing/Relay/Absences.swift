import Patterns
import Wire

/// Children that are away, in trees that block: what waits for them is kept, and their wishes count.
///
///     connected ── its feed ends ──▶ away ── it connects again ──▶ resumed, as the same subscriber ── settled ──▶ connected
///                                     └── absenceMax is over ──▶ given up: what waited is dropped
///
/// A child that comes back says anew what it wants. Until it has had its time for that, what it wanted before counts, too.
struct Absences {
    private struct Absence {
        var tree: TreeID
        var node: String
        var subscriber: SubscriberID
        /// `nil` = without end.
        var until: Instant?
    }

    /// A child that has come back and may not have said yet all that it wants.
    private struct Resumption {
        var peer: RelayPeer.ID
        var tree: TreeID
        var subscriber: SubscriberID
        var settlesAt: Instant
        /// What it wanted before, in that order.
        var topics: [[UInt8]]
        /// Those of them that it has not asked for again. Looked up, never iterated.
        var unconfirmed: Set<[UInt8]>
    }

    /// In the order in which they went.
    private var absences: [Absence] = []
    private var resumptions: [Resumption] = []

    /// When `giveUp` or `settle` next has work; `nil` = never.
    var deadline: Instant? {
        var first = resumptions.map(\.settlesAt).min()
        for case let until? in absences.map(\.until) { first = min(first ?? until, until) }
        return first
    }

    /// The child that is away and goes on as this subscriber when it is back.
    func child(of subscriber: SubscriberID) -> (node: String, tree: TreeID)? {
        absences.first { $0.subscriber == subscriber }.map { ($0.node, $0.tree) }
    }

    /// A peer has left. Gives the news when what waits for it is kept.
    mutating func keepWaiting(
        for peer: RelayPeer,
        _ seats: [TreeSeat],
        at now: Instant
    ) -> RelayNews? {
        guard case .childFeed(let tree) = peer.role, seats[tree.rawValue].isBlocking,
            !peer.isRefused, let node = peer.node, let subscriber = peer.subscriber,
            absences.count < Self.absenceCountMax
        else { return nil }
        let keptFor = seats[tree.rawValue].absenceMax
        let until = keptFor.map { now + $0 }
        absences.append(Absence(tree: tree, node: node, subscriber: subscriber, until: until))
        return .childAway(node: node, tree, keptFor: keptFor)
    }

    /// A connection has ended that may have been a child's which was not settled yet.
    mutating func forget(_ peer: RelayPeer.ID) {
        guard !resumptions.isEmpty else { return }
        resumptions.removeAll { $0.peer == peer }
    }

    /// The subscriber as which a child goes on that was away.
    mutating func resume(
        _ node: String,
        in tree: TreeID,
        as id: RelayPeer.ID,
        _ interest: inout InterestCore,
        settlesAt: Instant
    ) -> SubscriberID? {
        guard let place = absences.firstIndex(where: { $0.tree == tree && $0.node == node }) else {
            return nil
        }
        let subscriber = absences.remove(at: place).subscriber
        var topics: [[UInt8]] = []
        interest.withBranch(of: tree) { branch in
            branch.forEachTopic(of: subscriber) { topics.append(Array($0)) }
        }
        resumptions.append(
            Resumption(
                peer: id,
                tree: tree,
                subscriber: subscriber,
                settlesAt: settlesAt,
                topics: topics,
                unconfirmed: Set(topics)
            )
        )
        return subscriber
    }

    /// Whether a child that has come back only says again what is known.
    mutating func isConfirmation(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from id: RelayPeer.ID
    ) -> Bool {
        guard let place = resumptions.firstIndex(where: { $0.peer == id }),
            resumptions[place].unconfirmed.remove(Array(topic)) != nil
        else { return false }
        return isSubscribe
    }

    /// Children that have had their time to say what they want: what they did not ask for again goes.
    mutating func settle(_ interest: inout InterestCore, at now: Instant) {
        for resumption in resumptions where resumption.settlesAt <= now {
            for topic in resumption.topics where resumption.unconfirmed.contains(topic) {
                topic.withUnsafeBytes {
                    _ = interest.handleSubscription(
                        $0,
                        isSubscribe: false,
                        by: resumption.subscriber,
                        in: resumption.tree
                    )
                }
            }
        }
        resumptions.removeAll { $0.settlesAt <= now }
    }

    /// Children that have been away too long.
    mutating func giveUp(_ interest: inout InterestCore, at now: Instant) -> [RelayDirective] {
        let ended = absences.filter { $0.until.map { $0 <= now } ?? false }
        absences.removeAll { $0.until.map { $0 <= now } ?? false }
        for absence in ended { interest.handleDeparture(of: absence.subscriber) }
        return ended.map { .giveUp($0.subscriber, node: $0.node, $0.tree) }
    }

    /// Names are what strangers say of themselves, and each holds a queue.
    private static let absenceCountMax = 10_000
}
