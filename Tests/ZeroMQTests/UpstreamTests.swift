import SocketTestSupport
import Testing
import Vocabulary
import Transports

@testable import ZeroMQ

/// What XSUBs send, what becomes of it, and what a closed socket says.
@Suite(.sockets, .timeLimit(.minutes(3))) struct UpstreamTests {
    @Test func `what an XSUB sends to nobody is counted`() async throws {
        let subscriber = XSubscriber()
        for _ in 0..<3 { try await subscriber.send("nobody is there") }
        try await eventually("count") { await subscriber.unsentMessageCount() == 3 }
        #expect(await subscriber.droppedMessageCount() == 0)
        try await subscriber.closeInTime()
    }

    @Test func `what a slow publisher misses of an XSUB's messages is counted`() async throws {
        let subscriber = XSubscriber(
            options: SocketOptions {
                $0.queueLimit = QueueLimit(messageCount: 100)
                $0.kernelSendByteCount = 64 << 10
            }
        )
        let endpoint = try await subscriber.bind("tcp://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint, isReading: false)
        try await peer.send(Octets.greeting() + Octets.ready("XPUB"))
        try await eventually("the publisher") {
            try await subscriber.send("probe")
            let unsent = await subscriber.unsentMessageCount()
            try await subscriber.send("probe")
            return await subscriber.unsentMessageCount() == unsent
        }
        let message = Message([UInt8](repeating: 7, count: 10_000))
        try await eventually("drops") {
            for _ in 0..<200 { try await subscriber.send(message) }
            return await subscriber.droppedMessageCount() > 0
        }
        // Those of a publisher that left stay counted.
        let before = await subscriber.droppedMessageCount()
        await peer.close()
        #expect(await subscriber.droppedMessageCount() >= before)
        try await subscriber.closeInTime()
    }

    @Test func `a closed socket takes no subscription`() async throws {
        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "open")
        try await subscriber.closeInTime()
        await #expect(throws: ZeroMQError.closed) { try await subscriber.subscribe(to: "late") }
        await #expect(throws: ZeroMQError.closed) {
            try await subscriber.unsubscribe(from: "open")
        }
        let sender = XSubscriber()
        try await sender.closeInTime()
        await #expect(throws: ZeroMQError.closed) { try await sender.send("late") }
    }

    @Test func `an error without a code of its own keeps its words`() {
        struct Strange: Error, CustomStringConvertible {
            var description: String { "the moon is in the way" }
        }
        let error = ZeroMQError.wrap(Strange())
        #expect(error.code == .system)
        #expect(error.message == "the moon is in the way")
        #expect(ZeroMQError.wrap(CancellationError()).code == .cancelled)
        #expect(ZeroMQError.wrap(ZeroMQError.closed) == .closed)
    }
}
