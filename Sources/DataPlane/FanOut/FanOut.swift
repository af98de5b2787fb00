package import Vocabulary
package import NIOCore
package import Patterns
package import Transports
import Wire

/// Hands runs to many subscribers, each run once per event loop and not once per subscriber.
///
///                       ┌── home shard: straight into the outboxes
///     deliver(run, ids) ┤
///                       └── other shards: one batch per flush, executed on their loop
///
/// Confined to the home loop; the shards' tables to theirs. Under the `block` policy it calls `onCongestion` when the first
/// queue of a group of subscribers fills up, and when the last full one has drained. The owner decides what a group is: a
/// relay must not let one tree wait for another's children.
package final class FanOut: @unchecked Sendable {
    package let home: any EventLoop
    private let homeShard: FanOutShard
    /// The home shard first.
    private var shards: [FanOutShard]
    /// Whether there are subscribers on other loops.
    private var isSpread = false
    /// By subscriber id: which shard serves it.
    private var shardNumbers = ContiguousArray<UInt16>()
    /// By subscriber id.
    private var groups = ContiguousArray<UInt16>()
    private var freeIDs: [UInt32] = []
    /// Those whose queue is full, and since when.
    private var congested: [UInt32: NIODeadline] = [:]
    /// By group.
    private var congestedCounts: [Int] = [0]
    private var onCongestion: () -> Void = {}
    package private(set) var subscriberCount = 0

    package init(home: any EventLoop) {
        self.home = home
        homeShard = FanOutShard(loop: home)
        shards = [homeShard]
        homeShard.onCongestion = { [weak self] in self?.handleCongestion(of: $0, $1) }
    }

    /// Called when a group becomes congested, so that reading upstream should stop, and when it no longer is.
    package func setCongestionHandler(_ handler: @escaping () -> Void) {
        onCongestion = handler
    }

    package var isCongested: Bool { !congested.isEmpty }

    package func isCongested(group: Int) -> Bool {
        group < congestedCounts.count && congestedCounts[group] > 0
    }

    /// Who keeps a group congested, and since when.
    package func congestedSubscribers(
        group: Int
    ) -> [(subscriber: SubscriberID, since: NIODeadline)] {
        congested.filter { groups[Int($0.key)] == UInt16(group) }
            .sorted { $0.value < $1.value }
            .map { (SubscriberID($0.key), $0.value) }
    }

    /// Adds a subscriber. Ids are dense and are used again.
    package func attach(_ connection: Connection, group: Int = 0) -> SubscriberID {
        home.assertInEventLoop()
        let number = shardNumber(of: connection.loop)
        let id = freeIDs.popLast() ?? UInt32(shardNumbers.count)
        if Int(id) == shardNumbers.count {
            shardNumbers.append(UInt16(number))
            groups.append(UInt16(group))
        } else {
            shardNumbers[Int(id)] = UInt16(number)
            groups[Int(id)] = UInt16(group)
        }
        while congestedCounts.count <= group { congestedCounts.append(0) }
        subscriberCount += 1
        let shard = shards[number]
        shard.onLoop { $0.attach(connection, as: id) }
        return SubscriberID(id)
    }

    /// Reserves an id for a receiver that gets everything by another route and still counts as a subscriber. What is
    /// delivered to it goes nowhere, and the id is never released.
    package func reserve() -> SubscriberID {
        home.assertInEventLoop()
        let id = UInt32(shardNumbers.count)
        shardNumbers.append(0)
        groups.append(0)
        homeShard.reserve(id)
        return SubscriberID(id)
    }

    /// The subscriber is gone; what its connection has kept for it is dropped for that reason. `onDetached` is told, on the home
    /// loop, how much that was.
    package func detach(
        _ id: SubscriberID,
        _ reason: DropReason = .disconnected,
        onDetached: (@Sendable (Int) -> Void)? = nil
    ) {
        home.assertInEventLoop()
        subscriberCount -= 1
        let shard = shards[Int(shardNumbers[Int(id.rawValue)])]
        shard.onLoop { shard in
            let count = shard.detach(id.rawValue, reason)
            // The id is released only after everything the shard has reported about it has arrived.
            if shard.loop === self.home {
                self.release(id.rawValue)
                onDetached?(count)
            } else {
                self.home.execute {
                    self.release(id.rawValue)
                    onDetached?(count)
                }
            }
        }
    }

    /// The subscriber goes on with a new connection: what waits on its old one is sent first.
    package func replace(_ id: SubscriberID, by connection: Connection) {
        home.assertInEventLoop()
        let old = shards[Int(shardNumbers[Int(id.rawValue)])]
        let number = shardNumber(of: connection.loop)
        let new = shards[number]
        shardNumbers[Int(id.rawValue)] = UInt16(number)
        // What was delivered before is with the old shard by now or before this comes there; what is delivered from now on goes
        // to the new one, and waits for it.
        guard old !== new else {
            return new.onLoop { shard in
                let leftover = shard.release(id.rawValue)
                shard.attach(connection, as: id.rawValue)
                if let leftover { shard.adopt(leftover, id.rawValue) }
            }
        }
        new.onLoop { $0.attachWaiting(connection, as: id.rawValue) }
        old.flushBatch()
        old.onLoop { shard in
            guard let leftover = shard.release(id.rawValue) else { return }
            new.onLoop { $0.adopt(leftover, id.rawValue) }
        }
    }

    private func release(_ id: UInt32) {
        handleCongestion(of: id, false)
        freeIDs.append(id)
    }

    /// Appends `messageCount` whole messages, the octets `range` of `bytes` (`buffer`'s readable octets), to these subscribers.
    package func deliver(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int,
        policy: OverflowPolicy,
        to ids: UnsafeBufferPointer<SubscriberID>
    ) {
        home.assertInEventLoop()
        guard isSpread else {
            homeShard.deliver(
                buffer,
                bytes,
                range,
                messageCount: messageCount,
                policy: policy,
                to: ids
            )
            return
        }
        for (number, shard) in shards.enumerated() {
            let own = ids.lazy.filter { self.shardNumbers[Int($0.rawValue)] == UInt16(number) }
            shard.append(
                buffer,
                range,
                messageCount: messageCount,
                policy: policy,
                to: Array(own)
            )
        }
    }

    /// Sends what was delivered since the last flush.
    package func flush() {
        home.assertInEventLoop()
        guard isSpread else { return homeShard.flush() }
        for shard in shards { shard.flushBatch() }
    }

    /// Call this on the connection's loop after its stream has taken more: its queue may have room again.
    package func handleDrain(_ connection: Connection, id: SubscriberID) {
        connection.loop.assertInEventLoop()
        guard !connection.outbox.wantsPause else { return }
        if connection.loop === home {
            handleRelief(of: id)
        } else {
            home.execute { self.handleRelief(of: id) }
        }
    }

    /// The subscriber's queue has room again; on the home loop.
    package func handleRelief(of id: SubscriberID) {
        handleCongestion(of: id.rawValue, false)
    }

    /// Totals over all subscribers, present and past. Messages that are still queued are not included.
    package func counters() -> EventLoopFuture<OutboxCounters> {
        book().map(\.counters)
    }

    /// The account of all deliveries, present subscribers' and past ones'. What other loops have not taken yet is not in it:
    /// each loop's part is of one moment, and the parts are not of the same.
    package func book() -> EventLoopFuture<DeliveryBook> {
        let parts = shards.map { shard in shard.loop.submit { shard.book } }
        return EventLoopFuture.reduce(into: DeliveryBook(), parts, on: home) { $0.add($1) }
    }

    private func handleCongestion(of id: UInt32, _ isCongested: Bool) {
        home.assertInEventLoop()
        let group = Int(groups[Int(id)])
        if isCongested {
            guard congested[id] == nil else { return }
            congested[id] = .now()
            congestedCounts[group] += 1
            if congestedCounts[group] == 1 { onCongestion() }
        } else {
            guard congested.removeValue(forKey: id) != nil else { return }
            congestedCounts[group] -= 1
            if congestedCounts[group] == 0 { onCongestion() }
        }
    }

    private func shardNumber(of loop: any EventLoop) -> Int {
        if let number = shards.firstIndex(where: { $0.loop === loop }) { return number }
        let shard = FanOutShard(loop: loop)
        shard.onCongestion = { [weak self] id, isCongested in
            guard let self else { return }
            home.execute { self.handleCongestion(of: id, isCongested) }
        }
        shards.append(shard)
        isSpread = true
        return shards.count - 1
    }
}
