import NIOCore
import Patterns
import SocketTestSupport
import Testing
import Vocabulary

@testable import Transports

/// What an outbox says became of what it was given, when its stream goes or memory is short.
@Suite struct OutboxAccountTests {
    private static func names(_ range: Range<Int>) -> [String] {
        range.map { "m\($0 + 1_000)" }
    }

    private static func shut(
        _ limit: QueueLimit = QueueLimit(),
        budget: MemoryBudget? = nil
    ) -> (FakeStream, Outbox) {
        let stream = FakeStream(roomByteCount: 0)
        return (stream, Outbox(stream: stream, limit: limit, budget: budget))
    }

    @Test func `what waits when the stream goes is dropped, and so is what comes after`() {
        let (stream, outbox) = Self.shut()
        outbox.append(Run(Self.names(0..<7)))
        outbox.handleClose(.disconnected)
        outbox.append(Run(Self.names(7..<10)))
        stream.roomByteCount = .max
        outbox.drain()
        #expect(stream.writes.isEmpty)
        #expect(outbox.queuedMessageCount == 0)
        #expect(outbox.counters.takenMessageCount == 10)
        #expect(outbox.counters.drops[.disconnected] == 10)
        #expect(outbox.counters.queuedMessageCount == 0)
    }

    @Test func `nothing is handed to a stream that is being closed`() {
        let (stream, outbox) = Self.shut()
        outbox.append(Run(Self.names(0..<3)))
        outbox.handleAbort()
        stream.roomByteCount = .max
        outbox.append(Run(Self.names(3..<5)))
        outbox.drain()
        #expect(stream.writes.isEmpty)
        outbox.handleClose(.disconnected)
        #expect(outbox.counters.drops[.disconnected] == 5)
        #expect(outbox.counters.sentMessageCount == 0)
    }

    @Test func `a stream that ends in a flush takes nothing more`() {
        let stream = FakeStream(roomByteCount: 1)
        let outbox = Outbox(stream: stream, limit: QueueLimit())
        outbox.keepsQueue = true
        outbox.append(Run(Self.names(0..<3), bodyByteCount: 5_000))
        outbox.append(Run(Self.names(3..<6), bodyByteCount: 5_000))
        stream.onFlush = {
            outbox.handleClose(.disconnected)
            stream.roomByteCount = .max
        }
        outbox.drain()
        #expect(stream.topics == Self.names(0..<3))
        #expect(outbox.counters.sentMessageCount == 3)
        #expect(outbox.queuedMessageCount == 3)
    }

    @Test func `the first reason is the reason`() {
        let (_, outbox) = Self.shut()
        outbox.append(Run(Self.names(0..<2)))
        outbox.handleClose(.expired)
        outbox.abandon(.disconnected)
        #expect(outbox.counters.drops[.expired] == 2)
        #expect(outbox.counters.drops.total == 2)
    }

    @Test(arguments: [nil, 5_000])
    func `what is kept goes to the next stream, in order and before the rest`(body: Int?) {
        let (old, outbox) = Self.shut(QueueLimit(messageCount: 10))
        outbox.keepsQueue = true
        outbox.append(Run(Self.names(0..<6), bodyByteCount: body), policy: .block)
        outbox.handleClose(.disconnected)
        outbox.append(Run(Self.names(6..<12), bodyByteCount: body), policy: .block)
        #expect(outbox.wantsPause)
        old.roomByteCount = .max
        outbox.drain()
        #expect(old.writes.isEmpty)

        let (new, next) = Self.shut(QueueLimit(messageCount: 10))
        new.roomByteCount = .max
        next.awaitLeftover()
        next.append(Run(Self.names(12..<14), bodyByteCount: body), policy: .block)
        next.drain()
        #expect(new.writes.isEmpty)
        let leftover = outbox.takeLeftover()
        #expect(leftover.messageCount == 12)
        next.adopt(leftover)
        #expect(next.wantsPause)
        next.drain()
        #expect(new.topics == Self.names(0..<14))
        #expect(!next.wantsPause)
        // As if the first had never been given them.
        #expect(outbox.counters.takenMessageCount == 0)
        #expect(next.counters.takenMessageCount == 14)
        #expect(next.counters.sentMessageCount == 14)
        #expect(outbox.counters.drops.isEmpty)
    }

    @Test func `a queue that is adopted too late is dropped like the rest`() {
        let (_, outbox) = Self.shut()
        outbox.keepsQueue = true
        outbox.append(Run(Self.names(0..<3)))
        let (_, next) = Self.shut()
        next.abandon(.disconnected)
        next.adopt(outbox.takeLeftover())
        #expect(next.queuedMessageCount == 0)
        #expect(next.counters.drops[.disconnected] == 3)
        #expect(next.counters.takenMessageCount == 3)
    }

    // MARK: - Memory

    @Test(arguments: [OverflowPolicy.dropNewest, .dropOldest])
    func `queues that all grow share what there is`(policy: OverflowPolicy) {
        let budget = MemoryBudget(byteCountMax: 1 << 20)
        let queues = (0..<3).map { _ in Self.shut(budget: budget) }
        for number in 0..<2_000 {
            for (_, outbox) in queues {
                outbox.append(
                    Run(Self.names(number..<number + 1), bodyByteCount: 1_000),
                    policy: policy
                )
                outbox.drain()
            }
        }
        #expect(budget.byteCount <= 1 << 20)
        for (_, outbox) in queues {
            // Three that grow get a quarter each, give or take the rounding of copies.
            #expect((100 << 10...400 << 10).contains(outbox.queuedByteCount))
            #expect(outbox.counters.drops[.memoryFull] > 1_000)
            #expect(outbox.counters.drops[.queueFull] == 0)
            #expect(outbox.counters.queuedMessageCount == outbox.queuedMessageCount)
        }
        for (stream, outbox) in queues {
            stream.roomByteCount = .max
            outbox.drain()
        }
        #expect(budget.byteCount == 0)
    }

    @Test func `under block, memory that is short asks for a pause`() {
        let budget = MemoryBudget(byteCountMax: 100_000)
        let (stream, outbox) = Self.shut(budget: budget)
        var count = 0
        while !outbox.wantsPause, count < 1_000 {
            outbox.append(Run(Self.names(count..<count + 1), bodyByteCount: 1_000), policy: .block)
            outbox.drain()
            count += 1
        }
        #expect(count < 110)
        stream.roomByteCount = .max
        outbox.drain()
        #expect(!outbox.wantsPause)
        #expect(outbox.counters.sentMessageCount == count)
    }

    @Test func `what goes gives its memory back`() {
        let budget = MemoryBudget(byteCountMax: 1 << 20)
        do {
            let (_, closed) = Self.shut(budget: budget)
            closed.append(Run(Self.names(0..<10), bodyByteCount: 1_000))
            closed.drain()
            #expect(budget.byteCount > 10_000)
            closed.handleClose(.disconnected)
            #expect(budget.byteCount == 0)
            let (_, forgotten) = Self.shut(budget: budget)
            forgotten.append(Run(Self.names(0..<10), bodyByteCount: 1_000))
            forgotten.drain()
            #expect(budget.byteCount > 10_000)
        }
        #expect(budget.byteCount == 0)
    }
}
