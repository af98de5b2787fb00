import Wire

/// A child at the other end of a feed.
struct Child: Sendable {
    enum Standing: Hashable, Sendable {
        /// Has come, and is not served.
        case held
        /// Was fed by that root; `nil` = by one that hands over to us.
        case heldOrphan(of: String?)
        case awaitingCoverage
        case awaitingHeard
        case live

        var isHeld: Bool {
            switch self {
            case .held, .heldOrphan: true
            case .awaitingCoverage, .awaitingHeard, .live: false
            }
        }
    }

    /// What a standby is told at a place of its stream.
    struct Note: Sendable {
        enum Content: Sendable {
            case roster
            case remove(String)
        }

        var position: LinkPosition
        var content: Content
    }

    /// A ROSTER that has been sent.
    struct Roster: Sendable {
        var ordinal: UInt64
        var feeds: [ChildFeedID]
        /// Of a whole roster: the place behind which it stands.
        var whole: LinkPosition?
    }

    let id: ChildFeedID
    let node: String
    var hasResumed = false
    var isClient = false
    var isCandidate = false
    /// Takes everything; its topics are what is wanted at and below it.
    var isMirror = false
    var standing = Standing.held
    var holdReason: HoldReason?
    /// The epoch that it has been told of, and its cursor into the ring.
    var position = LinkPosition(epoch: 0, number: 0)
    /// Where it wants to begin, while there is nothing here to begin at.
    var start: LinkCommand.Resume?
    var topics = TopicSet()
    var isWritable = true
    /// What it said last of itself and all below it.
    var status: LinkStatus?
    /// How many of our origins it has been told of, and its own as ours.
    var announced = 0
    var origins: [Int] = []

    // MARK: A standby's

    var rosters: [Roster] = []
    var rosterCount: UInt64 = 0
    var heardOf: [ChildFeedID] = []
    var hasHeardWhole = false
    var notes: [Note] = []
    var holds: LinkPosition?
    var hasHadGap = false

    init(_ id: ChildFeedID, node: String) {
        self.id = id
        self.node = node
    }
}

/// A child's uplink: parcels come up, RESEND, ACK and demand go down.
struct Uplink: Sendable {
    let id: ChildUplinkID
    let node: String
    /// The child's numbers of origins, as ours.
    var origins: [Int] = []
    /// Ours, as the child's. Looked up, never iterated.
    var names: [Int: Int] = [:]
}

/// A root's standbys, and what they hold.
struct Office: Sendable {
    struct Joining: Hashable, Sendable {
        var node: String
        /// The whole roster stands behind it in the standby's stream.
        var position: LinkPosition
        var isAsked = false
    }

    /// Whom the arbiter may name.
    var service: [String] = []
    /// Counted, and not yet in service.
    var joining: [Joining] = []
    /// By standby, in the order of their coming: what it said last that it holds.
    var holds: [(node: String, position: LinkPosition)] = []
    /// In service and lost, since when, and whether the arbiter has been asked.
    var absent: [(node: String, since: Instant, isAsked: Bool)] = []
    /// In service and behind by half a ring: the arbiter has been asked.
    var behind: [String] = []
    /// Through which everything is acknowledged.
    var acknowledged: UInt64 = 0
    var stableReport = PacedReport()
    /// Since when a root that has handed over hears nothing of its heir.
    var heirAbsentSince: Instant?
    var isOfficeAsked = false
}

/// What a new root gathers before it reigns.
struct TailCollection: Sendable {
    /// Sorted.
    var awaited: [String]
    var deadline: Instant
    var sections: [TailSection] = []
    /// Children that have been asked, and that have told all.
    var asked: [ChildFeedID] = []
    var ended: [ChildFeedID] = []
    /// Nodes that are known to be dead.
    var dead: [String]
}

/// What one relay holds.
struct TailSection: Sendable {
    let id: TailID
    /// Who told it, of itself or of one below it.
    let child: ChildFeedID
    var epoch: UInt64
    var ends: [LinkPosition]
    /// It tells of what comes behind this number.
    var after: UInt64
    var stretches: [(numbers: LinkNumbers, origin: OriginRange)] = []
    var held = NumberSet()
    var void = NumberSet()
}

/// A tail that was asked for by the parent, until that serves us.
struct TailDuty: Sendable {
    let parent: ParentLinkID
    var from: LinkPosition
    /// Children that have been asked, and of these the ones that are ahead and have not told all (F2).
    var asked: [ChildFeedID] = []
    var awaited: [ChildFeedID] = []
    /// The empty batch has been sent.
    var isEnded = false
}
