import Vocabulary
import NIOCore
import Patterns
import Simulation
import SocketTestSupport
import Testing

@testable import Transports

/// What each policy does at the limit, to the message and the octet.
@Suite struct OutboxOverflowTests {
    private static func names(_ range: Range<Int>) -> [String] {
        range.map { "m\($0 + 1_000)" }
    }

    /// An outbox whose stream takes nothing until it is opened.
    private static func shut(_ limit: QueueLimit) -> (FakeStream, Outbox) {
        let stream = FakeStream(roomByteCount: 0)
        return (stream, Outbox(stream: stream, limit: limit))
    }

    private static func open(_ stream: FakeStream, _ outbox: Outbox) {
        stream.roomByteCount = .max
        outbox.drain()
    }

    // Runs of 1 are copied together, runs of 100 with a body are shared slices.
    @Test(arguments: [1, 7, 100], [nil, 300])
    func `drop-newest keeps the first messages`(runLength: Int, bodyByteCount: Int?) {
        let (stream, outbox) = Self.shut(QueueLimit(messageCount: 50))
        var number = 0
        while number < 700 {
            let run = Run(Self.names(number..<number + runLength), bodyByteCount: bodyByteCount)
            let verdict = outbox.append(run, policy: .dropNewest)
            number += runLength
            #expect(verdict == (number <= 50 ? .accepted : .dropped))
            #expect(outbox.queuedMessageCount <= 50)
        }
        Self.open(stream, outbox)
        #expect(stream.topics == Self.names(0..<50))
        #expect(outbox.counters.sentMessageCount == 50)
        #expect(outbox.counters.droppedMessageCount == number - 50)
    }

    @Test(arguments: [1, 7, 100], [nil, 300])
    func `drop-oldest keeps the last messages`(runLength: Int, bodyByteCount: Int?) {
        let (stream, outbox) = Self.shut(QueueLimit(messageCount: 50))
        var number = 0
        while number < 700 {
            let run = Run(Self.names(number..<number + runLength), bodyByteCount: bodyByteCount)
            outbox.append(run, policy: .dropOldest)
            number += runLength
        }
        Self.open(stream, outbox)
        #expect(stream.topics == Self.names(number - 50..<number))
        #expect(outbox.counters.sentMessageCount == 50)
        #expect(outbox.counters.droppedMessageCount == number - 50)
    }

    @Test func `drop-newest leaves what another tree's block has queued over the limit`() {
        let (stream, outbox) = Self.shut(QueueLimit(messageCount: 10))
        outbox.append(Run(Self.names(0..<30), bodyByteCount: 300), policy: .block)
        outbox.append(Run(Self.names(30..<37), bodyByteCount: 300), policy: .dropNewest)
        #expect(outbox.queuedMessageCount == 30)
        #expect(outbox.wantsPause)
        Self.open(stream, outbox)
        #expect(stream.topics == Self.names(0..<30))
        #expect(outbox.counters.droppedMessageCount == 7)
    }

    @Test(arguments: [OverflowPolicy.dropNewest, .dropOldest])
    func `a limit of octets cuts between messages, never in one`(policy: OverflowPolicy) {
        let one = Run(["m1000"], bodyByteCount: 100).octets.count
        // Room for four messages and all but one octet of a fifth.
        let (stream, outbox) = Self.shut(QueueLimit(byteCount: 5 * one - 1))
        outbox.append(Run(Self.names(0..<3), bodyByteCount: 100), policy: policy)
        outbox.append(Run(Self.names(3..<9), bodyByteCount: 100), policy: policy)
        #expect(outbox.queuedByteCount == 4 * one)
        Self.open(stream, outbox)
        #expect(stream.topics == Self.names(policy == .dropNewest ? 0..<4 : 5..<9))
        #expect(outbox.counters.droppedMessageCount == 5)
        #expect(outbox.counters.droppedByteCount == 5 * one)
        #expect(outbox.counters.sentByteCount == 4 * one)
    }

