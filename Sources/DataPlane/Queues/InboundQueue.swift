import DequeModule
import NIOCore
import Transports

/// What waits for the application, fairly: a queue for each peer, and one message from each in turn.
///
///     peer 1  ▒▒▒▒▒▒▒▒▒▒▒▒ ─┐
///     peer 2  ▒ ────────────┼─▶ 1 2 3 1 3 1 3 1 …
///     peer 3  ▒▒▒▒ ─────────┘
///
/// A peer that floods delays nobody else by more than one message, or the 64 that were taken ahead while it was alone (RFC 28, 29, 30
/// "fair-queuing"), and is the only one that is asked to pause: the limit is each peer's own. The slack of all shared runs together has one budget.
///
/// Where the order among peers has a meaning, all share one queue, and one limit, and each message is told apart by its sender.
struct InboundQueue {
    let limit: QueueLimit
    /// Whether only the newest message of each peer is kept; then nobody is asked to pause.
    let conflates: Bool
    /// Whether messages are taken in the order in which they came, whoever sent them.
    let keepsOrder: Bool
    var peers: [PeerQueue] = []
    private var freeSlots: [Int] = []
    private(set) var slots: [PeerID: Int] = [:]
    /// The slot of the peer that was last heard: it is most often the next, too.
    private var lastSlot = 0
    /// The slots of those from whom something waits, in the order in which they are served; of those with a link, also where
    /// something may wait.
    var turns = Deque<Int>()
    var slack: SlackBudget
    var prefixedRuns = PrefixedRuns()
    /// From a link, on the way to its peer's queue.
    var taken = Deque<SendQueue.Chunk>()
    /// When a link was last taken from, if it had little; nanoseconds, else 0.
    var lastSmallRefill: Int64 = 0
    /// Of all peers, without what waits at the other ends of links.
    var messageCount = 0

    init(limit: QueueLimit, conflates: Bool = false, keepsOrder: Bool = false) {
        precondition(!conflates || !keepsOrder, "what is conflated has no order")
        self.limit = limit
        self.conflates = conflates
        self.keepsOrder = keepsOrder
        slack = SlackBudget(limit: limit)
    }

    /// The memory that is kept beyond the messages' octets, without the heads'.
    var slackByteCount: Int { slack.byteCount }

    func messageCount(from peer: PeerID) -> Int { slots[peer].map { peers[$0].messageCount } ?? 0 }

    /// Takes a run. `false` asks for a pause of that peer.
    mutating func append(_ buffer: ByteBuffer, messageCount: Int, from peer: PeerID) -> Bool {
        let slot = slot(of: peer)
        takeTurn(slot)
        guard !conflates else {
            self.messageCount += 1 - peers[slot].removeAll(&slack)
            peers[slot].append(buffer.newestMessage, messageCount: 1, &slack)
            return true
        }
        peers[slot].append(buffer, messageCount: messageCount, &slack)
        if keepsOrder { peers[slot].noteSender(peer, messageCount: messageCount) }
        self.messageCount += messageCount
        if peers[slot].messageCount >= limit.messageCount
            || peers[slot].byteCount >= limit.byteCount
        {
            peers[slot].isPaused = true
        }
        return !peers[slot].isPaused
    }

    /// Whether a run of that size would stay within the peer's limit.
    mutating func hasRoom(_ messageCount: Int, _ byteCount: Int, from peer: PeerID) -> Bool {
        let slot = slot(of: peer)
        return messageCount <= limit.messageCount - peers[slot].messageCount
            && byteCount <= limit.byteCount - peers[slot].byteCount
    }

    /// Puts in what is no message, in its place among the peer's.
    mutating func append(_ note: Mailbox.Item, from peer: PeerID) {
        let slot = slot(of: peer)
        takeTurn(slot)
        peers[slot].append(note)
    }

