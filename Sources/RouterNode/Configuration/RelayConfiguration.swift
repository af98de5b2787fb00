public import CryptoBox
public import Vocabulary
import Patterns
public import Routing
public import Transports
public import ZMTP

/// Everything that configures one relay.
public struct RelayConfiguration: Sendable {
    /// The relay's node id in its plan; any name for a lone relay.
    public var name: String
    public var publishers: Side
    public var subscribers: Side
    /// Where a `ControlServer` for the relay should listen, as `host:port`; `nil` = no control server.
    public var control: Place?
    public var seats: [Seat]
    /// The plan it follows, which parents and children must follow, too; `nil` = started by hand, and any will do.
    public var planIdentity: PlanIdentity?
    /// The bound on the queue to each subscriber, child and parent.
    public var queueLimit = QueueLimit()
    /// What all those queues may hold together, in octets. Beyond it the overflow policies act on the largest.
    public var memoryByteCountMax = MachineMemory.share
    /// Bounds on everything else that one peer can make the relay hold; a peer that exceeds one is disconnected.
    public var limits = PeerLimits()
    /// The largest message accepted from any peer, in octets.
    public var messageByteCountMax = 128 << 20
    public var handshakeTimeout: Duration = .seconds(10)
    /// Who may connect, and how it is proven.
    public var security = RelaySecurity()
    /// Who may publish and subscribe what at this relay, besides what its seats say; `nil` = everybody everything.
    public var access: AccessSource?
    /// The public keys of nodes: whoever claims to be one of them, and a child, must have proved to have its key. `nil` = who
    /// claims to be a child is believed, unless there are access lists.
    public var nodeKeys: [String: CurvePublicKey]?
    /// A peer that stops in the middle of a message for this long is disconnected, so that it cannot hold memory for ever;
    /// `nil` = never.
    public var stallTimeout: Duration? = .seconds(60)
    /// How long a peer may take nothing of what waits for it, where a seat does not say; `nil` = `stall(of:)` says.
    public var stall: StallTimeout?
    /// Plain peers whose machine is gone are noticed by TCP keep-alive after twice this time, without a word to those that merely
    /// stand still; `nil` = never. Whether to send heartbeats is theirs to choose.
    public var keepAlive: Duration? = .seconds(15)
    /// Certificates and trust at `wss://` endpoints.
    public var tls = TLSOptions()
    /// Heartbeats between relays. A connection that is ended takes along what it holds, while TCP would have sent it again: the
    /// time-out is longer than most outages.
    public var linkHeartbeat = HeartbeatOptions(
        interval: .seconds(2),
        timeout: .seconds(30),
        timeToLive: .seconds(30)
    )
    /// The first wait before a lost parent is tried again, and the longest.
    public var reconnectInitial: Duration = .milliseconds(100)
    public var reconnectMaximum: Duration = .seconds(5)
    /// When the parent is connected but nothing has been heard from it by multicast for this long, its feed is taken over TCP.
    public var segmentSilenceMax: Duration = .seconds(10)
    /// How long a relay that is stopping goes on sending what is queued.
    public var drain: Duration = .seconds(5)
    /// How often a supervisor has started this relay anew, for its status.
    public var restartCount = 0
    /// Event loops; subscribers are spread over them.
    public var threadCount = 1

    public init(name: String, publishers: Side, subscribers: Side, seats: [Seat]) {
        self.name = name
        self.publishers = publishers
        self.subscribers = subscribers
        self.seats = seats
    }

    /// A relay that listens at one endpoint for publishers and at one for subscribers.
    public init(
        name: String,
        publishersEndpoint: String,
        subscribersEndpoint: String,
        seats: [Seat]
    ) {
        self.init(
            name: name,
            publishers: Side(publishersEndpoint),
            subscribers: Side(subscribersEndpoint),
            seats: seats
        )
    }

    /// Binds everything at another host, a name, an address or `*`, and tells others what it told before.
    public mutating func bind(at host: String) {
        publishers.listening = publishers.listening.map { $0.bound(at: host) }
        subscribers.listening = subscribers.listening.map { $0.bound(at: host) }
        control = control.map { $0.bound(at: host) }
    }

    /// A relay without a plan: the root of one tree that carries everything.
    public static func lone(
        name: String = "relay",
        publishers: Side,
        subscribers: Side,
        overflow: OverflowPolicy = .dropNewest
    ) -> RelayConfiguration {
        RelayConfiguration(
            name: name,
            publishers: publishers,
            subscribers: subscribers,
            seats: [Seat(tree: "default", overflow: overflow)]
        )
    }

    /// The same, listening at one endpoint for publishers and at one for subscribers.
    public static func lone(
        name: String = "relay",
        publishersEndpoint: String,
        subscribersEndpoint: String,
        overflow: OverflowPolicy = .dropNewest
    ) -> RelayConfiguration {
        lone(
            name: name,
            publishers: Side(publishersEndpoint),
            subscribers: Side(subscribersEndpoint),
            overflow: overflow
        )
    }

    /// The relay's place in one tree.
    public struct Seat: Sendable {
        public var tree: String
        /// Topic prefixes the tree carries; `""` is everything.
        public var topics: [String]
        public var rank: Int
        /// `nil` at the root.
        public var parent: Parent?
        public var overflow: OverflowPolicy
        /// How long a peer may take nothing; `nil` = as the relay's `stall` says.
        public var stall: StallTimeout?
        /// Who may publish and subscribe what of the tree; `nil` = everybody everything.
        public var access: AccessList?
        /// How the parent's messages come; `nil` = over TCP.
        public var feed: SegmentFeed?
        /// The segments served by multicast.
        public var islands: [Island] = []
        /// Multicast endpoints whose messages are taken as a publisher's of the tree.
        public var publisherFeeds: [String] = []
        /// Publishers that listen themselves, whose messages of the tree are taken.
        public var dialledPublishers: [String] = []
        /// Subscribers that listen themselves, who are sent what they want of the tree.
        public var dialledSubscribers: [String] = []
        /// The numbered link to other relays of the tree; `nil` = plain connections.
        public var link: TreeLinkSettings?

        public init(
            tree: String,
            topics: [String] = [""],
            rank: Int = 0,
            parent: Parent? = nil,
            overflow: OverflowPolicy = .dropNewest
        ) {
            self.tree = tree
            self.topics = topics
            self.rank = rank
            self.parent = parent
            self.overflow = overflow
        }
    }

    /// Where the parent of a seat is.
    public struct Parent: Sendable {
        public var name: String
        public var publishersEndpoint: String
        public var subscribersEndpoint: String

        public init(name: String, publishersEndpoint: String, subscribersEndpoint: String) {
            self.name = name
            self.publishersEndpoint = publishersEndpoint
            self.subscribersEndpoint = subscribersEndpoint
        }
    }
}
