import Vocabulary

/// What a relay reports about itself at its control endpoint; the JSON keys are the property names.
public struct NodeStatus: Codable, Equatable, Sendable {
    public var name: String
    public var pid: Int
    /// Of Xylem; `nil` from a relay that is too old to tell.
    public var version: String? = XylemVersion.current
    public var uptimeSeconds: Double
    public var endpoints: Endpoints
    /// The plan it follows; `nil` for a relay that was started by hand.
    public var plan: Plan?
    public var totals: Totals
    public var balance: Balance
    public var memory: Memory
    /// How often a supervisor has started this node anew: what it had counted before is not in here.
    public var restarts: Int
    public var trees: [Tree]
    /// In the order in which they connected.
    public var peers: [Peer]
    /// Peers that have left, summed up by what they were, in the order in which the first of each left.
    public var departed: [Departed]
    /// The last peers that have left, each by itself; the newest is last.
    public var lastDeparted: [Departed]
    /// Whose full queue keeps whom from being read, under `block`; the longest first.
    public var holdUps: [HoldUp]
    /// Multicast groups that the relay sends to or hears, in the order of its trees.
    public var islands: [Island]
    /// Publishers and subscribers that listen themselves, and that the relay dials.
    public var dialled: [Dialled] = []

    /// Where others connect, wildcards resolved: of several endpoints the first.
    public struct Endpoints: Codable, Equatable, Sendable {
        public var publishers: String
        public var subscribers: String
        /// Everything that is listened at.
        public var listening: [Listening] = []
    }

    public struct Totals: Codable, Equatable, Sendable {
        public var receivedMessages = 0
        public var receivedBytes = 0
        /// Deliveries to subscribers, children and multicast groups, handed to their connections.
        public var sentMessages = 0
        public var sentBytes = 0
        /// Messages and deliveries that came to nothing, for whatever reason: the sum of `drops`.
        public var droppedMessages = 0
        /// By reason: `queue-full`, `disconnected`, `no-parent` and so on (docs/status.md); reasons that occurred.
        public var drops: [String: Int] = [:]
        /// Messages that no subscriber or child wanted: filtered, not dropped.
        public var unwantedMessages = 0
        /// Subscriptions that access lists refused; `nil` where there are none.
        public var refusedSubscriptions: Int?
        /// Messages whose topic belongs to no tree: `drops["no-tree"]`.
        public var unroutableMessages = 0
        /// Messages that arrived without a parent to send them to: `drops["no-parent"]`.
        public var orphanedMessages = 0
        /// Peers disconnected for exceeding a limit on what they can make the relay hold.
        public var limitDisconnects = 0
        /// How often accepting paused because descriptors or something else that a connection needs had run out.
        public var acceptPauses = 0
        /// Deliveries waiting in queues now.
        public var queuedMessages = 0
        public var queuedBytes = 0
        /// Distinct topics wanted below.
        public var topics = 0
        public var subscriptions = 0
        public var publishers = 0
        public var subscribers = 0
        public var children = 0
    }

    /// What the relay's queues hold together, in octets.
    public struct Memory: Codable, Equatable, Sendable {
        /// Messages and what they keep beyond their own octets; what several queues share counts for each.
        public var held = 0
        public var limit = 0
    }

    public struct Tree: Codable, Equatable, Sendable {
        public var name: String
        public var rank: Int
        /// `nil` at the root.
        public var parent: String?
        /// Whether both connections to the parent are up; `true` at the root.
        public var isConnected: Bool
        /// Why there is no parent, as far as is known; `nil` while there is one.
        public var problem: String?
        public var overflow: String
        /// The numbered link to other relays; `nil` = plain connections.
        public var link: Link?
    }

    public struct Peer: Codable, Equatable, Sendable {
        /// Never used twice by one relay process.
        public var id: UInt64
        /// `publisher`, `subscriber`, `child-feed`, `child-uplink`, `parent-feed` or `parent-uplink`.
        public var role: String
        public var address: String
        /// The relay at the other end of a link, and the tree the link belongs to.
        public var node: String?
        public var tree: String?
        public var receivedMessages: Int
        public var receivedBytes: Int
        public var sentMessages: Int
        public var sentBytes: Int
        public var droppedMessages: Int
        /// By reason.
        public var drops: [String: Int] = [:]
        public var queuedMessages: Int
        public var queuedBytes: Int
        public var subscriptions: Int
        /// What access lists have refused it; `nil` where there are none, and for relays.
        public var refusedMessages: Int?
        public var refusedSubscriptions: Int?
        /// For how long it has not been read from, because messages would have nowhere to go; `nil` = it is read.
        public var pausedSeconds: Double?
    }
}
