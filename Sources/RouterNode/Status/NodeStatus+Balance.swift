import DataPlane
import Routing

extension NodeStatus {
    /// What became of everything that entered the relay since its start. Two accounts, each of which adds up:
    ///
    ///     received   ══ routed + filtered + droppedOnArrival       messages
    ///     deliveries ══ sent + dropped + queued                    one message to one receiver
    ///
    /// A receiver is a subscriber, a child, a parent or a multicast group. `sent` is handed to the connection: what the
    /// connection still held when it broke is not known to have arrived, nor to be lost.
    public struct Balance: Codable, Equatable, Sendable {
        public var received = 0
        /// To one receiver or more.
        public var routed = 0
        /// Matched nobody.
        public var filtered = 0
        public var droppedOnArrival = 0
        public var deliveries = 0
        public var sent = 0
        public var dropped = 0
        public var queued = 0
        /// Messages and deliveries of which nothing is known. Anything but 0 is a fault of the relay: please report it.
        public var unaccounted = 0

        public var isBalanced: Bool { unaccounted == 0 }
    }
}

extension NodeStatus.Balance {
    init(_ ledger: RelayLedger, _ book: DeliveryBook) {
        received = ledger.receivedMessageCount
        routed = ledger.routedMessageCount
        filtered = ledger.filteredMessageCount
        droppedOnArrival = ledger.drops.total
        deliveries = book.owedMessageCount
        sent = book.counters.sentMessageCount
        dropped = book.counters.droppedMessageCount
        queued = book.queuedMessageCount
        unaccounted = ledger.unaccountedMessageCount + book.unaccountedMessageCount
    }
}
