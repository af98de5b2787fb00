public import Patterns

/// What a relay's shell is to do next. A shell executes directives in order and decides nothing itself.
public enum RelayDirective: Sendable {
    // MARK: Connections

    /// Connect to the tree's parent, and go on trying for as long as the relay lives.
    case connect(ParentConnection)
    /// Take the peer into the fan-out, and answer with `handleAttached`.
    case attach(RelayPeer.ID, DownQueue)
    /// The child is back: what waits for the subscriber goes to this peer now, in order.
    case resume(RelayPeer.ID, SubscriberID)
    /// The subscriber is gone: give its id back.
    case detach(SubscriberID)
    /// A child has been away too long: give its id back, and drop what was kept for it as expired.
    case giveUp(SubscriberID, node: String, TreeID)
    /// Disconnect the peer, telling it why.
    case disconnect(RelayPeer.ID, Refusal)
    /// Stop or resume reading from the peer.
    case setReading(RelayPeer.ID, Bool)

    // MARK: Interest

    /// Send the peer the whole of an interest: it knows nothing of it yet. Read the topics with `forEachTopic` now; they are
    /// those of this moment.
    case sendInterest(Interest, RelayPeer.ID)
    /// Send changes of interest to all recipients.
    case announce(Announcement)
    /// Tell the core of a tree's link what the relay's own subscribers want of it.
    case tellLink(TreeID, Announcement)

    // MARK: Multicast

    /// Open the source of an island, and answer with `handleIslandOpened`.
    case open(IslandID)
    case join(GroupID)
    /// Leave the group for good.
    case leave(GroupID)
    /// Stop or resume reading from a group. A group cannot be held back: what is sent meanwhile waits in the kernel and the
    /// receiver's window, and what finds no room there is asked for again, for as long as its source can repair it.
    case setGroupReading(GroupID, Bool)

    // MARK: Operator

    case report(RelayNews)
}

/// What is told of topics, and to whom.
public enum Interest: Equatable, Sendable {
    /// What this relay's subscribers and children want of a tree: for the parent.
    case branch(TreeID)
    /// What is to be published in a tree, or with `nil` in any: for publishers and publishing children.
    case demand(TreeID?)
}

/// Who waits in the queues that messages go down through: a relay must not let one tree wait for another's children.
public enum DownQueue: Hashable, Sendable {
    /// Plain subscribers, whom every tree may reach.
    case subscribers
    case children(TreeID)
}

/// Changes of interest, and those who have to hear of them.
public struct Announcement: Sendable {
    public let recipients: [RelayPeer.ID]
    private let changes: Announcements
    private let audience: Announcements.Audience
    /// `nil` = of every tree.
    private let tree: TreeID?

    init(
        _ changes: Announcements,
        to audience: Announcements.Audience,
        in tree: TreeID?,
        recipients: [RelayPeer.ID]
    ) {
        self.recipients = recipients
        self.changes = changes
        self.audience = audience
        self.tree = tree
    }

    /// Calls `body` with each change in order. The topic's bytes are good during the call.
    public func forEachChange(
        _ body: (_ topic: UnsafeRawBufferPointer, _ isSubscribe: Bool) -> Void
    ) {
        changes.forEach { tree, audience, topic, isSubscribe in
            guard audience == self.audience, self.tree == nil || tree == self.tree else { return }
            body(topic, isSubscribe)
        }
    }
}

/// What an operator should read of.
public enum RelayNews: Equatable, Sendable {
    /// A child is away. What waits for it is kept for so long (`nil` = without end).
    case childAway(node: String, TreeID, keptFor: Duration?)
    /// A parent's group has several sources. After a head's restart it is so until the old session has expired.
    case severalSources(GroupID, count: Int)
    /// The last source of a group is gone.
    case groupSilent(GroupID)
    /// The parent's feed is taken over TCP from now on; messages are lost in between when the group was heard before.
    case fellBackToTCP(GroupID, losesMessages: Bool)
    /// An access list does not allow the subscription; no more of a topic than 256 octets.
    case subscriptionRefused(RelayPeer.ID, topic: [UInt8])
}
