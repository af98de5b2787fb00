import DequeModule
import NIOCore
import Transports
import Wire

/// What one peer has sent and nobody has taken: whole runs go in, single messages come out as slices.
///
///     append(run) ─┬─ shared ─────────────▶ storages ─┬─▶ head ─▶ one message at a time
///                  └─ copied, sparse ones ─▶ open ────┘
///           notes: how many messages, losses ─▶ runs
///
/// Runs are shared until their slack has used up the budget of the whole queue (`SlackBudget`).
struct PeerQueue {
    private struct Run {
        var messageCount: Int
        var isBare = false
        /// Stands alone, without messages.
        var note: Mailbox.Item?
    }

    let peer: PeerID
    /// The storage that is being taken apart; not in the list, so that taking a message moves none.
    private var head = ByteBuffer()
    /// Messages in the head that belong to the run under way.
    private var headMessageCount = 0
    /// Whether what was popped last is still without `prefix`.
    private(set) var isHeadBare = false
    private var runs = Deque<Run>()
    private var storages = Deque<ByteBuffer>()
    private var open = ByteBuffer()
    /// Of each message, where this is the queue of all peers.
    private var senders = Deque<PeerID>()
    /// Of the head and all runs.
    private(set) var messageCount = 0
    private(set) var byteCount = 0
    private(set) var noteCount = 0
    /// Whether its connection was asked to stop reading.
    var isPaused = false
    /// Whether its connection is gone: when the last message is taken, so is the queue.
    var isGone = false
    /// Where its messages come from, if not from a connection: taken when there are none here any more.
    var link: QueueLink?
    /// What is put before each message that came by a link.
    var prefix: [UInt8] = []
    /// Whether it stands in the list of those who are served.
    var isInTurn = false

    init(peer: PeerID, isPaused: Bool = false, isGone: Bool = false) {
        self.peer = peer
        self.isPaused = isPaused
        self.isGone = isGone
    }

    /// Whether nothing is there to be taken, neither messages nor notes.
    var isEmpty: Bool { messageCount == 0 && noteCount == 0 }

    /// `isBare`: the prefix is still to be put before each of the messages, by who pops them.
    mutating func append(
        _ buffer: ByteBuffer,
        messageCount: Int,
        isBare: Bool = false,
        _ slack: inout SlackBudget
    ) {
        let byteCount = buffer.readableBytes
        if slack.charge(SlackBudget.slack(of: buffer, byteCount: byteCount)) {
            seal(&slack)
            storages.append(buffer)
            runs.append(Run(messageCount: messageCount, isBare: isBare))
        } else {
            copy(buffer, messageCount: messageCount, isBare: isBare, &slack)
        }
        self.messageCount += messageCount
        self.byteCount += byteCount
    }

    /// Who sent what was appended last.
    mutating func noteSender(_ sender: PeerID, messageCount: Int) {
        for _ in 0..<messageCount { senders.append(sender) }
    }

    private mutating func takeSender() -> PeerID { senders.popFirst() ?? peer }

    private mutating func copy(
        _ buffer: ByteBuffer,
        messageCount: Int,
        isBare: Bool,
        _ slack: inout SlackBudget
    ) {
        if open.readableBytes + buffer.readableBytes > Self.openByteCountMax { seal(&slack) }
        let isFirst = open.readableBytes == 0
        open.writeImmutableBuffer(buffer)
        if !isFirst, let last = runs.last, last.note == nil, last.isBare == isBare {
            runs[runs.count - 1].messageCount += messageCount
        } else {
            runs.append(Run(messageCount: messageCount, isBare: isBare))
        }
    }

    /// Throws away everything; gives how many messages that were.
    mutating func removeAll(_ slack: inout SlackBudget) -> Int {
        for storage in storages { slack.release(storage) }
        let count = messageCount
        let isInTurn = isInTurn
        self = PeerQueue(peer: peer, isPaused: isPaused, isGone: isGone)
        self.isInTurn = isInTurn
        return count
    }

    /// Puts in what is no message.
    mutating func append(_ note: Mailbox.Item) {
        // When nobody takes anything, neither notes may fill the memory.
        if noteCount == Self.noteCountMax, let oldest = runs.firstIndex(where: { $0.note != nil }) {
            runs.remove(at: oldest)
            noteCount -= 1
        }
        runs.append(Run(messageCount: 0, note: note))
        noteCount += 1
    }

    /// The oldest message, or with `wantsNotes` the oldest message or note; others' notes are thrown away.
    mutating func popFirst(wantsNotes: Bool, _ slack: inout SlackBudget) -> Mailbox.Item? {
        while headMessageCount == 0 {
            guard let run = runs.popFirst() else { return nil }
            if let note = run.note {
                noteCount -= 1
                if wantsNotes { return note }
                continue
            }
            if head.readableBytes == 0 { openNextStorage(&slack) }
            headMessageCount = run.messageCount
            isHeadBare = run.isBare
        }
        headMessageCount -= 1
        messageCount -= 1
        let byteCount = head.withUnsafeReadableBytes {
            MessageWalker.byteCount(ofFirst: 1, in: $0)
        }
        self.byteCount -= byteCount
        guard byteCount < head.readableBytes else {
            // The last of a storage takes it away, so that the storage is free when its messages are.
            defer { head = ByteBuffer() }
            return .message(head, from: takeSender())
        }
        let sender = takeSender()
        return head.readSlice(length: byteCount).map { .message($0, from: sender) }
    }

    /// Messages that lie together and are the oldest, if the storage under way has any.
    mutating func popAhead(atMost countMax: Int) -> (run: ByteBuffer, messageCount: Int)? {
        let count = min(countMax, headMessageCount)
        guard count > 0 else { return nil }
        return takeHead(count)
    }

    /// The oldest messages that lie together; notes before them are thrown away.
    mutating func popRun(_ slack: inout SlackBudget) -> (run: ByteBuffer, messageCount: Int)? {
        while headMessageCount == 0 {
            guard let run = runs.popFirst() else { return nil }
            guard run.note == nil else {
                noteCount -= 1
                continue
            }
            if head.readableBytes == 0 { openNextStorage(&slack) }
            headMessageCount = run.messageCount
            isHeadBare = run.isBare
        }
        return takeHead(headMessageCount)
    }

    private mutating func takeHead(_ count: Int) -> (run: ByteBuffer, messageCount: Int)? {
        headMessageCount -= count
        senders.removeFirst(min(count, senders.count))
        let byteCount = head.withUnsafeReadableBytes {
            MessageWalker.byteCount(ofFirst: count, in: $0)
        }
        messageCount -= count
        self.byteCount -= byteCount
        guard byteCount < head.readableBytes else {
            defer { head = ByteBuffer() }
            return (head, count)
        }
        return head.readSlice(length: byteCount).map { ($0, count) }
    }

    private mutating func openNextStorage(_ slack: inout SlackBudget) {
        if let next = storages.popFirst() {
            slack.release(next)
            head = next
        } else {
            head = open
            open = ByteBuffer()
        }
    }

    private mutating func seal(_ slack: inout SlackBudget) {
        guard open.readableBytes > 0 else { return }
        slack.recharge(open)
        storages.append(open)
        open = ByteBuffer()
    }

    private static let noteCountMax = 1_024
    private static let openByteCountMax = 64 << 10
}
