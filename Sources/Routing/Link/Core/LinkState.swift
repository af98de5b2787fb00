import DequeModule
import Wire

/// What one relay knows of one tree's link. Procedures on it are grouped by what they are about: `Feeding`, `Admission`, `Syncs`,
/// `Interests`, `Attachment`, `Intake`, `Moves`, `Origins`, `Standbys`, `Succession`, `Tails`, `Adoption`, `HandOver`, `Statuses`.
struct LinkState: Sendable {
    let setup: LinkSetup
    var rules = LinkRules()
    /// Of the news that is being handled.
    var now = Instant(nanoseconds: 0)
    var role: LinkRole
    /// The reign it reigned under is over: it is a standby from now on (F7).
    var isFormerRoot = false
    var randomness: UInt64

    // MARK: History

    var epochs: EpochBook
    var ring = LinkRing()
    /// Through which it has dealt with everything; a root may have numbered more.
    var served: UInt64 = 0
    /// Whether it has a place in the tree's order; without, it begins with what comes.
    var hasHistory: Bool
    /// A root's numbers that wait for their origins (F4).
    var missing = NumberSet()
    var missingUntil: Instant?
    /// When the ring's age is looked at.
    var trimAt: Instant?
    var coverage = TopicCoverage()
    /// By origin: what plain subscribers had before the history was set back (D7). Looked up, never iterated.
    var foreign: [Int: NumberSet] = [:]

    var counts = LinkCounts()

    // MARK: Interest

    /// Of own subscribers.
    var wanted = TopicSet()
    var ghosts: [Ghost] = []
    var demand = TopicMap<DemandState>()
    var demandSettlesAt: Instant?
    /// What a mirror has told its parent that it wants.
    var toldWants = TopicSet()
    var requests: [SyncRequest] = []
    var nextRequestID: UInt64 = 1
    var laterSyncs: [LaterSync] = []

    // MARK: Up

    var origins = OriginTable()
    var own = OwnParcels()
    var parent: ParentLink?
    var candidate: Candidate?
    /// Whether its parent is, or was when it was lost, the root (D8).
    var isRootsChild = false
    /// What the parent, a root, said last that all standbys hold.
    var stable: LinkPosition?
    var lowestCursor: UInt64 = 0
    var seek = Seeking()
    var nextParentID: UInt64 = 1
    var holdsReport = PacedReport()
    var statusAt: Instant?

    // MARK: Down

    /// In the order of their coming.
    var children: [Child] = []
    var uplinks: [Uplink] = []
    /// Where the round of feeding goes on.
    var feedPlace = 0

    // MARK: The root's office

    var office = Office()
    /// Of a standby: the root's children, sorted.
    var roster: [String] = []
    var collection: TailCollection?
    var tailDuties: [TailDuty] = []
    var nextTailID = 0

    private var directives = Deque<LinkDirective>()

    init(_ setup: LinkSetup) {
        self.setup = setup
        randomness = setup.incarnation | 1
        epochs = EpochBook(setup.root)
        role = setup.isRoot ? .root : .seeking
        hasHistory = setup.isRoot
        if setup.isRoot, !setup.predecessorsChildren.isEmpty {
            role = .collecting(epoch: setup.root.epoch)
            hasHistory = false
            // Whoever comes is of a later epoch than one that knows nothing.
            epochs.restart(in: 0)
        } else if setup.isRoot {
            office.service = setup.service
            coverage.everythingSince = 1
        }
    }

    // MARK: - What it is

    var position: LinkPosition { LinkPosition(epoch: epochs.current, number: served) }

    /// May be named root: takes everything, and is fed by the root.
    var isMirror: Bool { setup.isStandby || isFormerRoot }

    /// The link on which parcels go up.
    var way: ParentLink? {
        if let parent { return parent }
        guard case .joining = role, let link = candidate?.link, link.isOpen else { return nil }
        return link
    }

    func covers(_ topics: [LinkTopic], mirror: Bool = false, since first: UInt64) -> Bool {
        guard first > ring.base else { return false }
        if mirror { return coverage.everythingSince.map { $0 <= first } ?? false }
        return coverage.covers(topics, since: first)
    }

    func place(of child: ChildFeedID) -> Int? {
        children.firstIndex { $0.id == child }
    }

    func hasChild(_ node: String) -> Bool {
        children.contains { $0.node == node && $0.hasResumed }
    }

    /// The origins of what the ring has behind a number.
    func origins(after number: UInt64) -> [OriginRange] {
        let first = max(number, ring.base) + 1
        return LinkNumbers(from: first, through: ring.last).map { ring.origins(of: $0) } ?? []
    }

    /// What the ring has behind a number is not of the tree's history.
    mutating func truncate(after number: UInt64) {
        origins.forget(origins(after: number))
        ring.truncate(after: number)
    }

    // MARK: - Out

    var hasDirectives: Bool { !directives.isEmpty }

    mutating func add(_ directive: LinkDirective) {
        directives.append(directive)
    }

    mutating func popDirective() -> LinkDirective? {
        directives.popFirst()
    }

    mutating func tell(_ child: ChildFeedID, _ command: LinkCommand) {
        add(.sendDown(command, child))
    }

