import DataPlane
import NIOCore
import Patterns
import Routing
import Transports
import Vocabulary
import ZMTP

/// The sockets of one relay: one hub for each side that is listened at, and one for each endpoint that is dialled.
///
/// Made and closed on the home loop, but for `listen`, which comes before anything else.
final class RelaySockets: @unchecked Sendable {
    private let configuration: RelayConfiguration
    private let home: any EventLoop
    private let group: any EventLoopGroup
    private let log: RelayLog
    /// Of all queues.
    private let budget: MemoryBudget
    private var ports: [RelayPort] = []
    /// What is listened at, with the side it is.
    private var listening: [(kind: RelayPort.Kind, hub: ConnectionHub)] = []
    private(set) var hubs: [ConnectionHub] = []
    /// Of tree links, each for one attempt.
    private(set) var linkHubs: [ConnectionHub] = []
    /// 64 random bits of this life of the relay; `nil` where no tree has a link.
    let linkIncarnation: UInt64?

    init(
        _ configuration: RelayConfiguration,
        home: any EventLoop,
        group: any EventLoopGroup,
        budget: MemoryBudget,
        log: RelayLog
    ) {
        self.configuration = configuration
        self.home = home
        self.group = group
        self.budget = budget
        self.log = log
        linkIncarnation =
            configuration.seats.contains { $0.link != nil } ? .random(in: 1 ... .max) : nil
    }

    /// Binds everything that one side listens at; gives what others are told, in the same order.
    func listen(_ port: RelayPort, at places: [RelayConfiguration.Place]) async throws -> [Bound] {
        guard !places.isEmpty else { return [] }
        let type: SocketType = if case .publishers = port.kind { .xsub } else { .xpub }
        let security = configuration.security
        let hub = makeHub(
            port,
            type,
            greeting,
            security: security.listeningSecurity,
            authenticator: security.authenticator
        ) { [log] in log.write($0) }
        listening.append((port.kind, hub))
        var bound: [Bound] = []
        for place in places {
            let endpoint = try await hub.bind(Endpoint(place.bind)).get()
            if security.isOpen { log.writeOpen(endpoint) }
            bound.append(Bound(endpoint: endpoint, told: place.told(bound: endpoint)))
        }
        return bound
    }

    /// How often listeners have paused.
    var acceptPauseCount: Int { hubs.reduce(0) { $0 + $1.acceptPauseCount } }

    /// Tells whoever comes to the wrong side where the right one is.
    func advise(_ endpoints: Relay.Endpoints) {
        for (kind, hub) in listening {
            if case .publishers = kind {
                hub.setAdvice("use the subscribers endpoint, \(endpoints.subscribers.placeText)")
            } else {
                hub.setAdvice("use the publishers endpoint, \(endpoints.publishers.placeText)")
            }
        }
    }

    /// Keeps a connection up, to that node if it is one's. `watch` learns of every failure, before the next attempt.
    func dial(
        _ endpoint: String,
        as type: SocketType,
        _ port: RelayPort,
        node: String? = nil,
        claim: LinkClaim? = nil,
        heartbeat: HeartbeatOptions? = nil,
        watch: WatchedDial
    ) throws {
        let hub = makeHub(
            port,
            type,
            claim?.metadata ?? greeting,
            security: try configuration.security.diallingSecurity(node: node, endpoint: endpoint),
            heartbeat: heartbeat ?? configuration.linkHeartbeat
        ) { [log] in
            log.write($0, of: watch)
        }
        try hub.connect(Endpoint(endpoint))
    }

    /// Makes one connection, and does not try again: whom to turn to next is for the tree's link to say. `closeLink` ends it.
    func dialOnce(
        _ endpoint: String,
        as type: SocketType,
        _ handler: some ConnectionHandler,
        node: String,
        metadata: Metadata,
        heartbeat: HeartbeatOptions,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) throws -> ConnectionHub {
        let session = session(
            type,
            metadata,
            security: try configuration.security.diallingSecurity(node: node, endpoint: endpoint),
            heartbeat: heartbeat
        )
        let hub = makeHub(
            handler,
            session,
            reads: .bulk,
            isSpread: false,
            reconnectStop: .always
        ) { [log] event in
            log.writeLink(event)
            observe(event)
        }
        linkHubs.append(hub)
        try hub.connect(Endpoint(endpoint))
        return hub
    }

