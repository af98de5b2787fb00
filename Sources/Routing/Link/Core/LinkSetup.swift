import Wire

/// What a link core is told at its start: the relay's place in the plan of one tree.
public struct LinkSetup: Sendable {
    public var node: String
    /// Random, of each start.
    public var incarnation: UInt64
    /// `nil` at the tree's root.
    public var parent: String?
    /// In rank order; each has a lower rank than this relay (A1, A2).
    public var backups: [String] = []
    /// Of the plan, in their order.
    public var standbys: [String] = []
    /// The reign under which the relay starts.
    public var root: LinkRoot
    /// Whom the arbiter may name when that root is lost; a root needs to know.
    public var service: [String] = []
    /// Of a root without standbys that is started again, in a new epoch: its children of the plan, from whom it takes the tree's
    /// history. Empty at the tree's first start.
    public var predecessorsChildren: [String] = []
    public var options = LinkOptions()

    public init(node: String, incarnation: UInt64, parent: String?, root: LinkRoot) {
        self.node = node
        self.incarnation = incarnation
        self.parent = parent
        self.root = root
    }

    var isStandby: Bool { standbys.contains(node) }
    var isRoot: Bool { root.node == node }
}

/// The bounds and times of a link (tree-link.md, "Bounds").
public struct LinkOptions: Sendable {
    /// What a ring keeps at most, in octets of messages.
    public var ringOctetCountMax = 64 << 20
    public var ringTimeMax: Duration = .seconds(10)
    /// What is kept of what a candidate sends ahead.
    public var keptOctetCountMax = 16 << 20
    /// How many children are fed; more are refused (orphans of a root are not).
    public var childCountMax = 65_536
    /// Open SYNCs of one child.
    public var syncCountMax = 64
    /// Numbers that one batch is about.
    public var batchNumberCountMax: UInt64 = 4_096
    /// How often HOLDS and STABLE are sent at most.
    public var reportInterval: Duration = .milliseconds(1)
    /// The first wait between two attempts to attach; doubled up to `retryWaitMax`.
    public var retryWait: Duration = .milliseconds(50)
    public var retryWaitMax: Duration = .seconds(2)
    /// How long a parent may answer HOLD, or nothing, before the next is tried.
    public var holdTimeMax: Duration = .seconds(1)
    /// The same for one that says it is without a parent itself: it may be an orphan of the same relay.
    public var orphanHoldTimeMax: Duration = .milliseconds(200)
    /// How long a new root waits for children of the old one.
    public var collectionTimeMax: Duration = .seconds(1)
    /// How long a number without its message waits for its origin.
    public var fillTimeMax: Duration = .seconds(2)
    /// How long a lost child's interest stays demand.
    public var lingerTime: Duration = .seconds(10)
    /// How long a new parent may take to say what is wanted above.
    public var demandSettlingTime: Duration = .seconds(2)
    /// How long a standby may be lost before the root wants it out of service.
    public var standbyAbsenceMax: Duration = .seconds(1)
    /// How often STATUS goes up.
    public var statusInterval: Duration = .seconds(1)
    /// What own publishers' messages may take up until they are safe, in octets (U1).
    public var ownOctetCountMax = 64 << 20
    /// Whether the ring loses nothing that a child has not had: reading stops instead (`isHeldBack`).
    public var blocks = false
    /// How long a root that has handed over waits for its heir.
    public var heirAbsenceMax: Duration = .seconds(1)

    public init() {}
}

/// A child's feed, by the shell's name for it; never used twice.
public struct ChildFeedID: Hashable, Sendable {
    public var rawValue: UInt64

    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// A child's uplink, by the shell's name for it; never used twice.
public struct ChildUplinkID: Hashable, Sendable {
    public var rawValue: UInt64

    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// The two connections to a parent, by the core's name for them; never used twice.
public struct ParentLinkID: Hashable, Sendable {
    public var rawValue: UInt64
}
