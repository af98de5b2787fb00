import Wire

/// What a relay knows of one group that it hears.
///
///     waiting ── first source ──▶ receiving ◀── a source ──▶ silent (every source is gone)
///        │                                                      │
///        └───────── parent connected, nothing heard ────────────┴──▶ tcp (the group is left for good)
///
/// A publisher's group never leaves for TCP: nobody is known who could be asked instead.
public struct GroupState: Sendable {
    public enum Phase: String, Sendable {
        case waiting, receiving, silent, tcp
    }

    public let tree: TreeID
    public let purpose: RelaySetup.HeardGroup.Purpose
    public private(set) var phase = Phase.waiting
    public private(set) var messageCount = 0
    public private(set) var byteCount = 0
    /// Stretches of messages that nobody could repair, or that a change to TCP left out.
    public private(set) var lossCount = 0
    public private(set) var lostPacketCount = 0
    /// Whether it is read from.
    public internal(set) var isReading = true {
        didSet { if !isReading { wasPaused = true } }
    }
    /// When the parent, which is connected, will have been silent for too long.
    private(set) var silentUntil: Instant?
    /// The group was not read for some of that time.
    private var wasPaused = false

    init(_ group: RelaySetup.HeardGroup) {
        tree = group.tree
        purpose = group.purpose
    }

    mutating func handleRun(messageCount: Int, byteCount: Int) {
        self.messageCount += messageCount
        self.byteCount += byteCount
    }

    mutating func handleLoss(packetCount: Int) {
        lossCount += 1
        lostPacketCount += packetCount
    }

    /// Whether the group fell silent by it.
    mutating func handleSources(count: Int) -> Bool {
        guard phase != .tcp else { return false }
        if count > 0 {
            phase = .receiving
            silentUntil = nil
            return false
        }
        guard phase == .receiving else { return false }
        phase = .silent
        return true
    }

    /// The parent is there, so its group must be heard by then.
    mutating func awaitSource(until deadline: Instant) {
        guard purpose == .parent, phase == .waiting || phase == .silent else { return }
        silentUntil = deadline
        wasPaused = !isReading
    }

    /// Nothing was heard by `silentUntil`. Whether that means anything: a group that is not read cannot be heard, and is
    /// given another time.
    mutating func handleSilence(until deadline: Instant) -> Bool {
        guard wasPaused else { return true }
        awaitSource(until: deadline)
        return false
    }

    /// Whether the group has been silent for too long; otherwise it is given `wait` more when its time was over.
    mutating func handleTimeout(at now: Instant, _ wait: Duration) -> Bool {
        guard let deadline = silentUntil, deadline <= now else { return false }
        return handleSilence(until: now + wait)
    }

    /// Whether it brings the parent's messages.
    var isParentHeard: Bool { purpose == .parent && phase == .receiving }

    /// Without a parent nobody need be heard.
    mutating func stopAwaitingSource() {
        silentUntil = nil
    }

    /// Gives the group up for good. Whether messages are lost by it: what was sent between the last one heard and the first
    /// one over TCP, unless nothing had ever been heard.
    mutating func fallBackToTCP() -> Bool {
        let losesMessages = messageCount > 0
        if losesMessages { lossCount += 1 }
        phase = .tcp
        silentUntil = nil
        return losesMessages
    }
}
