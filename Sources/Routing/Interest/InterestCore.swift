public import Patterns
import Wire

/// Who wants which topics at one relay, and what others must be told of it.
///
///                    parent ──── demand: what the whole tree wants ────▶ ┐
///                      ▲                                                 ├─▶ publishers, publishing children
///       branch: what is wanted below                                    ┘   (at the root: the branch itself)
///                      │
///     subscribers, subscribing children
///
/// Messages go from publishers up to the root of their tree, and from there down every branch that wants them:
/// each tree has one order, and no message can meet itself again.
///
/// Two aggregations, both of who holds what, so that interest is right at any depth whatever comes, goes or crashes:
/// * the **branch** of a tree: subscriptions of the relay's own subscribers and of its children. A topic's first holder is
///   announced to the parent, its last one's cancellation too.
/// * the **demand** of a tree: what the parent wants sent up, told on to publishers. The root's demand is its branch.
///
/// A subscription is held only in the trees that can carry its messages (`TreeTable`), so no topic is in two trees, and
/// what publishers are told is the plain union of all demands.
public struct InterestCore: ~Copyable {
    private let table: TreeTable
    private let seats: [TreeSeat]
    private let limit: SubscriptionLimit
    /// One for each seat, by tree number. Plain memory, because an array cannot hold values that cannot be copied, and
    /// because exclusive access to a class's properties is checked at run time: a tenth of the cost of a million subscriptions.
    private let trees: UnsafeMutablePointer<Tree>
    /// Plain subscriptions to some tree's prefix or what it begins with, as they were made. In that tree they are held narrowed
    /// to the prefix and look like any other subscription to it, so a cancellation is checked against this.
    private var narrowed = SubscriptionIndex()
    /// Changes that nobody has been told of yet.
    private var announcements: Announcements

    private struct Tree: ~Copyable {
        var branch = SubscriptionIndex()
        var demand = SubscriptionIndex()
        /// Which of the two demand subscribers the present parent connection is.
        var generation: UInt32 = 0
    }

    /// - Parameters:
    ///   - seats: the relay's places, in the order of their `TreeID`.
    ///   - limit: how much one subscriber may hold of each tree.
    public init(seats: [TreeSeat], limit: SubscriptionLimit = SubscriptionLimit()) {
        self.limit = limit
        table = TreeTable(seats)
        self.seats = seats
        announcements = Announcements(treeCount: seats.count)
        trees = .allocate(capacity: seats.count)
        for number in seats.indices { (trees + number).initialize(to: Tree()) }
    }

    deinit {
        trees.deinitialize(count: seats.count)
        trees.deallocate()
    }

    public var treeCount: Int { seats.count }

    public func seat(_ tree: TreeID) -> TreeSeat { seats[tree.rawValue] }

    /// The tree of that name.
    public func tree(named name: String) -> TreeID? {
        seats.firstIndex { $0.name == name }.map(TreeID.init)
    }

    public var isRootOfAny: Bool { seats.contains(where: \.isRoot) }

    /// Distinct topics wanted below, over all trees.
    public var topicCount: Int { seats.indices.reduce(0) { $0 + trees[$1].branch.topicCount } }

    public func subscriptionCount(of subscriber: SubscriberID) -> Int {
        seats.indices.reduce(0) { $0 + trees[$1].branch.subscriptionCount(of: subscriber) }
    }
}

// MARK: - Subscribers and subscribing children

extension InterestCore {
    /// A subscriber subscribes to `topic` or takes its subscription back; `tree` is `nil` for a plain one, which means every
    /// tree. What it holds already is not held twice, and a cancellation of what it does not hold is ignored.
    ///
    /// - Returns: `false` when the subscriber now holds more than the limit; call `handleDeparture` then.
    public mutating func handleSubscription(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        by subscriber: SubscriberID,
        in tree: TreeID?
    ) -> Bool {
        if let tree { return change(topic, isSubscribe: isSubscribe, by: subscriber, in: tree) }
        guard table.isNarrowing(topic) else {
            guard let only = table.tree(of: topic) else { return true }
            return change(topic, isSubscribe: isSubscribe, by: subscriber, in: only)
        }
        switch narrowed.handle(topic, isSubscribe: isSubscribe, by: subscriber, limit: limit) {
        case .topic, .subscriber: break
        case .repeated, .none: return true
        case .overLimit: return false
        }
        var places: [(TreeID, [UInt8])] = []
        table.forEachPlace(of: topic) { places.append(($0, Array($1))) }
        for (tree, topic) in places
        where isSubscribe || !isStillWanted(topic, of: tree, by: subscriber) {
            let isWithinLimit = topic.withUnsafeBytes {
                change($0, isSubscribe: isSubscribe, by: subscriber, in: tree)
            }
            guard isWithinLimit else { return false }
        }
        return true
    }

    /// The subscriber wants all of a tree, whatever the limit.
    mutating func holdAll(of tree: TreeID, by subscriber: SubscriberID) {
        for prefix in seats[tree.rawValue].prefixes {
            prefix.withUnsafeBytes {
                _ = change($0, isSubscribe: true, by: subscriber, in: tree)
            }
        }
    }

