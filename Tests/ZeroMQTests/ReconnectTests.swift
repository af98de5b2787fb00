import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// What survives the loss of a connection.
@Suite(.sockets, .timeLimit(.minutes(5))) struct ReconnectTests {
    private static let quick = SocketOptions {
        $0.reconnectInitial = .milliseconds(5)
        $0.reconnectMaximum = .milliseconds(20)
    }

    @Test func `100,000 subscriptions are restored after the publisher restarts`() async throws {
        let count = 100_000
        let topics = (0..<count).map { Array("topic.\($0).".utf8) }
        let subscriber = Subscriber(options: Self.quick)
        try await subscriber.subscribe(to: topics)
        var endpoint = "tcp://127.0.0.1:*"
        for _ in 0..<2 {
            let publisher = XPublisher()
            endpoint = try await publisher.bind(endpoint).description
            try await subscriber.connect(endpoint)
            let restored = try await within("\(count) subscriptions") {
                var restored = Set<[UInt8]>()
                while restored.count < count {
                    guard case .subscribed(let topic) = try await publisher.receive() else {
                        continue
                    }
                    restored.insert(topic)
                }
                return restored
            }
            #expect(restored == Set(topics))
            for number in stride(from: 0, to: count, by: 9_999) {
                publisher.send([Frame("topic.\(number)."), Frame("\(number)")])
                publisher.send([Frame("topic.\(number)"), "not asked for"])
            }
            let expected = stride(from: 0, to: count, by: 9_999).map(String.init)
            #expect(try await subscriber.receiveTexts(expected.count) == expected)
            try await publisher.closeInTime()
        }
        try await subscriber.closeInTime()
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "ipc://*", "inproc://reconnect"])
    func `subscriptions made while nobody was there arrive`(binding: String) async throws {
        let subscriber = Subscriber(options: Self.quick)
        let first = XPublisher()
        let endpoint = try await first.bind(binding).description
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "kept")
        try await subscriber.subscribe(to: "given up")
        try await first.awaitSubscription("given up")
        let events = subscriber.events
        try await first.closeInTime()
        _ = try await events.nextDisconnect()
        try await subscriber.unsubscribe(from: "given up")
        try await subscriber.subscribe(to: "new")
        let second = XPublisher()
        try await second.bind(endpoint)
        try await second.awaitSubscription("new")
        for topic in ["given up", "kept", "new"] { second.send(Message(topic)) }
        #expect(try await subscriber.receiveTexts(2) == ["kept", "new"])
        try await subscriber.closeInTime()
        try await second.closeInTime()
    }

    @Test func `a publisher that connects finds its subscriber again`() async throws {
        let publisher = XPublisher(options: Self.quick)
        var endpoint = "tcp://127.0.0.1:*"
        for round in 0..<3 {
            let subscriber = Subscriber()
            endpoint = try await subscriber.bind(endpoint).description
            try await publisher.connect(endpoint)
            try await subscriber.subscribe(to: "\(round)")
            try await publisher.awaitSubscription("\(round)")
            publisher.send(Message("\(round)!"))
            #expect(try await subscriber.receiveTexts(1) == ["\(round)!"])
            try await subscriber.closeInTime()
            try await publisher.awaitCancellation("\(round)")
        }
        try await publisher.closeInTime()
    }
}
