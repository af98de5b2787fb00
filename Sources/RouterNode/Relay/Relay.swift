import DataPlane
public import Vocabulary
public import Logging
import NIOCore
import Patterns
import Routing
import Transports
import Wire
import ZMTP

/// One relay: takes messages from publishers, sends them up to the root of their tree, and brings what comes down to
/// every subscriber and child that wants it.
///
///       parent's subscribers endpoint              parent's publishers endpoint
///                │ feed (per tree), or a group               ▲ uplink (per tree)
///                ▼                                           │
///     ┌── RelayInstance: peers, interest, gates ── FanOut ───┴──────────┐
///     │                                                                 │
///     ▼ subscribers endpoint (XPUB)            publishers endpoint (XSUB) ▲
///     plain subscribers, child feeds            plain publishers, child uplinks
///     groups of the segments it serves          groups it hears as a publisher's
///
/// A shell: it tells `RelayInstance` what happens on the network and executes its directives.
///
/// All state is confined to the home loop; subscribers' connections may live on other loops of the relay's group.
public final class Relay: @unchecked Sendable {
    let configuration: RelayConfiguration
    let home: any EventLoop
    let fanOut: FanOut
    private let group: any EventLoopGroup
    let log: RelayLog
    var logger: Logger { log.logger }
    var instance: RelayInstance
    /// Where messages of XSUBs find a reader.
    var upstream: UpstreamReaders
    /// Established connections. Those that the instance has refused stay until they are closed.
    var connections: [RelayPeer.ID: Connection] = [:]
    /// The highest number of a plain connection.
    var newestConnection: UInt64 = 0
    /// Of the instance.
    var timer: DeadlineTimer
    /// The account of what does not go through the fan-out: up to parents, and upstream to XPUBs. Of connections, those that have
    /// ended; the others' queues count for themselves.
    var homeBook = DeliveryBook()
    /// Of all queues.
    let budget: MemoryBudget
    /// By tree: what waits for a parent that is away, where the tree blocks.
    let waitingRooms: [Outbox?]
    /// Peers that are not read from, and since when.
    var pauses: [RelayPeer.ID: NIODeadline] = [:]
    /// By tree: since when the queue to the parent, or what waits for one, has been full.
    var uplinkFullSince: [NIODeadline?]
    /// What became of those who have left.
    var departures = Departures()
    /// By tree.
    let policies: [OverflowPolicy]
    /// What the configuration says of the islands, by `IslandID`.
    let islands: [RelayConfiguration.Island]
    /// By tree: the islands that are open.
    var served: [[ServedIsland]]
    /// By `GroupID`.
    let groupFeeds: [GroupFeed]
    /// The trees whose messages have numbers.
    private(set) lazy var links = RelayLinks(self)
    /// To who decides which relays are the roots of those trees.
    public var arbiter: ArbiterEnd { ArbiterEnd(self) }
    let lifetime = RelayLifetime()
    let sockets: RelaySockets
    /// Whom the relay dials: the parents of its seats, and after them those whom it is configured to dial.
    private(set) var watches = DialWatches()
    let startedAt = NIODeadline.now()
    private var accessWatch: AccessFileWatch?
    /// Set once the relay is started.
    public private(set) var endpoints: Endpoints?
    private(set) var doors = Doors()

    /// Where others find the relay, wildcards resolved: of several endpoints the first. A side that only dials has the first
    /// that it dials.
    public struct Endpoints: Sendable {
        public var publishers: Endpoint
        public var subscribers: Endpoint
    }

    /// Binds and starts. Fails with an error that names the endpoint when one cannot be used.
    public static func start(
        _ configuration: RelayConfiguration,
        logger: Logger
    ) async throws -> Relay {
        let relay = Relay(configuration, logger: logger)
        if let plan = configuration.planIdentity { logger.info("following plan \(plan)") }
        do {
            try await relay.open()
        } catch {
            try? await relay.group.shutdownGracefully()
            throw error
        }
        return relay
    }

