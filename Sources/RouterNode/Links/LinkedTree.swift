import DataPlane
import Logging
import NIOCore
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
    unowned let relay: Relay
    let tree: TreeID
    let seat: RelayConfiguration.Seat
    let setup: LinkSetup
    var core: TreeLink
    var messages = LinkMessages()
    let parents: LinkParents
    var children = LinkChildren()
    var news: LinkNews
    /// Own messages that went up, by their sequence.
    var sentThrough: UInt64 = 0
    /// Connections with an id above this one came after the last set-back.
    var newestAtSetBack: UInt64 = 0
    /// Whether the parent speaks no tree link, and plain connections are used in its place.
    private(set) var isPlain = false
    private var timer: DeadlineTimer
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
        self.setup = setup
        core = TreeLink(setup)
        timer = DeadlineTimer(loop: relay.home)
        parents = LinkParents(relay, seat, settings, incarnation: incarnation)
        news = LinkNews(tree: seat.tree, logger: relay.logger)
    }

    var home: any EventLoop { relay.home }
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
        children.setHoldingUplinks(parents.isFull)
        updateTimer()
    }

    /// Something came from another loop, or by a timer: nobody else flushes.
    func executeAndFlush() {
        execute()
        relay.flush()
    }

    private func ship() {
        let onTaken: @Sendable () -> Void = { [weak self] in self?.handleTaken() }
        for lane in parents.lanes + children.lanes { lane.ship(onTaken) }
    }

    /// A connection has taken more of what was sent.
    func handleTaken() {
        guard !isPlain else { return }
        if relieveFeeds() { relay.flush() }
        children.setHoldingUplinks(parents.isFull)
    }

    /// Whether there is a child that takes more again.
    private func relieveFeeds() -> Bool {
        let relieved = children.takeRelieved()
        for id in relieved { core.handleWritable(id, true) }
        return !relieved.isEmpty
    }

    func updateTimer() {
        timer.set(isPlain ? nil : core.deadline) { [weak self] in
            guard let self else { return }
            timer.clear()
            core.handleTimeout(at: .now)
            executeAndFlush()
        }
    }

    // MARK: - Ends

    /// The parent speaks no link: from now on there are plain connections, and no numbers for children either.
    func fallBackToPlain(_ reason: String) {
        guard !isPlain else { return }
        isPlain = true
        updateTimer()
        news.tell(
            "\(reason); the connection to the parent is a plain one, and the death of a relay costs messages"
        )
        for id in parents.ids { parents.close(id) }
        for lane in children.lanes { lane.finish() }
        children = LinkChildren()
        messages = LinkMessages()
        relay.instance.fallBackToPlain(tree)
        relay.execute()
    }

    func stop() { timer.set(nil) {} }
}
