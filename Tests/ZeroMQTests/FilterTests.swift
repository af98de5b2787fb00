import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// Which messages a subscriber gets (RFC 29).
@Suite(.sockets, .timeLimit(.minutes(5))) struct FilterTests {
    private static func pair(
        _ options: SocketOptions = SocketOptions()
    ) async throws -> (XPublisher, Subscriber) {
        let publisher = XPublisher(options: options)
        let subscriber = Subscriber()
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
        return (publisher, subscriber)
    }

    private static func close(_ sockets: Socket...) async throws {
        for socket in sockets { try await socket.closeInTime() }
    }

    @Test func `a subscription is a prefix of the first frame`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        try await subscriber.subscribe(to: "ab")
        try await subscriber.subscribe(to: "xyz")
        try await publisher.awaitSubscription("xyz")
        for topic in ["a", "ab", "abc", "b", "", "xy", "xyz", "xyzzy", "zab"] {
            publisher.send([Frame(topic), "ab"])
        }
        publisher.send("ab!")
        let topics = try await subscriber.receive(5).map { $0[0].text }
        #expect(topics == ["ab", "abc", "xyz", "xyzzy", "ab!"])
        try await Self.close(subscriber, publisher)
    }

    @Test func `overlapping subscriptions give one copy`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        for topic in ["", "a", "ab"] { try await subscriber.subscribe(to: topic) }
        try await publisher.awaitSubscription("ab")
        for number in 0..<3 { publisher.send(["abc", Frame("\(number)")]) }
        #expect(try await subscriber.receiveTexts(3) == ["0", "1", "2"])
        try await Self.close(subscriber, publisher)
    }

    @Test func `subscribing twice needs two cancellations`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        try await subscriber.subscribe(to: "a")
        try await subscriber.subscribe(to: "a")
        try await publisher.awaitSubscription("a")
        try await subscriber.unsubscribe(from: "a")
        try await subscriber.subscribe(to: "sign")
        // Had the first cancellation been passed on, it would be here before this.
        let next = try await within("news") { try await publisher.receive() }
        #expect(next == .subscribed(topic: Array("sign".utf8)))
        publisher.send("a1")
        #expect(try await subscriber.receiveTexts(1) == ["a1"])
        try await subscriber.unsubscribe(from: "a")
        try await publisher.awaitCancellation("a")
        publisher.send("a2")
        publisher.send("sign")
        #expect(try await subscriber.receiveTexts(1) == ["sign"])
        try await Self.close(subscriber, publisher)
    }

    @Test func `a cancellation of what was never asked for changes nothing`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        try await subscriber.unsubscribe(from: "a")
        try await subscriber.subscribe(to: "a")
        try await publisher.awaitSubscription("a")
        publisher.send("a")
        #expect(try await subscriber.receiveTexts(1) == ["a"])
        try await Self.close(subscriber, publisher)
    }

    @Test func `what was asked for before a cancellation is filtered on arrival`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        try await subscriber.subscribe(to: "a")
        try await subscriber.subscribe(to: "b")
        try await publisher.awaitSubscription("b")
        publisher.send("a1")
        #expect(try await subscriber.receiveTexts(1) == ["a1"])
        try await subscriber.unsubscribe(from: "a")
        // The publisher may not have heard of it; a SUB shows nothing of it either way.
        publisher.send("a2")
        publisher.send("b")
        #expect(try await subscriber.receiveTexts(1) == ["b"])
        try await Self.close(subscriber, publisher)
    }

    @Test(arguments: [
        (SubscriptionVerbosity.changes, ["+a", "-a"]),
        (.everySubscription, ["+a", "+a", "-a"]),
        (.everything, ["+a", "+a", "-a", "-a"]),
    ])
    func `an XPUB hears of two subscribers of one topic`(
        verbosity: SubscriptionVerbosity,
        expected: [String]
    ) async throws {
        let publisher = XPublisher(options: SocketOptions { $0.verbosity = verbosity })
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let subscribers = [Subscriber(), Subscriber()]
        var seen: [String] = []
        // A subscription of its own after each step tells that the step has arrived.
        func awaitSign(_ sign: String, of subscriber: Subscriber) async throws {
            try await subscriber.subscribe(to: sign)
            while seen.last != "+" + sign {
                switch try await within("news", .seconds(30), { try await publisher.receive() }) {
                case .subscribed(let topic):
                    seen.append("+" + String(decoding: topic, as: UTF8.self))
                case .cancelled(let topic):
                    seen.append("-" + String(decoding: topic, as: UTF8.self))
                case .message: break
                }
            }
        }
        for (number, subscriber) in subscribers.enumerated() {
            try await subscriber.connect(endpoint)
            try await subscriber.subscribe(to: "a")
            try await awaitSign("in \(number)", of: subscriber)
        }
        for (number, subscriber) in subscribers.enumerated() {
            try await subscriber.unsubscribe(from: "a")
            try await awaitSign("out \(number)", of: subscriber)
        }
        #expect(seen.filter { $0.hasSuffix("a") } == expected)
        for subscriber in subscribers { try await subscriber.closeInTime() }
        try await publisher.closeInTime()
    }

    @Test func `a subscriber that leaves takes its subscriptions with it`() async throws {
        let (publisher, subscriber) = try await Self.pair()
        try await subscriber.subscribe(to: "a")
        try await subscriber.subscribe(to: "b")
        try await publisher.awaitSubscription("b")
        try await subscriber.closeInTime()
        try await publisher.awaitCancellation("a")
        try await publisher.awaitCancellation("b")
        #expect(await publisher.subscriberCount() == 0)
        try await Self.close(publisher)
    }

    @Test func `an XSUB sends upstream`() async throws {
        let publisher = XPublisher()
        let subscriber = XSubscriber()
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        let message: Message = ["to the", "publisher"]
        try await subscriber.send(message)
        try await publisher.awaitNews(.message(message))
        try await Self.close(subscriber, publisher)
    }
}
