import NIOCore
import Patterns
import SocketTestSupport
import Testing

@testable import Transports

/// The order of what is sent, and when it is handed on.
@Suite struct OutboxTests {
    @Test func `small runs leave in one write, in order`() {
        let stream = FakeStream()
        let outbox = Outbox(stream: stream, limit: .unlimited)
        for number in 0..<10 { #expect(outbox.append(Run(["m\(number)"])) == .accepted) }
        #expect(stream.writes.isEmpty)
        outbox.drain()
        #expect(stream.writes.count == 1)
        #expect(stream.flushCount == 1)
        #expect(stream.topics == (0..<10).map { "m\($0)" })
        #expect(outbox.isEmpty)
        #expect(outbox.counters.sentMessageCount == 10)
        #expect(outbox.counters.sentByteCount == stream.octets.count)
    }

    @Test func `large runs are slices between copied ones and keep the order`() {
        let stream = FakeStream()
        let outbox = Outbox(stream: stream, limit: .unlimited)
        let large = Run(["big"], bodyByteCount: 5_000)
        outbox.append(Run(["a"]))
        outbox.append(large)
        outbox.append(Run(["b"]))
        outbox.append(Run(["c"]))
        outbox.drain()
        #expect(stream.writes.count == 3)
        #expect(stream.writes[1] == large.octets)
        #expect(stream.topics == ["a", "big", "b", "c"])
    }

    @Test func `copied runs do not grow into one endless buffer`() {
        let stream = FakeStream()
        let outbox = Outbox(stream: stream, limit: .unlimited)
        let run = Run(["m"], bodyByteCount: 1_000)
        for _ in 0..<1_000 { outbox.append(run) }
        outbox.drain()
        #expect(stream.topics.count == 1_000)
        #expect(stream.writes.allSatisfy { $0.count <= 64 << 10 })
    }

    @Test func `a range of a run is appended, not the run`() {
        let stream = FakeStream()
        let outbox = Outbox(stream: stream, limit: .unlimited)
        let run = Run(["a", "b", "c"])
        let first = Run(["a"]).octets.count
        outbox.append(run, first..<2 * first, messageCount: 1)
        outbox.drain()
        #expect(stream.topics == ["b"])
    }

    @Test func `nothing is handed to a stream that is not writable`() {
        let stream = FakeStream(roomByteCount: 0)
        let outbox = Outbox(stream: stream, limit: .unlimited)
        outbox.append(Run(["a"]))
        outbox.drain()
        #expect(stream.writes.isEmpty)
        #expect(outbox.queuedMessageCount == 1)
        stream.roomByteCount = .max
        outbox.drain()
        #expect(stream.topics == ["a"])
        #expect(outbox.queuedMessageCount == 0)
        #expect(outbox.queuedByteCount == 0)
    }

    @Test func `the stream is filled segment by segment`() {
        let stream = FakeStream(roomByteCount: 6_000)
        let outbox = Outbox(stream: stream, limit: .unlimited)
        for number in 0..<4 { outbox.append(Run(["m\(number)"], bodyByteCount: 5_000)) }
        outbox.drain()
        // The first leaves room, the second takes it: a message is never cut.
        #expect(stream.topics == ["m0", "m1"])
        #expect(outbox.queuedMessageCount == 2)
        stream.roomByteCount = .max
        outbox.drain()
        #expect(stream.topics == ["m0", "m1", "m2", "m3"])
    }

    @Test func `control goes before messages that wait, and is in no count`() {
        let stream = FakeStream(roomByteCount: 0)
        let outbox = Outbox(stream: stream, limit: QueueLimit(messageCount: 1, byteCount: 100))
        outbox.append(Run(["a"]))
        let control = Octets.frame("control")
        for _ in 0..<1_000 { #expect(outbox.appendControl(control)) }
        #expect(outbox.queuedMessageCount == 1)
        #expect(outbox.queuedByteCount == Run(["a"]).octets.count)
        stream.roomByteCount = .max
        outbox.drain()
        #expect(stream.topics == [String](repeating: "control", count: 1_000) + ["a"])
        #expect(outbox.counters.sentMessageCount == 1)
        #expect(outbox.counters.droppedMessageCount == 0)
    }

    @Test func `answers to a peer that never reads do not pile up`() {
        let stream = FakeStream(roomByteCount: 0)
        let outbox = Outbox(stream: stream, limit: .unlimited)
        let reply = Octets.command("PONG", [1, 2, 3, 4])
        for _ in 0..<100_000 { outbox.appendReply(reply) }
        stream.roomByteCount = .max
        outbox.drain()
        #expect(stream.octets.count >= 64 << 10)
        #expect(stream.octets.count < (64 << 10) + reply.count)
    }

    @Test func `a stream that calls back while it flushes does not disturb the order`() {
        let stream = FakeStream(roomByteCount: 6_000)
        let outbox = Outbox(stream: stream, limit: .unlimited)
        stream.onFlush = {
            stream.roomByteCount = 6_000
            outbox.drain()
        }
        for number in 0..<9 { outbox.append(Run(["m\(number)"], bodyByteCount: 5_000)) }
        outbox.drain()
        #expect(stream.topics == (0..<9).map { "m\($0)" })
        #expect(outbox.isEmpty)
    }
}
