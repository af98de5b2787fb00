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
    let logger: Logger
    var instance: RelayInstance
    /// Where messages of XSUBs find a reader.
    var upstream: UpstreamReaders
    /// Established connections. Those that the instance has refused stay until they are closed.
    var connections: [RelayPeer.ID: Connection] = [:]
    /// The instance's deadline, and the task that is scheduled for it.
    var timer: (deadline: Instant, task: Scheduled<Void>)?
    var traffic = RelayTraffic()
    /// By tree.
    let policies: [OverflowPolicy]
    /// What the configuration says of the islands, by `IslandID`.
    let islands: [RelayConfiguration.Island]
    /// By tree: the islands that are open.
    var served: [[ServedIsland]]
    /// By `GroupID`.
    let groupFeeds: [GroupFeed]
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
        let setup = configuration.setup
        instance = RelayInstance(setup)
        upstream = UpstreamReaders(treeCount: setup.seats.count)
        policies = configuration.seats.map(\.overflow)
        islands = configuration.seats.flatMap(\.islands)
        served = configuration.seats.map { _ in [] }
        groupFeeds = configuration.groupFeeds
    }

    private func open() async throws {
        fanOut.setCongestionHandler { [weak self] in self?.reportPressure() }
        let publishers = makeHub(.publishers, .xsub)
        let subscribers = makeHub(.subscribers, .xpub)
        endpoints = Endpoints(
            publishers: try await publishers.bind(Endpoint(configuration.publishersEndpoint)).get(),
            subscribers: try await subscribers.bind(Endpoint(configuration.subscribersEndpoint))
                .get()
        )
        if let endpoints {
            publishers.setAdvice("use the subscribers endpoint, \(endpoints.subscribers.placeText)")
            subscribers.setAdvice("use the publishers endpoint, \(endpoints.publishers.placeText)")
        }
        try await home.submit {
            self.instance.handleStart()
            // A failure here fails the start; later it would only be logged.
            while let directive = self.instance.nextDirective() { try self.perform(directive) }
        }.get()
    }

    /// Connects to a parent, and keeps trying.
    func connect(_ connection: ParentConnection) throws {
        let seat = configuration.seats[connection.tree.rawValue]
        guard let parent = seat.parent else { return }
        let claim = LinkClaim(node: configuration.name, tree: seat.tree, rank: seat.rank)
        switch connection {
        case .feed:
            try makeHub(.parent(connection), .xsub, claim)
                .connect(Endpoint(parent.subscribersEndpoint))
        case .uplink:
            try makeHub(.parent(connection), .xpub, claim)
                .connect(Endpoint(parent.publishersEndpoint))
        }
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

    /// How often its listeners have paused.
    var acceptPauseCount: Int { hubs.reduce(0) { $0 + $1.acceptPauseCount } }

    /// Lets closed connections be reported to the home loop, and what follows from that reach the other loops: a loop that is gone
    /// must not be given work.
    private func settleLoops() async {
        for loop in Array(group.makeIterator()) + [home] + Array(group.makeIterator()) {
            try? await loop.submit {}.get()
        }
    }

    private func makeHub(
        _ kind: RelayPort.Kind,
        _ type: SocketType,
        _ link: LinkClaim? = nil
    ) -> ConnectionHub {
        var session = SessionOptions(local: LocalPeer(socketType: type))
        session.messageByteCountMax = configuration.messageByteCountMax
        if type == .xpub {
            // Only subscriptions arrive there, and what an XSUB tells an XPUB.
            session.messageByteCountMax = min(
                configuration.messageByteCountMax,
                Self.upstreamByteCountMax
            )
        }
        session.heartbeat.pausedInterval = configuration.linkHeartbeat.interval
        session.handshakeTimeout = configuration.handshakeTimeout
        session.stallTimeout = configuration.stallTimeout
        // Whoever connects to a relay may want to know that it is one.
        session.local.properties.append("X-Xylem-Node", configuration.name.utf8)
        if let link {
            session.local.properties = link.metadata
            session.heartbeat = configuration.linkHeartbeat
        }
        var options = ConnectionOptions(session: session)
        options.queueLimit = configuration.queueLimit
        options.controlByteCountMax = configuration.limits.controlByteCount
        var transport = TransportOptions()
        transport.expectsBulkReads = type == .xsub
        transport.keepAlive = configuration.keepAlive
        let port = RelayPort(kind: kind, relay: self)
        let isSpread = if case .subscribers = kind { true } else { false }
        let logger = logger
        let hub = ConnectionHub(
            loops: LoopSet(home: home, group: isSpread ? group : nil),
            options: options,
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
