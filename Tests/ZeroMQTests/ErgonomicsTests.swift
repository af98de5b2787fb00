import Logging
import ServiceLifecycle
import SocketTestSupport
import Testing
import ZeroMQ

/// What a Swift developer reaches for first: waiting for subscribers, receiving within a time, news as a sequence,
/// endpoints as values, services, logs.
@Suite(.sockets, .timeLimit(.minutes(2))) struct ErgonomicsTests {
    @Test func `a publisher waits for as many subscribers as it wants`() async throws {
        let publisher = Publisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        #expect(endpoint.port != nil)
        let subscribers = [Subscriber(), Subscriber(), Subscriber()]
        let waiting = Task { try await publisher.waitForSubscribers(3, to: "weather.oslo") }
        for subscriber in subscribers { try await subscriber.connect(endpoint) }
        try await subscribers[0].subscribe(to: "weather.")
        try await subscribers[1].subscribe(to: "")
        try await subscribers[2].subscribe(to: "traffic.")
        // The third wants something else.
        let early = await #expect(throws: ZeroMQError.self) {
            try await publisher.waitForSubscribers(
                3,
                to: "weather.oslo",
                timeout: .milliseconds(300)
            )
        }
        #expect(early?.code == .timedOut)
        #expect(early?.message.hasPrefix("2 of 3 subscribers") == true)
        // Whatever they want, three are there.
        try await within("three") { try await publisher.waitForSubscribers(3) }
        try await subscribers[2].subscribe(to: "weather.o")
        try await within("three of that topic") { try await waiting.value }
        publisher.send(["weather.oslo", "-4 °C"])
        for subscriber in subscribers {
            let message = try await subscriber.receive(timeout: .seconds(10))
            #expect(message?[1].text == "-4 °C")
        }
        try await subscribers[1].closeInTime()
        let late = await #expect(throws: ZeroMQError.self) {
            try await eventually("departure") { await publisher.subscriberCount() == 2 }
            try await publisher.waitForSubscribers(3, timeout: .milliseconds(50))
        }
        #expect(late?.message.hasPrefix("2 of 3 subscribers") == true)
        for socket in [subscribers[0], subscribers[2]] { try await socket.closeInTime() }
        try await publisher.closeInTime()
    }

    @Test func `a wait for subscribers ends with its task and with the socket`() async throws {
        let publisher = XPublisher()
        let cancelled = Task { try await publisher.waitForSubscribers(1) }
        cancelled.cancel()
        let first = try await within("cancellation") { await cancelled.result }
        #expect(throws: ZeroMQError(.cancelled, "the task was cancelled")) { try first.get() }
        let closed = Task { try await publisher.waitForSubscribers(1) }
        try await Task.sleep(for: .milliseconds(20))
        try await publisher.closeInTime()
        let second = try await within("end") { await closed.result }
        #expect(throws: ZeroMQError(.closed, "the socket is closed")) { try second.get() }
    }

    @Test func `a receive with a time gives nil when nothing comes, and loses nothing`()
        async throws
    {
        let publisher = XPublisher()
        let subscriber = Subscriber()
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*"))
        #expect(try await subscriber.receive(timeout: .milliseconds(20)) == nil)
        #expect(try await subscriber.receive(timeout: .zero) == nil)
        #expect(try await publisher.receive(timeout: .milliseconds(20)) == nil)
        try await subscriber.subscribe(to: "a")
        let news = try await publisher.receive(timeout: .seconds(10))
        #expect(news == .subscribed(topic: Array("a".utf8)))
        // Time-outs race with messages: none may be lost or come twice.
        let count = 2_000
        let sending = Task {
            for number in 0..<count {
                publisher.send("a\(number)")
                if number % 50 == 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
        }
        var next = 0
        while next < count {
            guard let message = try await subscriber.receive(timeout: .microseconds(200)) else {
                continue
            }
            #expect(message[0].text == "a\(next)")
            next += 1
        }
        try await sending.value
        #expect(try await subscriber.receive(timeout: .milliseconds(20)) == nil)
        let waiting = Task { try await subscriber.receive(timeout: .seconds(60)) }
        waiting.cancel()
        let result = try await within("cancellation") { await waiting.result }
        #expect(throws: ZeroMQError(.cancelled, "the task was cancelled")) { try result.get() }
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `news of subscriptions is a sequence that ends with the socket`() async throws {
        let publisher = XPublisher()
        let subscriber = Subscriber()
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*"))
        let reading = Task {
            var topics: [String] = []
            for await case .subscribed(let topic) in publisher.news {
                topics.append(String(decoding: topic, as: UTF8.self))
                if topics.count == 2 { break }
            }
            let seen = topics
            return seen
        }
        try await subscriber.subscribe(to: "a")
        try await subscriber.subscribe(to: "b")
        #expect(try await within("news") { await reading.value } == ["a", "b"])
        let rest = Task {
            var count = 0
            for await _ in publisher.news { count += 1 }
            return count
        }
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
        #expect(try await within("end of the news") { await rest.value } <= 2)
    }

    @Test func `a socket is a service that closes with its group`() async throws {
        let publisher = Publisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let group = ServiceGroup(services: [publisher], logger: Logger(label: "group"))
        let running = Task { try await group.run() }
        try await Task.sleep(for: .milliseconds(20))
        await group.triggerGracefulShutdown()
        try await within("end of the group") { try await running.value }
        let error = await #expect(throws: ZeroMQError.self) { try await publisher.bind(endpoint) }
        #expect(error?.code == .closed)
    }

    @Test func `a socket writes to its logger`() async throws {
        let log = RecordedLog()
        let logger = log.logger("publisher")
        let publisher = Publisher(options: SocketOptions { $0.logger = logger })
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let subscriber = Subscriber()
        try await subscriber.connect(endpoint)
        try await eventually("lines") { log.contains("is a SUB") }
        #expect(log.lines.first == "publisher info: listening at \(endpoint)")
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }
}