    /// Whether another plain subscription of this subscriber is held in the tree at `place`, narrowed to it: only at a prefix
    /// of the tree can several meet.
    private func isStillWanted(
        _ place: [UInt8],
        of tree: TreeID,
        by subscriber: SubscriberID
    ) -> Bool {
        guard seats[tree.rawValue].prefixes.contains(place) else { return false }
        return place.withUnsafeBytes { place in
            (0...place.count).contains {
                narrowed.isHeld(UnsafeRawBufferPointer(rebasing: place[..<$0]), by: subscriber)
            }
        }
    }

    private mutating func change(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        by subscriber: SubscriberID,
        in tree: TreeID
    ) -> Bool {
        let change = trees[tree.rawValue].branch.handle(
            topic,
            isSubscribe: isSubscribe,
            by: subscriber,
            limit: limit
        )
        switch change {
        case .topic:
            announcements.append(
                topic,
                isSubscribe: isSubscribe,
                in: tree,
                to: audience(of: tree)
            )
        case .subscriber, .repeated, .none: break
        case .overLimit: return false
        }
        return true
    }

    /// Who must hear of a change in the tree's branch.
    private func audience(of tree: TreeID) -> Announcements.Audience {
        seats[tree.rawValue].demandsItself ? .publishers : .parent
    }

    /// The subscriber is gone, whether it closed its connection or crashed.
    public mutating func handleDeparture(of subscriber: SubscriberID) {
        narrowed.removeSubscriber(subscriber) { _ in }
        for number in seats.indices {
            let audience = audience(of: TreeID(number))
            // A local pointer: ThreadSanitizer's build takes the closure's access to `self` for an overlapping one otherwise.
            let trees = trees
            trees[number].branch.removeSubscriber(subscriber) { topic in
                announcements.append(topic, isSubscribe: false, in: TreeID(number), to: audience)
            }
        }
    }
}

// MARK: - The parent's demand

extension InterestCore {
    /// The parent of a tree wants messages that begin with `topic` sent up, or no longer.
    public mutating func handleDemand(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        in tree: TreeID
    ) {
        let number = tree.rawValue
        let parent = SubscriberID(trees[number].generation)
        let change = trees[number].demand.handle(topic, isSubscribe: isSubscribe, by: parent)
        guard change == .topic else { return }
        announcements.append(topic, isSubscribe: isSubscribe, in: tree, to: .publishers)
    }

    /// There is a new connection to the parent. The parent subscribes anew; until `handleDemandSettled` the old
    /// demand stays, so that publishers need not stop and start.
    public mutating func handleParentConnected(_ tree: TreeID) {
        handleDemandSettled(tree)
        trees[tree.rawValue].generation ^= 1
    }

    /// The parent has had time to subscribe on the new connection: what it wanted on the old one alone goes.
    public mutating func handleDemandSettled(_ tree: TreeID) {
        let trees = trees
        let old = SubscriberID(trees[tree.rawValue].generation ^ 1)
        trees[tree.rawValue].demand.removeSubscriber(old) { topic in
            announcements.append(topic, isSubscribe: false, in: tree, to: .publishers)
        }
    }
}

// MARK: - What the shell asks

extension InterestCore {
    public var hasAnnouncements: Bool { !announcements.isEmpty }

    /// Takes the changes since the last call, oldest first.
    public mutating func takeAnnouncements() -> Announcements {
        let taken = announcements
        announcements = Announcements(treeCount: seats.count)
        return taken
    }

    /// Forgets the changes since the last `takeAnnouncements`, for want of recipients.
    mutating func discardAnnouncements() {
        announcements.removeAll()
    }

    /// What a new connection to the parent must be told.
    public func forEachBranchTopic(
        of tree: TreeID,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        trees[tree.rawValue].branch.forEachTopic(body)
    }

    /// What a new publisher must be told; `tree` is `nil` for a plain one, which gets every tree's demand.
    public func forEachDemand(of tree: TreeID?, _ body: (UnsafeRawBufferPointer) -> Void) {
        for number in seats.indices where tree.map({ $0.rawValue == number }) ?? true {
            if seats[number].demandsItself {
                trees[number].branch.forEachTopic(body)
            } else {
                trees[number].demand.forEachTopic(body)
            }
        }
    }

    /// Calls `body` with every topic of an interest; the bytes are good during the call.
    public func forEachTopic(of interest: Interest, _ body: (UnsafeRawBufferPointer) -> Void) {
        switch interest {
        case .branch(let tree): forEachBranchTopic(of: tree, body)
        case .demand(let tree): forEachDemand(of: tree, body)
        }
    }

    /// Which tree carries a message with this topic.
    public func tree(of topic: UnsafeRawBufferPointer) -> TreeID? { table.tree(of: topic) }

    /// Which tree carries a whole message.
    public func tree(ofMessage bytes: UnsafeRawBufferPointer) -> TreeID? {
        var walker = MessageWalker(bytes)
        guard walker.next() else { return nil }
        return tree(of: UnsafeRawBufferPointer(rebasing: bytes[walker.topic]))
    }

    /// The tree that every message belongs to, so that no topic needs to be looked at; `nil` when there are several.
    public var onlyTree: TreeID? {
        guard seats.count == 1 else { return nil }
        return table.tree(of: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Lends the tree's branch index for the distribution of messages.
    public func withBranch<Result>(
        of tree: TreeID,
        _ body: (inout SubscriptionIndex) -> Result
    ) -> Result {
        body(&trees[tree.rawValue].branch)
    }
}
