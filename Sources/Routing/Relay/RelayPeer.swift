public import Patterns

/// What a relay says of itself when it connects to its parent.
///
/// A link is two connections: the child is a subscriber of its parent (messages come down) and a publisher to it
/// (messages go up). The claim says of which tree the link is, and proves that the child ranks below.
public struct LinkClaim: Equatable, Sendable {
    public var node: String
    public var tree: String
    public var rank: Int
    /// The plan it follows; `nil` for a relay that was started by hand.
    public var plan: PlanIdentity?

    public init(node: String, tree: String, rank: Int, plan: PlanIdentity? = nil) {
        self.node = node
        self.tree = tree
        self.rank = rank
        self.plan = plan
    }

    /// A stranger's text for a log line: short, and nothing in it ends the line or drives a terminal.
    public static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(textCountMax).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : scalar
        }
        var printable = String.UnicodeScalarView()
        printable.append(contentsOf: scalars)
        return String(printable)
    }

    private static let textCountMax = 64
}

/// How a connection came about.
public enum Arrival: Equatable, Sendable {
    /// Accepted where publishers connect; with a claim when it is a child relay.
    case publisher(LinkClaim?)
    /// Accepted where subscribers connect; with a claim when it is a child relay.
    case subscriber(LinkClaim?)
    /// Made by us, to a publisher that deals in one tree.
    case treePublisher(TreeID)
    /// Made by us, to a subscriber that is served one tree.
    case treeSubscriber(TreeID)
    /// Made by us, to a parent, with the plan that it says it follows.
    case parent(ParentConnection, plan: PlanIdentity? = nil)
}

/// One of the two connections to a tree's parent.
public enum ParentConnection: Hashable, Sendable {
    /// To the parent's subscribers endpoint: messages come down.
    case feed(TreeID)
    /// To the parent's publishers endpoint: messages go up, and the parent's demand comes down.
    case uplink(TreeID)

    public var tree: TreeID {
        switch self {
        case .feed(let tree), .uplink(let tree): tree
        }
    }
}

/// A connection of a relay, once its rank is checked.
public struct RelayPeer: Sendable {
    /// The shell's name for an established connection; never used twice.
    public struct ID: Hashable, Sendable {
        public var rawValue: UInt64

        public init(_ rawValue: UInt64) {
            self.rawValue = rawValue
        }
    }

    public enum Role: Hashable, Sendable {
        case publisher, subscriber
        /// A plain peer that is confined to one tree.
        case treePublisher(TreeID)
        case treeSubscriber(TreeID)
        /// A child relay's connection to our subscribers endpoint.
        case childFeed(TreeID)
        /// A child relay's connection to our publishers endpoint.
        case childUplink(TreeID)
        case parentFeed(TreeID)
        case parentUplink(TreeID)
    }

    public let role: Role
    /// The child relay at the other end of a link.
    public let node: String?
    /// Given to those that messages are sent down to.
    public internal(set) var subscriber: SubscriberID?
    /// Whether its connection is read from.
    public internal(set) var isReading = true
    /// Whether it is to be disconnected, and nothing it says counts any more.
    var isRefused = false
    /// Its place in `PeerTable`'s list of publishers or of child uplinks.
    var place = 0

    public init(_ role: Role, node: String? = nil) {
        self.role = role
        self.node = node
    }

    /// `nil` for a plain peer that may deal in every tree.
    public var tree: TreeID? {
        switch role {
        case .publisher, .subscriber: nil
        case .treePublisher(let tree), .treeSubscriber(let tree), .childFeed(let tree),
            .childUplink(let tree), .parentFeed(let tree), .parentUplink(let tree):
            tree
        }
    }
}
