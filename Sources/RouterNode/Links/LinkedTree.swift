import DataPlane
import Logging
import NIOCore
import Patterns
import Routing
import Transports
import Wire

/// The tree link of one relay in one tree: the connections, the messages and the timer of a `Routing.TreeLink`, whose directives it
/// executes (tree-link.md).
///
///     own publishers ─▶ own ─┐ PARCEL up            ring ─▶ own subscribers, by the fan-out
///     child uplinks ─────────┴──────▶ parent          │ ◀── BATCH from the parent; at the root, what was numbered
///                                                     └──▶ child feeds, each from its cursor, as much as its connection takes
///
/// Home loop only.
final class LinkedTree: @unchecked Sendable {
    /// The two connections to a relay above.
    struct Above {
        var node: String
        var hubs: [ConnectionHub] = []
        var feed: LinkLane?
        var uplink: LinkLane?
    }

    struct Feed {
        var lane: LinkLane
        var node: String
        /// Its number in `interest`.
        var child: SubscriberID
    }

    /// What came of a parent-to-be, and waits for the switch.
    enum Kept {
        case command(LinkCommand)
        case batch(BatchHeader, messageCount: Int, ByteBuffer)
    }

    unowned let relay: Relay
    let tree: TreeID
    let seat: RelayConfiguration.Seat
    let settings: RelayConfiguration.LinkSettings
    let setup: LinkSetup
    var core: TreeLink

    // MARK: Messages

    /// By number.
    var ring = RunStore()
    /// By own sequence: what is not acknowledged.
    var own = RunStore()
    var tails: [TailID: RunStore] = [:]
    var kept: [ParentLinkID: [Kept]] = [:]
    /// Own messages that went up, by their sequence.
    var routedThrough: UInt64 = 0
    let interest = LinkInterest()

    // MARK: Connections

    var above: [ParentLinkID: Above] = [:]
    /// Looked up, and iterated in the order of their ids.
    var feeds: [ChildFeedID: Feed] = [:]
    var uplinks: [ChildUplinkID: (lane: LinkLane, node: String)] = [:]
    /// Whether children are not read from, since the way up takes no more.
    var holdsUplinks = false
    /// Whether the parent speaks no tree link, and plain connections are used in its place.
    private(set) var isPlain = false
    /// The last attempt that failed; `nil` while attached.
    var problem: String?
    var counters = LinkCounters()
    /// Connections with an id above this one came after the last set-back.
    var setBackAtConnection: UInt64?
    private var timer: (deadline: Instant, task: Scheduled<Void>)?
    private var isFlushing = false

    /// `nil` where the seat has no link.
    init?(_ relay: Relay, _ tree: TreeID, incarnation: UInt64) {
        let seat = relay.configuration.seats[tree.rawValue]
        guard let settings = seat.link,
            let setup = seat.linkSetup(node: relay.configuration.name, incarnation: incarnation)
        else { return nil }
        self.relay = relay
        self.tree = tree
        self.seat = seat
        self.settings = settings
        self.setup = setup
        core = TreeLink(setup)
    }

    var home: any EventLoop { relay.home }
    var logger: Logger { relay.logger }
    var isRunning: Bool { !isPlain }
    /// Whether children of any rank may come: of its own, of a root that it may follow, and former roots.
    var mayBeRoot: Bool {
        core.isRoot || setup.standbys.contains(setup.node) || setup.parent == nil
    }

    func start() {
        core.handleStart(at: .now)
        execute()
        flush()
    }

    // MARK: - Directives

    /// Executes all that is to be done, but for the feeding of children, which `flush` does.
    func execute() {
        home.assertInEventLoop()
        while let directive = core.nextDirective(feeds: false) { perform(directive) }
        updateTimer()
    }

    /// Feeds children, and sends what a burst has brought.
    func flush() {
        guard !isFlushing, !isPlain else { return }
        isFlushing = true
        defer { isFlushing = false }
        while true {
            while let directive = core.nextDirective() { perform(directive) }
            ship()
            guard relieveFeeds() else { break }
        }
        reconsiderUplinks()
        updateTimer()
    }

