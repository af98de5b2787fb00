import DequeModule
import NIOCore
import Transports
import Wire

/// The runs that wait for the application: whole runs go in, single messages come out as slices.
///
///     append(run) ─┬─ shared ─────────────▶ storages ─┬─▶ head ─▶ one message at a time
///                  └─ copied, sparse ones ─▶ open ────┘
///           notes: how many messages, whose, losses ─▶ runs
///
/// Octets and notes are apart, so that copied runs of different peers lie in one storage: peers that
/// take turns do not cost an allocation for each message. Runs are shared until their slack has used up its budget
/// (`SlackBudget`); so the worst case is three times the limit of octets (the messages, as much slack, the rounding of
/// copies) and the storage of the head.
struct InboundQueue {
    private struct Run {
        var messageCount: Int
        var peer: PeerID
        /// Stands alone, without messages.
        var loss: MulticastLoss?
    }

    /// The storage that is being taken apart; not in the list, so that taking a message moves none.
    private var head = ByteBuffer()
    /// Messages in the head that belong to the run under way, and its peer.
    private var headMessageCount = 0
    private var headPeer = PeerID.none
    private var runs = Deque<Run>()
    private var storages = Deque<ByteBuffer>()
    private var open = ByteBuffer()
    private var slack: SlackBudget
    /// Of the head and all runs.
    private(set) var messageCount = 0
    private(set) var byteCount = 0
    private var lossCount = 0

    init(limit: QueueLimit) {
        slack = SlackBudget(limit: limit)
    }

    /// The memory that is kept beyond the messages' octets, without the head's.
    var slackByteCount: Int { slack.byteCount }

    mutating func append(_ buffer: ByteBuffer, messageCount: Int, from peer: PeerID) {
        let byteCount = buffer.readableBytes
        if slack.charge(SlackBudget.slack(of: buffer, byteCount: byteCount)) {
            seal()
            storages.append(buffer)
            runs.append(Run(messageCount: messageCount, peer: peer))
        } else {
            copy(buffer, messageCount: messageCount, from: peer)
        }
        self.messageCount += messageCount
        self.byteCount += byteCount
    }

    private mutating func copy(_ buffer: ByteBuffer, messageCount: Int, from peer: PeerID) {
        if open.readableBytes + buffer.readableBytes > Self.openByteCountMax { seal() }
        let isFirst = open.readableBytes == 0
        open.writeImmutableBuffer(buffer)
        if !isFirst, let last = runs.last, last.loss == nil, last.peer == peer {
            runs[runs.count - 1].messageCount += messageCount
        } else {
            runs.append(Run(messageCount: messageCount, peer: peer))
        }
    }

    /// Notes that messages are missing here.
    mutating func append(_ loss: MulticastLoss) {
        // When nobody takes anything, neither losses may fill the memory.
        if lossCount == Self.lossCountMax, let oldest = runs.firstIndex(where: { $0.loss != nil }) {
            runs.remove(at: oldest)
            lossCount -= 1
        }
        runs.append(Run(messageCount: 0, peer: .none, loss: loss))
        lossCount += 1
    }

    /// The oldest message, or with `wantsLosses` the oldest message or loss; others' losses are thrown away.
    mutating func popFirst(wantsLosses: Bool) -> Mailbox.Item? {
        while headMessageCount == 0 {
            guard let run = runs.popFirst() else { return nil }
            if let loss = run.loss {
                lossCount -= 1
                if wantsLosses { return .loss(loss) }
                continue
            }
            if head.readableBytes == 0 { openNextStorage() }
            headMessageCount = run.messageCount
            headPeer = run.peer
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
            return .message(head, from: headPeer)
        }
        return head.readSlice(length: byteCount).map { .message($0, from: headPeer) }
    }

    private mutating func openNextStorage() {
        if let next = storages.popFirst() {
            slack.release(next)
            head = next
        } else {
            head = open
            open = ByteBuffer()
        }
    }

    private mutating func seal() {
        guard open.readableBytes > 0 else { return }
        slack.recharge(open)
        storages.append(open)
        open = ByteBuffer()
    }

    private static let lossCountMax = 1_024
    private static let openByteCountMax = 64 << 10
}
