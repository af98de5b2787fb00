import NIOCore
import Patterns
import SocketTestSupport
import Testing
import Vocabulary

@testable import Transports

/// What an outbox tells those who ask first, and what it holds for a peer that takes nothing.
@Suite struct OutboxRoomTests {
    @Test func `there is room below the limit, and word of it once half is gone`() {
        let stream = FakeStream(roomByteCount: 0)
        let outbox = Outbox(stream: stream, limit: QueueLimit(messageCount: 4))
        var calls = 0
        outbox.setRoomHandler { calls += 1 }
        let size = Run(["m"], bodyByteCount: 5_000).octets.count
        for _ in 0..<4 {
            #expect(outbox.hasRoom)
            outbox.append(Run(["m"], bodyByteCount: 5_000))
        }
        #expect(!outbox.hasRoom)
        stream.roomByteCount = size
        outbox.drain()
        #expect(calls == 0)
        stream.roomByteCount = size
        outbox.drain()
        #expect(calls == 1)
        #expect(outbox.hasRoom)
        // Nobody asks: nobody is told.
        outbox.append(Run(["m"], bodyByteCount: 5_000))
        outbox.append(Run(["m"], bodyByteCount: 5_000))
        stream.roomByteCount = .max
        outbox.drain()
        #expect(calls == 1)
    }

    @Test func `the room handler may fill the room`() {
        let stream = FakeStream()
        stream.roomByteCount = 0
        let outbox = Outbox(stream: stream, limit: QueueLimit(messageCount: 2))
        var left = 10
        func fill() {
            while left > 0, outbox.hasRoom {
                outbox.append(Run(["m\(10 - left)"]))
                left -= 1
            }
        }
        outbox.setRoomHandler {
            fill()
            outbox.drain()
        }
        fill()
        #expect(left == 8)
        stream.roomByteCount = .max
        outbox.drain()
        #expect(left == 0)
        #expect(stream.topics == (0..<10).map { "m\($0)" })
    }

    @Test func `control is taken up to its limit and counted anew after a drain`() {
        let stream = FakeStream(roomByteCount: 0)
        let frame = Octets.frame("control")
        let outbox = Outbox(
            stream: stream,
            limit: .unlimited,
            controlByteCountMax: 2 * frame.count
        )
        #expect(outbox.appendControl(frame))
        #expect(outbox.appendControl(frame))
        #expect(!outbox.appendControl(frame))
        stream.roomByteCount = .max
        outbox.drain()
        #expect(stream.topics == ["control", "control"])
        #expect(outbox.appendControl(frame))
    }

    /// A subscriber of few topics is given small parts of large reads.
    @Test func `slices of larger reads hold what the limit allows`() {
        let stream = FakeStream(roomByteCount: 0)
        let limit = QueueLimit(messageCount: .max, byteCount: 1 << 20)
        let outbox = Outbox(stream: stream, limit: limit)
        var count = 0
        while outbox.hasRoom {
            var read = ByteBuffer()
            read.reserveCapacity(256 << 10)
            read.writeImmutableBuffer(Run(["m\(count)"], bodyByteCount: 4_500).buffer)
            let size = read.readableBytes
            read.writeRepeatingByte(0, count: (256 << 10) - size)
            read.withUnsafeReadableBytes {
                _ = outbox.append(
                    read,
                    $0,
                    0..<size,
                    messageCount: 1,
                    policy: .block
                )
            }
            count += 1
        }
        stream.roomByteCount = .max
        outbox.drain()
        #expect(stream.topics.count == outbox.counters.sentMessageCount)
        #expect(outbox.counters.sentMessageCount > 200)
        #expect(stream.heldByteCount <= 3 * limit.byteCount)
        #expect(stream.topics == (0..<outbox.counters.sentMessageCount).map { "m\($0)" })
    }

    @Test(arguments: [OverflowPolicy.dropNewest, .dropOldest])
    func `what is dropped is not held`(policy: OverflowPolicy) {
        let stream = FakeStream(roomByteCount: 0)
        let outbox = Outbox(stream: stream, limit: QueueLimit(messageCount: 3))
        for number in 0..<50 {
            outbox.append(Run(["m\(number)"], bodyByteCount: 6_000), policy: policy)
        }
        stream.roomByteCount = .max
        outbox.drain()
        #expect(stream.topics.count == 3)
        #expect(outbox.slackByteCount == 0)
    }
}
