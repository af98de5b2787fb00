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

    private struct Place {
        var connection: Connection?
        var isDirty = false
    }

    let loop: any EventLoop
    /// By subscriber id.
    private var places = ContiguousArray<Place>()
    /// Subscribers that were given something since the last flush, each listed once.
    private var dirty: [UInt32] = []
    private var batch = Batch()
    private var departed = OutboxCounters()
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
        while places.count <= Int(id) { places.append(Place()) }
        places[Int(id)].connection = connection
    }

    /// Adds a place that stays empty.
    func reserve(_ id: UInt32) {
        while places.count <= Int(id) { places.append(Place()) }
    }

    func detach(_ id: UInt32) {
        loop.assertInEventLoop()
        if let connection = places[Int(id)].connection { departed.add(connection.outbox.counters) }
        places[Int(id)].connection = nil
    }

    /// Totals over the subscribers, present and past.
    var counters: OutboxCounters {
        loop.assertInEventLoop()
        var sum = departed
        for case let connection? in places.lazy.map(\.connection) {
            sum.add(connection.outbox.counters)
        }
        return sum
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
        for id in ids {
            let index = Int(id.rawValue)
            guard let connection = places[index].connection else { continue }
            if !places[index].isDirty {
                places[index].isDirty = true
                dirty.append(id.rawValue)
            }
            let verdict = connection.outbox.append(
                buffer,
                bytes,
                range,
                messageCount: messageCount,
                policy: policy
            )
            switch verdict {
            case .accepted, .dropped: break
            case .disconnect: connection.close(.overflow)
            }
        }
    }

    func flush() {
        loop.assertInEventLoop()
        for id in dirty {
            places[Int(id)].isDirty = false
            guard let connection = places[Int(id)].connection else { continue }
            connection.drain()
            // A dead connection that is reported as congested would stay congested for ever.
            if connection.outbox.wantsPause, !connection.isClosed { onCongestion(id, true) }
        }
        dirty.removeAll(keepingCapacity: true)
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
