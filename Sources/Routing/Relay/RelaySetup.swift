public import Patterns

/// What a relay instance is told at its start, and what stays the same for its whole life.
public struct RelaySetup: Sendable {
    /// In the order of their `TreeID`.
    public var seats: [TreeSeat]
    /// The plan that the relay follows; `nil` = none, and parents and children may follow any.
    public var plan: PlanIdentity?
    /// The multicast groups that the relay sends a tree's messages to, in the order of their `IslandID`.
    public var islands: [TreeID] = []
    /// The multicast groups that it hears, in the order of their `GroupID`.
    public var groups: [HeardGroup] = []
    /// How much one subscriber or child may hold of each tree.
    public var subscriptionLimit = SubscriptionLimit()
    /// Who may publish and subscribe what; empty = everybody everything.
    public var access = AccessPolicy()
    /// The public keys of nodes, as Z85: whoever claims to be one of them must have proved to have its key. `nil` = who claims
    /// to be a child is believed, unless there are access lists.
    public var nodeKeys: [String: String]?
    /// How long a new connection to a parent may take to say what it wants, before what only the old one wanted goes.
    public var demandSettlingTime: Duration = .seconds(2)
    /// With a parent that is connected and nothing heard of it by multicast for this long, its feed is taken over TCP.
    public var silenceMax: Duration = .seconds(10)

    public init(seats: [TreeSeat]) {
        self.seats = seats
    }

    /// A group that a relay hears.
    public struct HeardGroup: Equatable, Sendable {
        public enum Purpose: Sendable {
            /// The parent's messages, in place of a feed over TCP.
            case parent
            /// Messages of a publisher of the tree.
            case publisher
        }

        public var tree: TreeID
        public var purpose: Purpose

        public init(tree: TreeID, purpose: Purpose) {
            self.tree = tree
            self.purpose = purpose
        }
    }
}

/// A heard group's number at one relay: its place in `RelaySetup.groups`.
public struct GroupID: Hashable, Sendable {
    public var rawValue: Int

    public init(_ rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// The number of a group that is sent to: its place in `RelaySetup.islands`.
public struct IslandID: Hashable, Sendable {
    public var rawValue: Int

    public init(_ rawValue: Int) {
        self.rawValue = rawValue
    }
}
