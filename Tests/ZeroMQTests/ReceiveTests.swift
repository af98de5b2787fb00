import Patterns
import SocketTestSupport
import Synchronization
import Testing
import Transports
import ZeroMQ

/// The application's side: waiting, not waiting, cancelling, closing.
@Suite(.sockets, .timeLimit(.minutes(5))) struct ReceiveTests {
    private static func pair(
        _ options: SocketOptions = SocketOptions()
    ) async throws -> (XPublisher, Subscriber) {
        let publisher = XPublisher(options: options)
        let subscriber = Subscriber(options: options)
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        return (publisher, subscriber)
    }

    private static func close(_ sockets: Socket...) async throws {
        for socket in sockets { try await socket.closeInTime() }
    }

    @Test func `tryReceive never waits`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        #expect(subscriber.tryReceive() == nil)
        #expect(!subscriber.isReadable)
        publisher.send("a")
        try await eventually("message") { subscriber.isReadable }
        #expect(subscriber.tryReceive() == "a")
        #expect(subscriber.tryReceive() == nil)
        try await Self.close(subscriber, publisher)
    }

    @Test func `the readable handler is called once for each time there was nothing`() async throws
    {
        let (publisher, subscriber) = try await Self.pair()
        let (calls, continuation) = AsyncStream.makeStream(of: Void.self)
        let count = Mutex(0)
        subscriber.setReadableHandler {
            count.withLock { $0 += 1 }
            continuation.yield()
        }
        #expect(count.withLock { $0 } == 0)
        for round in 1...3 {
            publisher.send("a")
            try await within("call") { for await _ in calls { return } }
            #expect(subscriber.tryReceive() == "a")
            #expect(count.withLock { $0 } == round)
        }
        publisher.send("b")
        try await within("call") { for await _ in calls { return } }
        // Set while a message waits: called at once.
        let isCalled = Mutex(false)
        subscriber.setReadableHandler { isCalled.withLock { $0 = true } }
        #expect(isCalled.withLock { $0 })
        subscriber.setReadableHandler(nil)
        try await Self.close(subscriber, publisher)
    }

    @Test func `a cancelled receive takes nothing`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        let waiting = Task { try await subscriber.receive() }
        waiting.cancel()
        let result = try await within("end of the receive") { await waiting.result }
        #expect(throws: ZeroMQError(.cancelled, "the task was cancelled")) { try result.get() }
        publisher.send("a")
        try await eventually("message") { subscriber.isReadable }
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await subscriber.receive()
        }
        await #expect(throws: ZeroMQError.self) { try await late.value }
        #expect(try await subscriber.receiveTexts(1) == ["a"])
        try await Self.close(subscriber, publisher)
    }

    @Test func `cancelling under fire loses nothing`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        let seen = Seen()
        let count = 2_000
        let sending = Task { for number in 0..<count { publisher.send(Message("\(number)")) } }
        try await within("all messages") {
            while seen.texts.count < count {
                let reader = Task {
                    while true {
                        let text = try await subscriber.receive()[0].text
                        _ = seen.append(text)
                    }
                }
                await Task.yield()
                reader.cancel()
                _ = await reader.result
            }
        }
        await sending.value
        #expect(seen.texts == (0..<count).map(String.init))
        try await Self.close(subscriber, publisher)
    }

    @Test func `a close wakes who waits, and leaves what has arrived`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        let receiving = (0..<4).map { _ in Task { try await subscriber.receive() } }
        let iterating = Task {
            var count = 0
            for await _ in subscriber.messages { count += 1 }
            return count
        }
        let news = Task { try await publisher.receive() }
        for number in 0..<10 { publisher.send(Message("\(number)")) }
        try await subscriber.closeInTime()
        // Who of the five gets how many is not said; that each of them ends is.
        var received = 0
        for task in receiving {
            let result = try await within("end of a wait") { await task.result }
            if case .success = result { received += 1 }
        }
        received += try await within("end of the iteration") { await iterating.value }
        while subscriber.tryReceive() != nil { received += 1 }
        #expect(received <= 10)
        await #expect(throws: ZeroMQError(.closed, "the socket is closed")) {
            try await subscriber.receive()
        }
        try await within("cancellation") { _ = try await news.value }
        let last = Task { try await publisher.receive() }
        try await publisher.closeInTime()
        let result = try await within("end of the news") { await last.result }
        #expect(throws: ZeroMQError.self) { try result.get() }
    }

    @Test func `two iterations share the messages`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        let count = 1_000
        let seen = Seen()
        let consumers = (0..<2).map { _ in
            Task {
                for await message in subscriber.messages {
                    let isAll = seen.append(message[0].text) == count
                    if isAll { await subscriber.close() }
                }
            }
        }
        for number in 0..<count { publisher.send(Message("\(number)")) }
        for consumer in consumers {
            try await within("end of the iteration") { await consumer.value }
        }
        #expect(seen.texts.compactMap(Int.init).sorted() == Array(0..<count))
        try await publisher.closeInTime()
    }

    @Test func `whoever iterates keeps the socket`() async throws {
        let publisher = XPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let released: Watched
        let consumer: Task<[String], Never>
        do {
            let subscriber = Subscriber()
            released = Watched(subscriber)
            try await subscriber.connect(endpoint)
            try await subscriber.subscribe(to: "")
            let messages = subscriber.messages
            consumer = Task {
                var texts: [String] = []
                for await message in messages {
                    texts.append(message[0].text)
                    if texts.count == 3 { break }
                }
                return texts
            }
        }
        try await publisher.awaitSubscription("")
        for number in 0..<3 { publisher.send(Message("\(number)")) }
        #expect(try await within("messages") { await consumer.value } == ["0", "1", "2"])
        try await publisher.awaitCancellation("")
        try await released.awaitRelease()
        try await publisher.closeInTime()
    }

    @Test func `a waiting send can be cancelled and closed under`() async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.overflow = .block
                $0.queueLimit = QueueLimit(messageCount: 10)
                $0.linger = .zero
            }
        )
        let peer = try await RawPeer.subscriber(
            of: try await publisher.bind("tcp://127.0.0.1:*"),
            isReading: false
        )
        try await publisher.awaitSubscription("")
        let large = Message([UInt8](repeating: 1, count: 100_000))
        let senders = (0..<2).map { _ in
            Task { while true { try await publisher.sendWaiting(large) } }
        }
        try await eventually("full queue") { publisher.trySend(large) == .full }
        senders[0].cancel()
        let cancelled = try await within("end of a send") { await senders[0].result }
        #expect(throws: ZeroMQError(.cancelled, "the task was cancelled")) { try cancelled.get() }
        try await publisher.closeInTime()
        let closed = try await within("end of a send") { await senders[1].result }
        #expect(throws: ZeroMQError(.closed, "the socket is closed")) { try closed.get() }
        await peer.close()
    }
}

/// What several tasks have received.
private final class Seen: Sendable {
    private let state = Mutex<[String]>([])

    var texts: [String] { state.withLock { $0 } }

    /// How many there are now.
    func append(_ text: String) -> Int {
        state.withLock { texts in
            texts.append(text)
            return texts.count
        }
    }
}