    func closeLink(_ hub: ConnectionHub) {
        linkHubs.removeAll { $0 === hub }
        _ = hub.close(linger: .zero)
    }

    /// Whom a peer has met, and to another relay which plan is followed; others ignore it. `X-Xylem-Node` is a child's: it claims
    /// a place.
    private var greeting: Metadata {
        var metadata = Metadata()
        metadata.append("X-Xylem-Relay", configuration.name.utf8)
        configuration.planIdentity?.append(to: &metadata)
        guard let incarnation = linkIncarnation else { return metadata }
        return metadata.appendingLink(incarnation: incarnation)
    }

    private func makeHub(
        _ port: RelayPort,
        _ type: SocketType,
        _ properties: Metadata,
        security: Security,
        authenticator: (any PeerAuthenticator)? = nil,
        heartbeat: HeartbeatOptions? = nil,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) -> ConnectionHub {
        var session = session(type, properties, security: security, heartbeat: heartbeat)
        if port.kind.isTaker { session.takeTimeout = configuration.subscriberStall }
        let isSpread = if case .subscribers = port.kind { true } else { false }
        ports.append(port)
        let hub = makeHub(
            port,
            session,
            authenticator: authenticator,
            reads: type == .xsub ? .bulk : .requests,
            isSpread: isSpread,
            observe: observe
        )
        hubs.append(hub)
        return hub
    }

    private func session(
        _ type: SocketType,
        _ properties: Metadata,
        security: Security,
        heartbeat: HeartbeatOptions?
    ) -> SessionOptions {
        var session = SessionOptions(local: LocalPeer(socketType: type, properties: properties))
        session.messageByteCountMax = configuration.messageByteCountMax
        if type == .xpub {
            // Only subscriptions arrive there, and what an XSUB tells an XPUB.
            session.messageByteCountMax = min(
                configuration.messageByteCountMax,
                Self.upstreamByteCountMax
            )
        }
        if linkIncarnation != nil {
            // A batch holds one message at least.
            session.commandByteCountMax = configuration.messageByteCountMax + 1 << 20
        }
        session.heartbeat.pausedInterval = configuration.linkHeartbeat.interval
        session.handshakeTimeout = configuration.handshakeTimeout
        session.stallTimeout = configuration.partialMessageTimeout
        if let heartbeat { session.heartbeat = heartbeat }
        session.security = security
        session.domain = configuration.name
        return session
    }

    private func makeHub(
        _ handler: some ConnectionHandler,
        _ session: SessionOptions,
        authenticator: (any PeerAuthenticator)? = nil,
        reads: ReadExpectation,
        isSpread: Bool,
        reconnectStop: ReconnectStop = [],
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) -> ConnectionHub {
        var options = ConnectionOptions(session: session)
        options.authenticator = authenticator.map { TaskAuthenticator($0) }
        options.queueLimit = configuration.queueLimit
        options.budget = budget
        options.controlByteCountMax = configuration.limits.controlByteCount
        var transport = TransportOptions()
        transport.reads = reads
        transport.keepAlive = configuration.keepAlive
        transport.tls = configuration.tls
        return ConnectionHub(
            loops: LoopSet(home: home, group: isSpread ? group : nil),
            options: options,
            transport: transport,
            backOff: BackOff(
                initial: configuration.reconnectInitial,
                maximum: configuration.reconnectMaximum
            ),
            reconnectStop: reconnectStop,
            handler: handler,
            observe: observe
        )
    }

    /// An endpoint that is listened at.
    struct Bound: Sendable {
        /// What is bound, wildcards resolved.
        var endpoint: Endpoint
        /// What others connect to.
        var told: Endpoint

        /// Whether a connection to `other` would end here.
        func isReached(by other: Endpoint) -> Bool {
            if other == endpoint || other == told { return true }
            guard other.scheme == .tcp, endpoint.scheme == .tcp,
                let there = try? TCPAddress(other), let here = try? TCPAddress(endpoint),
                there.port == here.port
            else { return false }
            // To dial the wildcard means this machine.
            return there.host == .any || there.host.isLoopback
        }
    }

    private static let upstreamByteCountMax = 1 << 20
}
