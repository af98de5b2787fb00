package import Transports

/// The account of deliveries: of one message to one receiver each.
///
///     owed ══ sent + dropped, under a reason + queued
///
/// The two sides are counted apart: `owed` where a run meets its receivers, the rest where each receiver's queue takes,
/// sends and drops. So the balance says something.
package struct DeliveryBook: Equatable, Sendable {
    /// Messages times receivers.
    package var owedMessageCount: Int
    package var counters: OutboxCounters
    package var queuedMessageCount = 0
    package var queuedByteCount = 0
    /// The differences of the parts, each without its sign: two mistakes do not make up for each other.
    private var partsUnaccountedMessageCount = 0

    package init(owedMessageCount: Int = 0, counters: OutboxCounters = OutboxCounters()) {
        self.owedMessageCount = owedMessageCount
        self.counters = counters
    }

    /// Adds what a receiver's queue has counted and still holds.
    package mutating func add(_ outbox: Outbox) {
        counters.add(outbox.counters)
        queuedMessageCount += outbox.queuedMessageCount
        queuedByteCount += outbox.queuedByteCount
    }

    /// Adds an account that is closed in itself.
    package mutating func add(_ other: DeliveryBook) {
        partsUnaccountedMessageCount = unaccountedMessageCount + other.unaccountedMessageCount
        owedMessageCount += other.owedMessageCount
        counters.add(other.counters)
        queuedMessageCount += other.queuedMessageCount
        queuedByteCount += other.queuedByteCount
    }

    /// Deliveries of which nothing is known: none, unless counting is wrong.
    package var unaccountedMessageCount: Int {
        let difference =
            owedMessageCount - counters.sentMessageCount - counters.droppedMessageCount
            - queuedMessageCount
        return max(abs(difference), partsUnaccountedMessageCount)
    }
}
