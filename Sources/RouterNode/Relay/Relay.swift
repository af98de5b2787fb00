import DataPlane
public import Vocabulary
public import Logging
import NIOCore
import Patterns
import Routing
import Transports
import ZMTP

/// One relay: takes messages from publishers, sends them up to the root of their tree, and brings what comes down to
/// every subscriber and child that wants it.
///
///       parent's subscribers endpoint              parent's publishers endpoint
///                │ feed (per tree), or a group               ▲ uplink (per tree)
///                ▼                                           │
///     ┌── InterestCore: trees, branches, demand ── FanOut ──────┴──────────┐
///     │                                                                 │
///     ▼ subscribers endpoint (XPUB)            publishers endpoint (XSUB) ▲
///     plain subscribers, child feeds            plain publishers, child uplinks
///     groups of the segments it serves          groups it hears as a publisher's
///
/// All state is confined to the home loop; subscribers' connections may live on other loops of the relay's group.
public final class Relay: @unchecked Sendable {
    let configuration: RelayConfiguration
    let home: any EventLoop
    let fanOut: FanOut
    private let group: any EventLoopGroup
    let logger: Logger
    var core: InterestCore
    /// By connection id.
    var peers: [UInt64: RelayPeer] = [:]
    /// By tree: the established connections to the parent.
    var feeds: [Connection?]
    var uplinks: [Connection?]
    var traffic = RelayTraffic()
    /// By tree.
    let policies: [OverflowPolicy]
    var gates: Gates
    /// The peers that reading may stop for: publishers, publishing children, parents. By connection id.
    var sources: [UInt64: RelayPeer] = [:]
    /// By tree: the segments it serves.
    var served: [[ServedIsland]]
    /// The groups it hears.
    var groupFeeds: [GroupFeed] = []
    let lifetime = RelayLifetime()
    private var ports: [RelayPort] = []
    private var hubs: [ConnectionHub] = []
    let startedAt = NIODeadline.now()
    /// Set once the relay is started.
    public private(set) var endpoints: Endpoints?

    /// The bound endpoints, wildcards resolved.
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
        self.logger = logger
        group = SharedEventLoops.makeGroup(count: configuration.threadCount)
        home = group.next()
        fanOut = FanOut(home: home)
        core = InterestCore(
            seats: configuration.seats.map { seat in
                TreeSeat(
                    name: seat.tree,
                    prefixes: seat.topics.map { Array($0.utf8) },
                    isRoot: seat.parent == nil,
                    rank: seat.rank
                )
            }
        )
        policies = configuration.seats.map(\.overflow)
        gates = Gates(feeds: policies.map { _ in true }, uplinks: policies.map { _ in true })
        feeds = Array(repeating: nil, count: configuration.seats.count)
        uplinks = feeds
        served = configuration.seats.map { _ in [] }
    }

    private func open() async throws {
        fanOut.setCongestionHandler { [weak self] in self?.updateReading() }
        let publishers = makeHub(.publishers, .xsub)
        let subscribers = makeHub(.subscribers, .xpub)
        endpoints = Endpoints(
            publishers: try await publishers.bind(Endpoint(configuration.publishersEndpoint)).get(),
            subscribers: try await subscribers.bind(Endpoint(configuration.subscribersEndpoint))
                .get()
        )
        for number in configuration.seats.indices { try await openSeat(TreeID(number)) }
        // A relay without its parent must not take what it would have to drop.
        try await home.submit { self.updateReading() }.get()
    }

    private func openSeat(_ tree: TreeID) async throws {
        let seat = configuration.seats[tree.rawValue]
        try await openGroups(of: seat, tree)
        // On the home loop, where a feed may already be changing to TCP.
        try await home.submit {
            guard let parent = seat.parent else { return }
            if seat.feed == nil { try self.connectFeed(tree) }
            try self.makeHub(.uplink(tree), .xpub, self.linkProperties(of: seat))
                .connect(Endpoint(parent.publishersEndpoint))
        }.get()
    }

    /// Asks the parent for the tree's messages over TCP.
    func connectFeed(_ tree: TreeID) throws {
        let seat = configuration.seats[tree.rawValue]
        guard let parent = seat.parent else { return }
        try makeHub(.feed(tree), .xsub, linkProperties(of: seat))
            .connect(Endpoint(parent.subscribersEndpoint))
    }

    private func linkProperties(of seat: RelayConfiguration.Seat) -> LinkProperties {
        LinkProperties(node: configuration.name, tree: seat.tree, rank: seat.rank)
    }

    /// Stops taking messages, sends what waits for as long as the configuration's drain time, and closes. Calling it again
    /// waits for the same end.
    public func stop() async {
        await lifetime.stop { [self] in
            // A feed may just be changing to TCP, which adds a hub.
            let hubs = (try? await home.submit { self.hubs }.get()) ?? []
            async let groups: Void = closeGroups()
            let closed = hubs.map { $0.close(linger: configuration.drain) }
            try? await EventLoopFuture.andAllComplete(closed, on: home).get()
            await groups
            await lifetime.end()
            await settleLoops()
            try? await group.shutdownGracefully()
        }
    }

    /// Lets news of closed connections reach the home loop, and what follows there the other loops: a loop that is gone
    /// must not be given work.
    private func settleLoops() async {
        for loop in Array(group.makeIterator()) + [home] + Array(group.makeIterator()) {
            try? await loop.submit {}.get()
        }
    }

    private func makeHub(
        _ kind: RelayPort.Kind,
        _ type: SocketType,
        _ link: LinkProperties? = nil
    ) -> ConnectionHub {
        var session = SessionOptions(local: LocalPeer(socketType: type))
        session.queueLimit = configuration.queueLimit
        session.messageByteCountMax = configuration.messageByteCountMax
        if type == .xpub {
            // What comes there is subscriptions; a message would go nowhere.
            session.messageByteCountMax = min(
                configuration.messageByteCountMax,
                Self.upstreamByteCountMax
            )
        }
        session.heartbeat.pausedInterval = configuration.linkHeartbeat.interval
        session.handshakeTimeout = configuration.handshakeTimeout
        session.stallTimeout = configuration.stallTimeout
        if let link {
            session.local.properties = link.metadata
            session.heartbeat = configuration.linkHeartbeat
        }
        var transport = TransportOptions()
        transport.expectsBulkReads = type == .xsub
        let port = RelayPort(kind: kind, relay: self)
        let isSpread = if case .subscribers = kind { true } else { false }
        let logger = logger
        let hub = ConnectionHub(
            loops: LoopSet(home: home, group: isSpread ? group : nil),
            session: session,
            transport: transport,
            backOff: BackOff(
                initial: configuration.reconnectInitial,
                maximum: configuration.reconnectMaximum
            ),
            handler: port,
            observe: { RelayLog.write($0, to: logger) }
        )
        ports.append(port)
        hubs.append(hub)
        return hub
    }

    private static let upstreamByteCountMax = 1 << 20
}
