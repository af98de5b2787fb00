import Routing
import Transports
import Vocabulary

/// What a relay says it did, and what it was seen doing.
extension RelayHost {
    /// What is wrong with its accounts; `nil` when they balance.
    var accountingFault: String? {
        let ledger = instance.ledger
        guard ledger.unaccountedMessageCount == 0 else { return "messages: \(ledger)" }
        var counters = departed
        var queuedCount = 0
        for outbox in outboxes {
            counters.add(outbox.counters)
            queuedCount += outbox.queuedMessageCount
        }
        let settled = counters.sentMessageCount + counters.droppedMessageCount
        guard owedCount == settled + queuedCount, counters.queuedMessageCount == queuedCount else {
            return "deliveries: \(owedCount) owed, \(queuedCount) queued, \(counters)"
        }
        guard ledger.receivedMessageCount == seenReceivedCount else {
            return "\(seenReceivedCount) messages came in, \(ledger)"
        }
        guard counters.sentMessageCount == seenSentCount else {
            return "\(seenSentCount) messages went out, \(counters)"
        }
        return nil
    }

    /// How many messages and deliveries were dropped for each reason.
    var drops: DropCounts {
        var drops = instance.ledger.drops
        drops.add(departed.drops)
        for outbox in outboxes { drops.add(outbox.counters.drops) }
        return drops
    }

    private var outboxes: [Outbox] { queues.map(\.outbox) + waitingRooms.compactMap(\.self) }
}
