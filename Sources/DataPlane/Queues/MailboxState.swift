import Transports

/// What a mailbox guards: what waits, and who waits for it.
struct MailboxState: ~Copyable {
    var queue: InboundQueue
    var isClosed = false
    /// Each wants notes, or does not.
    var waiters = Mailbox.Waiters()
    var onRoom: @Sendable (PeerID) -> Void = { _ in }
    var onReadable: (@Sendable () -> Void)?
    var descriptor: ReadinessDescriptor?
    var spin: SpinGovernor
    /// Whether everything is to come by connections.
    var refusesLinks = false
    /// Whether consumers had taken messages ahead when somebody asked for the descriptor, and still have some.
    var hasAhead = false

    init(limit: QueueLimit, spinTime: Duration, conflates: Bool, keepsOrder: Bool) {
        queue = InboundQueue(limit: limit, conflates: conflates, keepsOrder: keepsOrder)
        spin = SpinGovernor(spinTime: Int64(spinTime / .nanoseconds(1)))
    }

    var isReadable: Bool { queue.messageCount > 0 || queue.hasMoreByLink }

    /// Not while somebody is told whether there is a message: what is ahead is not seen from the loop.
    var mayTakeAhead: Bool { !isWatched }

    var isWatched: Bool { descriptor != nil || onReadable != nil }

    mutating func updateDescriptor() {
        // Before the look at links, which a mailbox with a descriptor has none of.
        guard descriptor != nil else { return }
        let isReady = isClosed || isReadable || hasAhead
        descriptor?.set(isReady)
    }
}
