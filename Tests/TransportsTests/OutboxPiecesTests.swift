import NIOCore
import Patterns
import SocketTestSupport
import Testing

@testable import Transports

/// Frames that are given in pieces.
@Suite struct OutboxPiecesTests {
    private func pieces(_ texts: String...) -> [ByteBuffer] {
        texts.map { ByteBuffer(string: $0) }
    }

    private func text(_ stream: FakeStream) -> String {
        String(decoding: stream.octets, as: UTF8.self)
    }

    @Test func `pieces leave in their place among runs, and are no messages`() {
        let stream = FakeStream()
        let outbox = Outbox(stream: stream, limit: .unlimited)
        outbox.append(Run(["a"]))
        outbox.append(pieces: pieces("one", "two"))
        outbox.append(Run(["b"]))
        #expect(outbox.queuedPieceByteCount == 6)
        #expect(outbox.queuedMessageCount == 2)
        outbox.drain()
        let (a, b) = (Run(["a"]).octets, Run(["b"]).octets)
        #expect(stream.octets == a + Array("onetwo".utf8) + b)
        #expect(outbox.isEmpty)
        #expect(outbox.counters.sentMessageCount == 2)
        #expect(outbox.queuedPieceByteCount == 0)
    }

    @Test func `a command does not get between the pieces of a frame`() {
        let stream = FakeStream(roomByteCount: 1)
        let outbox = Outbox(stream: stream, limit: .unlimited)
        outbox.append(pieces: pieces("one", "two"))
        outbox.drain()
        #expect(text(stream) == "one", "there was room for one write")
        #expect(outbox.appendControl(Array("PING".utf8)))
        outbox.append(pieces: pieces("next"))
        stream.roomByteCount = .max
        outbox.drain()
        #expect(text(stream) == "onetwoPINGnext")
    }

    @Test func `what would not fit into the limit is taken all the same`() {
        let stream = FakeStream(roomByteCount: 0)
        let outbox = Outbox(stream: stream, limit: QueueLimit(messageCount: 1, byteCount: 10))
        outbox.append(pieces: pieces("a piece of more than ten octets"))
        #expect(outbox.append(Run(["a"])) == .accepted)
        #expect(outbox.counters.droppedMessageCount == 0)
        stream.roomByteCount = .max
        outbox.drain()
        #expect(text(stream).hasPrefix("a piece of more than ten octets"))
    }

    @Test func `what waits for another stream has no pieces of this one`() {
        let stream = FakeStream(roomByteCount: 1)
        let outbox = Outbox(stream: stream, limit: .unlimited)
        outbox.append(pieces: pieces("one", "two"))
        outbox.append(Run(["a"]))
        outbox.drain()
        let leftover = outbox.takeLeftover()
        #expect(leftover.messages.map(\.messageCount) == [1])
        #expect(outbox.isEmpty)
    }
}