    /// The next message, or with `wantsNotes` the next message or note; others' notes are thrown away. `relief` gets who may
    /// send again because half of what it had sent is taken.
    mutating func popFirst(wantsNotes: Bool, _ relief: inout Relief) -> Mailbox.Item? {
        while let slot = nextSlot(&relief) {
            let item = peers[slot].popFirst(wantsNotes: wantsNotes, &slack)
            turn(after: slot)
            guard var item else { continue }
            if case .message = item {
                messageCount -= 1
                if peers[slot].isHeadBare { item = complete(item, slot) }
            }
            settle(slot, &relief)
            return item
        }
        return nil
    }

    /// The next messages that lie together, all of one peer.
    mutating func popRun(_ relief: inout Relief) -> (run: ByteBuffer, messageCount: Int)? {
        while let slot = nextSlot(&relief) {
            let run = peers[slot].popRun(&slack)
            turn(after: slot)
            guard var run else { continue }
            messageCount -= run.messageCount
            run.run = complete(run.run, messageCount: run.messageCount, slot)
            settle(slot, &relief)
            return run
        }
        return nil
    }

    /// Messages that follow the one taken last, while nobody else has any.
    mutating func popAhead(
        _ relief: inout Relief
    ) -> (run: ByteBuffer, messageCount: Int, peer: PeerID)? {
        guard turns.count == 1, !conflates, !keepsOrder, let slot = turns.first,
            let run = peers[slot].popAhead(atMost: AheadRun.messageCountMax)
        else { return nil }
        let peer = peers[slot].peer
        turn(after: slot)
        messageCount -= run.messageCount
        let completed = complete(run.run, messageCount: run.messageCount, slot)
        settle(slot, &relief)
        return (completed, run.messageCount, peer)
    }

    /// Who is served next: it has something.
    private mutating func nextSlot(_ relief: inout Relief) -> Int? {
        while let slot = turns.first {
            if !peers[slot].isEmpty || refill(slot, &relief) { return slot }
            leaveTurn()
        }
        return nil
    }

    mutating func takeTurn(_ slot: Int) {
        guard !peers[slot].isInTurn else { return }
        peers[slot].isInTurn = true
        turns.append(slot)
    }

    private mutating func leaveTurn() {
        peers[turns.removeFirst()].isInTurn = false
    }

    /// It is the next one's turn.
    private mutating func turn(after slot: Int) {
        if peers[slot].isEmpty, peers[slot].link == nil {
            leaveTurn()
        } else if turns.count > 1 {
            turns.removeFirst()
            turns.append(slot)
        }
    }

    /// Something was taken from the peer.
    private mutating func settle(_ slot: Int, _ relief: inout Relief) {
        if peers[slot].isPaused, isHalfTaken(slot) {
            peers[slot].isPaused = false
            if peers[slot].link == nil {
                relief.peer = peers[slot].peer
            } else {
                fill(slot, &relief)
            }
        }
        if peers[slot].isGone, peers[slot].isEmpty { release(slot) }
    }

    /// The peer will send nothing more; what it has sent can still be taken.
    mutating func detach(_ peer: PeerID) {
        guard let slot = slots[peer] else { return }
        if peers[slot].isEmpty { release(slot) } else { peers[slot].isGone = true }
    }

    private func isHalfTaken(_ slot: Int) -> Bool {
        peers[slot].messageCount <= limit.messageCount / 2
            && peers[slot].byteCount <= limit.byteCount / 2
    }

    mutating func slot(of sender: PeerID) -> Int {
        let peer = keepsOrder ? .none : sender
        if lastSlot < peers.count, peers[lastSlot].peer == peer { return lastSlot }
        if let slot = slots[peer] {
            lastSlot = slot
            return slot
        }
        let slot = freeSlots.popLast() ?? peers.count
        if slot == peers.count {
            peers.append(PeerQueue(peer: peer))
        } else {
            peers[slot] = PeerQueue(peer: peer)
        }
        slots[peer] = slot
        lastSlot = slot
        return slot
    }

    private mutating func release(_ slot: Int) {
        slots[peers[slot].peer] = nil
        // Nobody has this number: the next one who looks finds no peer of its own here.
        peers[slot] = PeerQueue(peer: PeerID(rawValue: .max))
        freeSlots.append(slot)
    }
}