    private init(_ configuration: RelayConfiguration, logger: Logger) {
        self.configuration = configuration
        group = SharedEventLoops.makeGroup(count: configuration.threadCount)
        home = group.next()
        timer = DeadlineTimer(loop: home)
        log = RelayLog(logger, home: home)
        budget = MemoryBudget(byteCountMax: configuration.memoryByteCountMax)
        sockets = RelaySockets(configuration, home: home, group: group, budget: budget, log: log)
        fanOut = FanOut(home: home)
        let setup = configuration.setup
        instance = RelayInstance(setup)
        upstream = UpstreamReaders(treeCount: setup.seats.count)
        policies = configuration.seats.map(\.overflow)
        waitingRooms = configuration.makeWaitingRooms(home: home, budget: budget)
        islands = configuration.seats.flatMap(\.islands)
        served = configuration.seats.map { _ in [] }
        uplinkFullSince = configuration.seats.map { _ in nil }
        groupFeeds = configuration.groupFeeds
    }

    private func open() async throws {
        fanOut.setCongestionHandler { [weak self] in self?.reportPressure() }
        let bound = try await Doors(
            publishers: sockets.listen(
                RelayPort(kind: .publishers, relay: self),
                at: configuration.publishers.listening
            ),
            subscribers: sockets.listen(
                RelayPort(kind: .subscribers, relay: self),
                at: configuration.subscribers.listening
            )
        )
        doors = bound
        let dialled = configuration.dialled
        try bound.check(dialled)
        let endpoints = try bound.endpoints(configuration)
        self.endpoints = endpoints
        sockets.advise(endpoints)
        try await home.submit {
            self.watches = DialWatches(self.configuration, home: self.home, logger: self.logger)
            self.links.open()
            self.instance.handleStart()
            // A failure here fails the start; later it would only be logged.
            while let directive = self.instance.nextDirective() { try self.perform(directive) }
            for (number, peer) in dialled.enumerated() { try self.dial(peer, number) }
            self.links.start()
        }.get()
        accessWatch = AccessFileWatch(self)
    }

    /// Connects to a parent, and keeps trying.
    func connect(_ connection: ParentConnection) throws {
        let seat = configuration.seats[connection.tree.rawValue]
        guard let parent = seat.parent, let watch = watches[connection] else { return }
        let claim = LinkClaim(
            node: configuration.name,
            tree: seat.tree,
            rank: seat.rank,
            plan: configuration.planIdentity
        )
        let isFeed = if case .feed = connection { true } else { false }
        try sockets.dial(
            isFeed ? parent.subscribersEndpoint : parent.publishersEndpoint,
            as: isFeed ? .xsub : .xpub,
            RelayPort(kind: .parent(connection), relay: self),
            node: parent.name,
            claim: claim,
            heartbeat: configuration.linkHeartbeat(of: seat),
            watch: watch
        )
    }

    /// Connects to a publisher or a subscriber that listens itself, and keeps trying.
    private func dial(_ peer: DialledPeer, _ number: Int) throws {
        try sockets.dial(
            peer.endpoint,
            as: peer.side == .publishers ? .xsub : .xpub,
            RelayPort(kind: .dialled(peer, number), relay: self),
            watch: watches[number]
        )
    }

    /// Stops taking messages, sends what waits for as long as the configuration's drain time, and closes. Calling it again
    /// waits for the same end.
    public func stop() async {
        await lifetime.stop { [self] in
            await accessWatch?.stop()
            await links.settle(within: configuration.drain)
            // A feed may just be changing to TCP, which adds a hub.
            let hubs =
                (try? await home.submit { () -> [ConnectionHub] in
                    self.links.stop()
                    return self.sockets.hubs + self.sockets.linkHubs
                }.get()) ?? []
            async let groups: Void = closeGroups()
            let closed = hubs.map { $0.close(linger: configuration.drain) }
            try? await EventLoopFuture.andAllComplete(closed, on: home).get()
            await groups
            await lifetime.end()
            await settleLoops()
            log.finish()
            try? await group.shutdownGracefully()
        }
    }

    /// Lets closed connections be reported to the home loop, and what follows from that reach the other loops: a loop that is gone
    /// must not be given work.
    private func settleLoops() async {
        for loop in Array(group.makeIterator()) + [home] + Array(group.makeIterator()) {
            try? await loop.submit {}.get()
        }
    }
}
