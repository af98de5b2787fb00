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

/// `ZMQ_RECONNECT_STOP`, and `ZMQ_RECONNECT_IVL` -1.
@Suite(.sockets, .timeLimit(.minutes(2))) struct ReconnectStopTests {
    private static func options(_ stop: ReconnectStop) -> SocketOptions {
        SocketOptions {
            $0.reconnectStop = stop
            $0.reconnectInitial = .milliseconds(1)
        }
    }

    /// The reason of giving up; fails when another attempt was made after that.
    private static func reasonOfEnd(_ events: AsyncStream<SocketEvent>) async throws -> String {
        let event = try await events.next("end") {
            if case .gaveUp = $0 { true } else { false }
        }
        guard case .gaveUp(_, let reason) = event else { throw TimedOut(awaited: "end") }
        return reason
    }

    /// "will stop reconnection when 0MQ receives the ECONNREFUSED return code from the connect".
    @Test(arguments: [ReconnectStop.refused, .always])
    func `where nobody listens nobody calls again`(stop: ReconnectStop) async throws {
        let free = try await withSocket(Puller()) { try await $0.bind("tcp://127.0.0.1:*") }
        try await withSocket(Pusher(options: Self.options(stop))) { pusher in
            let events = pusher.events
            try await pusher.connect(free)
            let reason = try await Self.reasonOfEnd(events)
            #expect(reason.contains("refused"))
            // Nobody is expected there any more.
            try await eventually("no room") { !pusher.isWritable }
            let error = await #expect(throws: ZeroMQError.self) {
                try await pusher.disconnect(free)
            }
            #expect(error?.code == .notFound)
            // It may be called anew.
            try await withSocket(Puller()) { puller in
                try await puller.bind(free)
                try await pusher.connect(free)
                try await pusher.send("anew")
                #expect(try await puller.receiveInTime()[0].text == "anew")
            }
        }
    }

    /// "will stop reconnection if the 0MQ handshake fails".
    @Test func `who does not fit is not called again`() async throws {
        try await withSocket(Publisher()) { publisher in
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            try await withSocket(Pusher(options: Self.options(.handshakeFailed))) { pusher in
                let events = pusher.events
                try await pusher.connect(endpoint)
                #expect(try await Self.reasonOfEnd(events).contains("PUB"))
            }
        }
    }

    @Test func `a connection that is lost is the last one, if it is to be`() async throws {
        try await withSocket(Puller(options: Self.options(.lost))) { puller in
            let events = puller.events
            let pusher = Pusher()
            try await puller.connect(pusher.bind("tcp://127.0.0.1:*"))
            try await pusher.send("once")
            #expect(try await puller.receiveInTime()[0].text == "once")
            await pusher.close()
            #expect(try await Self.reasonOfEnd(events).contains("closed"))
        }
    }

    @Test func `other failures are tried again`() async throws {
        try await withSocket(Puller(options: Self.options([.refused, .handshakeFailed]))) {
            puller in
            let events = puller.events
            let pusher = Pusher()
            try await puller.connect(pusher.bind("ipc://*"))
            try await puller.awaitPeers(1)
            await pusher.close()
            _ = try await events.next("retry") {
                if case .retrying = $0 { true } else { false }
            }
        }
    }
}