    /// 64 random bits that follow from the incarnation.
    mutating func draw() -> UInt64 {
        randomness ^= randomness << 13
        randomness ^= randomness >> 7
        randomness ^= randomness << 17
        return randomness
    }
}

/// What a relay is in its tree.
///
///     seeking ── dial ──▶ joining ── RESUMED ──▶ attached ── parent lost ──▶ seeking
///                                                   │  (a standby, the root lost) ──▶ waiting
///     waiting ── named ──▶ collecting ── tails ──▶ root ── another is named ──▶ seeking
///     root ──▶ handingOver ── the heir holds all ──▶ gaveOffice ──▶ joining the heir
///     attached ── HANDOVER ──▶ heir ── the old root is its standby, the arbiter agrees ──▶ root
enum LinkRole: Hashable, Sendable {
    case seeking, joining, attached
    /// A standby without root.
    case waiting
    case collecting(epoch: UInt64)
    case root
    /// A root whose lease has run out.
    case fenced
    case handingOver(heir: String)
    case gaveOffice(heir: String)
    case heir(of: String, epoch: UInt64)

    /// Whether it has the root's children.
    var isOffice: Bool {
        switch self {
        case .root, .handingOver, .gaveOffice: true
        default: false
        }
    }

    /// Whether it serves nobody anew (D3).
    var holdsChildren: Bool {
        switch self {
        case .waiting, .collecting, .fenced, .handingOver, .gaveOffice, .heir: true
        case .seeking, .joining, .attached, .root: false
        }
    }
}

/// The two connections to a relay above.
struct ParentLink: Sendable {
    let id: ParentLinkID
    let node: String
    var isOpen = false
    /// Of its stream: of what comes next, or of what is kept of it.
    var epoch: UInt64 = 0
    /// The sender's numbers of origins, as ours.
    var origins: [Int] = []
    /// How many of ours have been announced, on the feed (for tails) and on the uplink.
    var announcedOnFeed = 0
    var announcedOnUplink = 0
    /// ROSTERs taken in.
    var rosterCount: UInt64 = 0
}

/// A parent-to-be.
struct Candidate: Sendable {
    var link: ParentLink
    /// What RESUME asked for.
    var topics: [LinkTopic] = []
    /// The feed runs.
    var isSynced = false
    /// How far its stream has come.
    var position: LinkPosition
    var isRoot = false
    /// SYNCs that it has not answered.
    var due: [UInt64] = []
    /// Its stream has all our topics from this number on.
    var since: UInt64 = 0
    /// Interest has changed since RESUME.
    var hasChanged = false
    /// How far each batch goes that is kept of its stream, and the octets of its messages.
    var kept: Deque<(through: LinkPosition, octetCount: Int)> = []
    var keptOctetCount = 0
    /// What it wants sent up, while another is the way.
    var demand = TopicSet()
    /// Given up unless something comes by then.
    var deadline: Instant
}

/// Which relay to try next.
struct Seeking: Sendable {
    var attempt = 0
    var failureCount = 0
    var nextAt: Instant?
    /// The parent that was lost.
    var lost: String?
    /// Whom a relay named that was full.
    var offered: [String] = []
}

struct Ghost: Sendable {
    var topics: [LinkTopic]
    var until: Instant
}

enum DemandState: Sendable {
    case wanted
    /// The present parent has not said so yet.
    case stale
}

/// What was asked of the parent, and for whom.
struct SyncRequest: Sendable {
    enum Purpose: Hashable, Sendable {
        case own
        /// The child waits for it before it is served.
        case coverage(ChildFeedID)
        /// G4: the ring is to begin where the standbys' knowledge ends.
        case reach
        case childSync(ChildFeedID, id: UInt64)
    }

    let id: UInt64
    var topics: [LinkTopic]
    /// 0 = from now on.
    var first: UInt64
    var isEverything: Bool
    var purposes: [Purpose]
    var isSent = false
}

/// A child's SYNC that cannot be answered yet (D4, D6).
struct LaterSync: Sendable {
    var child: ChildFeedID
    var id: UInt64
    var first: UInt64
    var topics: [LinkTopic]
}

/// What this relay's own publishers sent: numbered, and kept by the shell until it is safe.
struct OwnParcels: Sendable {
    /// Its place in the table of origins.
    var origin = 0
    var last: UInt64 = 0
    var acknowledged: UInt64 = 0
    /// The last sequence of each piece that was published, and its octets.
    var pieces: Deque<(last: UInt64, octetCount: Int)> = []
    var octetCount = 0

    mutating func add(through sequence: UInt64, octetCount: Int) {
        last = sequence
        pieces.append((sequence, octetCount))
        self.octetCount += octetCount
    }

    mutating func release(through sequence: UInt64) {
        acknowledged = sequence
        while let piece = pieces.first, piece.last <= sequence {
            octetCount -= piece.octetCount
            pieces.removeFirst()
        }
    }

    var unacknowledged: LinkNumbers? { LinkNumbers(from: acknowledged + 1, through: last) }
}

/// A report that is sent now and then while what it says changes.
struct PacedReport: Sendable {
    var sent: LinkPosition?
    var sentLowest: UInt64 = 0
    var nextAt: Instant?
}
