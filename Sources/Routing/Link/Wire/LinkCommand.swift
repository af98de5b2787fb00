/// What two relays of a tree say to each other, but for BATCH and PARCEL, which have frames behind them (tree-link.md, §4).
public enum LinkCommand: Hashable, Sendable {
    // MARK: On the feed, down

    case resumed(Resumed)
    case hold(HoldReason)
    case refuse(LinkRefusal)
    case origin(index: Int, OriginID)
    case epoch(LinkRoot, first: UInt64)
    case gap(LinkNumbers)
    case synced(id: UInt64, first: UInt64)
    /// All of the root's children, and how far each origin has come at this place of the stream.
    case roster([String], [Acknowledgement])
    case rosterAdd(String)
    case rosterRemove(String)
    case stable(LinkPosition, lowest: UInt64)
    case tailFrom(LinkPosition)
    case handOver(epoch: UInt64)

    // MARK: On the feed, up

    case resume(Resume)
    case sync(id: UInt64, first: UInt64, [LinkTopic])
    /// ZMTP's own.
    case cancel(LinkTopic)
    case switchOver
    case heard(count: UInt64)
    case holds(LinkPosition)
    case tail(Tail)
    case status(LinkStatus)

    // MARK: On the uplink

    case resend
    case acknowledged([Acknowledgement])
    /// ZMTP's own; the root wants it sent up.
    case subscribe(LinkTopic)

    public struct Resumed: Hashable, Sendable {
        /// The sender is the root.
        public var isRoot: Bool
        public var root: LinkRoot
        /// The feed goes on behind it.
        public var position: LinkPosition

        public init(isRoot: Bool, root: LinkRoot, position: LinkPosition) {
            self.isRoot = isRoot
            self.root = root
            self.position = position
        }
    }

    public struct Resume: Hashable, Sendable {
        public var start: ResumeStart
        public var kind: ResumeKind
        public var isMulticast = false
        /// Takes everything; the topics are what its own subscribers and children want.
        public var isMirror = false
        public var topics: [LinkTopic] = []

        public init(_ start: ResumeStart, _ kind: ResumeKind) {
            self.start = start
            self.kind = kind
        }
    }

    /// Before the batches of a tail: who holds them.
    public struct Tail: Hashable, Sendable {
        public var epoch: UInt64
        /// How earlier epochs ended, ascending.
        public var ends: [LinkPosition]
        /// The batches begin behind it.
        public var after: UInt64
        /// The children that the holder feeds: nobody need wait for them any more.
        public var children: [String]

        public init(epoch: UInt64, ends: [LinkPosition], after: UInt64, children: [String]) {
            self.epoch = epoch
            self.ends = ends
            self.after = after
            self.children = children
        }
    }

    public struct Acknowledgement: Hashable, Sendable {
        public var origin: Int
        /// Through which the origin may forget.
        public var sequence: UInt64

        public init(origin: Int, sequence: UInt64) {
            self.origin = origin
            self.sequence = sequence
        }
    }
}

/// Where a child's feed is to go on.
public enum ResumeStart: Hashable, Sendable {
    case after(LinkPosition)
    /// With what comes next.
    case now
    /// With the first that the ring has.
    case first
    /// With what came in the last milliseconds.
    case since(milliseconds: UInt64)
}

public enum ResumeKind: Hashable, Sendable {
    case child
    /// Was fed by a root, and has lost it; `nil` = a root that hands over, whose heir it comes to.
    case orphan(of: String?)
    /// Has another parent, and is about to move.
    case candidate
    /// A subscriber of the library: in no roster.
    case client
}

public enum HoldReason: UInt8, Hashable, Sendable {
    case noRoot = 1
    /// The parent is of an older epoch than the child.
    case behind
    /// The parent asks above for what the child needs.
    case coverage
    /// The standbys do not know the child yet.
    case roster
}

/// Why a child is not taken, and where it may go.
public struct LinkRefusal: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        case full
        case rootIs(LinkRoot)
        case rank
        case plan
        case noNumbers
    }

    public var reason: Reason
    public var others: [String]

    public init(_ reason: Reason, others: [String] = []) {
        self.reason = reason
        self.others = others
    }
}

/// Before the frames of a parcel: consecutive messages of one origin, on their way up.
public struct ParcelHeader: Hashable, Sendable {
    public var origin: Int
    /// The origin's sequence number of the first.
    public var first: UInt64
    /// 0: the origin says goodbye.
    public var count: UInt64
    /// Through which the origin knows that its messages are safe.
    public var acknowledged: UInt64

    public init(origin: Int, first: UInt64, count: UInt64, acknowledged: UInt64) {
        self.origin = origin
        self.first = first
        self.count = count
        self.acknowledged = acknowledged
    }

    public var sequences: LinkNumbers? {
        count == 0 ? nil : first...(first + (count - 1))
    }
}