    @Test(arguments: [OverflowPolicy.dropNewest, .dropOldest])
    func `exactly the limit is not over it`(policy: OverflowPolicy) {
        let run = Run(Self.names(0..<5))
        let limit = QueueLimit(messageCount: 5, byteCount: run.octets.count)
        let (stream, outbox) = Self.shut(limit)
        #expect(outbox.append(run, policy: policy) == .accepted)
        #expect(outbox.counters.droppedMessageCount == 0)
        Self.open(stream, outbox)
        #expect(stream.topics.count == 5)
    }

    @Test func `at the limit the stream is asked before anything is dropped`() {
        let stream = FakeStream()
        let outbox = Outbox(stream: stream, limit: QueueLimit(messageCount: 10))
        for number in 0..<100 {
            #expect(outbox.append(Run(Self.names(number..<number + 1))) == .accepted)
        }
        outbox.drain()
        #expect(stream.topics == Self.names(0..<100))
    }

    @Test func `disconnect is asked for once the limit is passed`() {
        let (_, outbox) = Self.shut(QueueLimit(messageCount: 3))
        #expect(outbox.append(Run(Self.names(0..<3)), policy: .disconnect) == .accepted)
        #expect(outbox.append(Run(Self.names(3..<4)), policy: .disconnect) == .disconnect)
        #expect(outbox.counters.droppedMessageCount == 0)
    }

    @Test func `block takes everything and asks for a pause until half is gone`() {
        let (stream, outbox) = Self.shut(QueueLimit(messageCount: 10))
        let size = Run(["m1000"], bodyByteCount: 5_000).octets.count
        for number in 0..<10 {
            let run = Run(Self.names(number..<number + 1), bodyByteCount: 5_000)
            #expect(outbox.append(run, policy: .block) == .accepted)
            #expect(!outbox.wantsPause)
        }
        let last = Run(Self.names(10..<12), bodyByteCount: 5_000)
        #expect(outbox.append(last, policy: .block) == .accepted)
        #expect(outbox.wantsPause)
        // Six of twelve messages are left when five segments of one are taken, and one more makes it half.
        stream.roomByteCount = 5 * size
        outbox.drain()
        #expect(outbox.queuedMessageCount == 7)
        #expect(outbox.wantsPause)
        stream.roomByteCount = 2 * size
        outbox.drain()
        #expect(outbox.queuedMessageCount == 5)
        #expect(!outbox.wantsPause)
        Self.open(stream, outbox)
        #expect(stream.topics == Self.names(0..<12))
        #expect(outbox.counters.droppedMessageCount == 0)
    }

    @Test(arguments: 0..<8)
    func `whatever comes and goes, the counts add up`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let policy: OverflowPolicy = seed.isMultiple(of: 2) ? .dropNewest : .dropOldest
        let (stream, outbox) = Self.shut(QueueLimit(messageCount: 40, byteCount: 60_000))
        var appended = 0
        for _ in 0..<500 {
            let count = Int.random(in: 1...12, using: &generator)
            let size = [nil, 10, 400, 6_000].randomElement(using: &generator) ?? nil
            let run = Run(Self.names(appended..<appended + count), bodyByteCount: size)
            outbox.append(run, policy: policy)
            appended += count
            #expect(outbox.queuedMessageCount <= 40, "seed \(seed)")
            #expect(outbox.queuedByteCount <= 60_000, "seed \(seed)")
            guard Int.random(in: 0..<4, using: &generator) == 0 else { continue }
            stream.roomByteCount = Int.random(in: 0..<50_000, using: &generator)
            outbox.drain()
            stream.roomByteCount = 0
        }
        Self.open(stream, outbox)
        let counters = outbox.counters
        #expect(counters.sentMessageCount + counters.droppedMessageCount == appended)
        #expect(counters.sentByteCount == stream.octets.count)
        #expect(stream.topics.count == counters.sentMessageCount, "seed \(seed)")
        #expect(stream.topics == stream.topics.sorted(), "seed \(seed)")
    }
}