    /// Something came from another loop, or by a timer: nobody else flushes.
    func executeAndFlush() {
        execute()
        relay.flush()
    }

    private func ship() {
        let onTaken: @Sendable () -> Void = { [weak self] in self?.handleTaken() }
        for (_, above) in above.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            above.feed?.ship(onTaken)
            above.uplink?.ship(onTaken)
        }
        for (_, feed) in feeds.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            feed.lane.ship(onTaken)
        }
        for (_, uplink) in uplinks.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            uplink.lane.ship(onTaken)
        }
    }

    /// A connection has taken more of what was sent.
    func handleTaken() {
        guard !isPlain else { return }
        if relieveFeeds() { relay.flush() }
        reconsiderUplinks()
    }

    /// Whether there is a child that takes more again.
    private func relieveFeeds() -> Bool {
        var isRelieved = false
        for (id, feed) in feeds where feedsFull.contains(id) && !feed.lane.isFull {
            feedsFull.remove(id)
            core.handleWritable(id, true)
            isRelieved = true
        }
        return isRelieved
    }

    /// Children whose connection takes no more.
    private var feedsFull = Set<ChildFeedID>()

    func noteSent(to id: ChildFeedID) {
        guard let feed = feeds[id], feed.lane.isFull, feedsFull.insert(id).inserted else { return }
        core.handleWritable(id, false)
    }

    func forgetFeed(_ id: ChildFeedID) {
        guard let feed = feeds.removeValue(forKey: id) else { return }
        feedsFull.remove(id)
        interest.remove(feed.child)
    }

    /// U1: what goes up waits at its origin, not here.
    private func reconsiderUplinks() {
        let isFull = above.values.contains { $0.uplink?.isFull ?? false }
        guard isFull != holdsUplinks else { return }
        holdsUplinks = isFull
        for uplink in uplinks.values { uplink.lane.connection.setReading(!isFull) }
    }

    // MARK: - Time

    func updateTimer() {
        let deadline = isPlain ? nil : core.deadline
        guard deadline != timer?.deadline else { return }
        timer?.task.cancel()
        timer = deadline.map { deadline in
            let task = home.scheduleTask(deadline: deadline.nioDeadline) { [weak self] in
                guard let self else { return }
                timer = nil
                core.handleTimeout(at: .now)
                executeAndFlush()
            }
            return (deadline, task)
        }
    }

    // MARK: - Ends

    /// The parent speaks no link: from now on there are plain connections, and no numbers for children either.
    func fallBackToPlain(_ reason: String) {
        guard !isPlain else { return }
        isPlain = true
        updateTimer()
        logger.notice(
            "tree '\(seat.tree)': \(reason); the link to the parent is a plain one, and the death of a relay costs messages"
        )
        closeAll()
        own = RunStore()
        ring = RunStore()
        relay.instance.fallBackToPlain(tree)
        relay.execute()
    }

    func closeAll() {
        for id in above.keys.sorted(by: { $0.rawValue < $1.rawValue }) { closeAbove(id) }
        let lanes = feeds.values.map(\.lane) + uplinks.values.map(\.lane)
        for lane in lanes { lane.connection.loop.execute { lane.connection.finish(linger: .zero) } }
        for id in feeds.keys { forgetFeed(id) }
        uplinks = [:]
    }

    func stop() {
        timer?.task.cancel()
        timer = nil
    }
}

/// What a tree's link has counted.
struct LinkCounters: Equatable, Sendable {
    /// Numbers that could not be had any more, here and at children.
    var gapMessageCount: UInt64 = 0
    var childGapMessageCount: UInt64 = 0
    var setBackCount = 0
    var voidMessageCount: UInt64 = 0
    /// How often another parent was found after one was lost.
    var failoverCount = 0
    /// Messages that publishers sent while what is not acknowledged was at its bound.
    var refusedMessageCount = 0
    var faultCount = 0
}
