/// One place that messages should reach: a node of a tree, a subscriber, or a tap. Five octets for each message.
final class VerdictTarget {
    struct Flags {
        /// It arrived here, as captured here.
        static let arrived: UInt8 = 1
        /// It was sent here, as captured elsewhere.
        static let sent: UInt8 = 2
        static let duplicated: UInt8 = 4
        static let repaired: UInt8 = 8
        static let reordered: UInt8 = 16
        /// It was seen further down, so it was here.
        static let implied: UInt8 = 32
        /// The capture has a gap where it would be.
        static let gap: UInt8 = 64
    }

    let name: String
    let tree: Int?
    let level: Int
    /// Index of the target it is served by.
    var parent: Int?
    /// The tap there, when there is one.
    let tap: Int?
    let isPlanned: Bool
    private(set) var flags: [UInt8] = []
    private var ticks: [UInt32] = []
    /// The clock of what is known of it.
    private(set) var clock: Int?
    /// What reaches it.
    var feeds: [VerdictTrack] = []
    /// Nodes other than its parent that served it.
    var otherServers: [String] = []
    /// Nodes other than those planned that serve somebody at its address, who may be the node or not.
    var presumedServers: [String] = []
    var transport: String?
    /// A connection of it is there that could not be read.
    var hasPresence = false
    /// Messages were sent to it, as captured elsewhere, while it has a tap of its own.
    var wasSent = false
    /// When the captures of it lacked something, each on the clock of its number.
    var gaps: [(range: ClosedRange<Int64>, clock: Int)] = []
    /// Of each of its messages it is known by more than its content which one it is: by its packet, or by its time.
    var isTimed = true

    init(name: String, tree: Int?, level: Int, parent: Int?, tap: Int?, isPlanned: Bool) {
        self.name = name
        self.tree = tree
        self.level = level
        self.parent = parent
        self.tap = tap
        self.isPlanned = isPlanned
    }

    func flags(of message: Int) -> UInt8 { message < flags.count ? flags[message] : 0 }

    /// Where a capture was taken, what was sent there counts only when it arrived.
    private var presence: UInt8 {
        tap == nil ? Flags.arrived | Flags.sent | Flags.implied : Flags.arrived | Flags.implied
    }

    func has(_ message: Int) -> Bool { flags(of: message) & presence != 0 }

    /// It is in a capture of what the target gets, and not only known from further down.
    func wasSeen(_ message: Int) -> Bool {
        flags(of: message) & presence & ~Flags.implied != 0
    }

    func add(_ flag: UInt8, to message: Int) {
        grow(to: message)
        flags[message] |= flag
    }

    /// A sighting. The first one's time stays, but what was captured here counts more than what was captured elsewhere.
    func see(_ message: Int, _ flag: UInt8, ticks: UInt32, clock: Int) {
        grow(to: message)
        let isBetter = flag == Flags.arrived && flags[message] & Flags.arrived == 0
        if isBetter || flags[message] & (Flags.arrived | Flags.sent) == 0 {
            self.ticks[message] = ticks
            if self.clock == nil || flag == Flags.arrived { self.clock = clock }
        }
        flags[message] |= flag
    }

    /// It was there already at this time.
    func seeEarlier(_ message: Int, ticks: UInt32, clock: Int) {
        guard flags(of: message) & Flags.arrived != 0, self.clock == clock else { return }
        self.ticks[message] = min(self.ticks[message], ticks)
    }

    /// When it was seen, on `clock`; `nil` when it was not.
    func ticks(of message: Int) -> UInt32? {
        let seen = presence & ~Flags.implied
        return flags(of: message) & seen == 0 ? nil : ticks[message]
    }

    private func grow(to message: Int) {
        guard message >= flags.count else { return }
        let count = max(message + 1, flags.count + flags.count / 2)
        flags.append(contentsOf: repeatElement(0, count: count - flags.count))
        ticks.append(contentsOf: repeatElement(0, count: count - ticks.count))
    }
}

/// A track with what is known of its ends.
final class VerdictTrack {
    enum Direction {
        /// From the root towards the leaves, or just from a source to receivers.
        case down
        /// From a publisher towards the root.
        case up
    }

    let track: MessageTrack
    let clock: Int
    let tap: Int?
    let isPGM: Bool
    let isEncrypted: Bool
    var direction = Direction.down
    /// Targets at which its messages are there because of it, and those to which they were sent.
    var arrivals: [Int] = []
    var departures: [Int] = []
    /// Targets that must have had what is in it.
    var origins: [Int] = []
    var senderLevel = 0
    var isFromRoot = false
    /// Going up: the node that listens, and the one that connected, if it is one.
    var upServer: String?
    var upClient: String?
    /// Over PGM: the number of the first message that could be seen here, when another tap saw earlier ones.
    var firstMessage: Int?
    /// When its first and last message went by, on its clock.
    var firstNanoseconds: Int64?
    var lastNanoseconds: Int64?
    let messageCount: Int
    var isMatched = false

    init(track: MessageTrack, clock: Int, tap: Int?, isPGM: Bool, isEncrypted: Bool) {
        self.track = track
        self.clock = clock
        self.tap = tap
        self.isPGM = isPGM
        self.isEncrypted = isEncrypted
        firstNanoseconds = track.first?.nanoseconds
        lastNanoseconds = track.last?.nanoseconds
        messageCount = track.count
    }
}
