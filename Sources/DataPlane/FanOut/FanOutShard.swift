import Vocabulary
import NIOCore
import Patterns
import Transports
import ZMTP

/// The subscribers of one event loop.
///
/// The table and everything that touches an outbox is confined to `loop`; the batch under way belongs to the home
/// loop until `flushBatch` hands it over.
final class FanOutShard: @unchecked Sendable {
    /// Runs for this shard that wait for the next flush.
    private struct Batch: Sendable {
        struct Item: Sendable {
            var buffer: ByteBuffer
            var range: Range<Int>
            var messageCount: Int
            var policy: OverflowPolicy
            var ids: Range<Int>
        }

        var items: [Item] = []
        var ids: [SubscriberID] = []
    }

    let loop: any EventLoop
    private let places = PlaceTable()
    private var batch = Batch()
    private var departed = OutboxCounters()
    private var owedMessageCount = 0
    /// Called on `loop`.
    var onCongestion: (UInt32, Bool) -> Void = { _, _ in }

    init(loop: any EventLoop) {
        self.loop = loop
    }

    /// Runs `body` on the shard's loop: now if that is where we are.
    func onLoop(_ body: @escaping @Sendable (FanOutShard) -> Void) {
        if loop.inEventLoop { body(self) } else { loop.execute { body(self) } }
    }

    func attach(_ connection: Connection, as id: UInt32) {
        loop.assertInEventLoop()
        places.fill(id, with: connection)
    }

    /// Adds a place that stays empty.
    func reserve(_ id: UInt32) {
        places.reserve(id)
    }

    /// Gives how much was kept for it, and is dropped now.
    func detach(_ id: UInt32, _ reason: DropReason) -> Int {
        loop.assertInEventLoop()
        guard let connection = places.connection(of: id) else { return 0 }
        let keptCount = connection.outbox.queuedMessageCount
        connection.outbox.abandon(reason)
        departed.add(connection.outbox.counters)
        places.vacate(id)
        return keptCount
    }

    /// The subscriber goes on with another connection: gives what waits on this one.
    func release(_ id: UInt32) -> Outbox.Leftover? {
        loop.assertInEventLoop()
        guard let outbox = places.connection(of: id)?.outbox else { return nil }
        let leftover = outbox.takeLeftover()
        outbox.abandon(.disconnected)
        departed.add(outbox.counters)
        owedMessageCount -= leftover.messageCount
        places.vacate(id)
        return leftover
    }

    /// The connection by which the subscriber goes on; nothing is sent on it before `adopt`.
    func attachWaiting(_ connection: Connection, as id: UInt32) {
        attach(connection, as: id)
        connection.outbox.awaitLeftover()
    }

    func adopt(_ leftover: Outbox.Leftover, _ id: UInt32) {
        loop.assertInEventLoop()
        guard let connection = places.connection(of: id) else {
            return handleVacancy(leftover.messageCount)
        }
        owedMessageCount += leftover.messageCount
        connection.outbox.adopt(leftover)
        connection.drain()
        onCongestion(id, connection.outbox.wantsPause)
    }

    /// Of the subscribers, present and past.
    var book: DeliveryBook {
        loop.assertInEventLoop()
        var book = DeliveryBook(owedMessageCount: owedMessageCount, counters: departed)
        places.forEachConnection { book.add($0.outbox) }
        return book
    }

    func deliver(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int,
        policy: OverflowPolicy,
        to ids: UnsafeBufferPointer<SubscriberID>
    ) {
        loop.assertInEventLoop()
        var receiverCount = 0
        for id in ids {
            switch places.take(buffer, bytes, range, messageCount: messageCount, for: id.rawValue) {
            case .taken: receiverCount += 1
            case .full(let connection):
                receiverCount += 1
                let verdict = connection.outbox.handleFull(
                    policy,
                    arrivedMessageCount: messageCount
                )
                if case .disconnect = verdict { connection.close(.overflow) }
            case .vacant: handleVacancy(messageCount)
            case .reserved: break
            }
        }
        owedMessageCount += receiverCount * messageCount
    }

    /// Its subscriber left while they were on their way from the home loop.
    private func handleVacancy(_ messageCount: Int) {
        owedMessageCount += messageCount
        departed.takenMessageCount += messageCount
        departed.drops.add(messageCount, .disconnected)
    }

    func flush() {
        loop.assertInEventLoop()
        // A drain may call back and have more delivered: that is flushed with the rest.
        while let (id, connection) = places.nextDirty() {
            guard let connection else { continue }
            connection.drain()
            guard connection.outbox.wantsPause else { continue }
            // A dead connection that is reported as congested would stay congested for ever, unless another one follows it.
            if !connection.isClosed || connection.outbox.keepsQueue { onCongestion(id, true) }
        }
    }

    // MARK: - From another loop

    /// Called on the home loop.
    func append(
        _ buffer: ByteBuffer,
        _ range: Range<Int>,
        messageCount: Int,
        policy: OverflowPolicy,
        to ids: [SubscriberID]
    ) {
        guard !ids.isEmpty else { return }
        let start = batch.ids.count
        batch.ids.append(contentsOf: ids)
        batch.items.append(
            .init(
                buffer: buffer,
                range: range,
                messageCount: messageCount,
                policy: policy,
                ids: start..<batch.ids.count
            )
        )
    }

    /// Called on the home loop.
    func flushBatch() {
        guard !batch.items.isEmpty else { return }
        let batch = batch
        self.batch = Batch()
        onLoop { $0.apply(batch) }
    }

    private func apply(_ batch: Batch) {
        batch.ids.withUnsafeBufferPointer { ids in
            for item in batch.items {
                item.buffer.withUnsafeReadableBytes { bytes in
                    deliver(
                        item.buffer,
                        bytes,
                        item.range,
                        messageCount: item.messageCount,
                        policy: item.policy,
                        to: UnsafeBufferPointer(rebasing: ids[item.ids])
                    )
                }
            }
        }
        flush()
    }
}
