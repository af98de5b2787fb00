import SocketTestSupport
import Testing
import ZeroMQ

/// The options of pub-sub in libzmq `zmq_setsockopt(3)`.
@Suite(.sockets, .timeLimit(.minutes(2))) struct PublishOptionTests {
    private static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// `ZMQ_INVERT_MATCHING`: "messages to be sent to all connected sockets except those subscribed to a prefix that matches the message".
    @Test(arguments: Wires.allCases)
    func `inverted, a subscription keeps messages away`(wire: Wires) async throws {
        let options = SocketOptions { $0.invertsMatching = true }
        try await withSocket(XPublisher(options: options)) { publisher in
            let endpoint = try await publisher.bind(wire.endpoint("invert"))
            let (picky, greedy) = (
                Subscriber(options: options), Subscriber(options: options)
            )
            for subscriber in [picky, greedy] { try await subscriber.connect(endpoint) }
            try await picky.subscribe(to: "w.")
            try await publisher.awaitSubscription("w.")
            try await eventually("subscribers") { await publisher.subscriberCount() == 2 }
            for topic in ["w.oslo", "s.oslo", "w", "w.", "end"] as [Message] {
                publisher.send(topic)
            }
            #expect(try await picky.receiveTexts(3) == ["s.oslo", "w", "end"])
            #expect(
                try await greedy.receiveTexts(5) == ["w.oslo", "s.oslo", "w", "w.", "end"]
            )
            await picky.close()
            try await eventually("subscribers") { await publisher.subscriberCount() == 1 }
            publisher.send("w.last")
            #expect(try await greedy.receiveTexts(1) == ["w.last"])
            await greedy.close()
        }
    }

    /// `ZMQ_XPUB_MANUAL`: "subscription requests are not added to the subscription list".
    @Test func `manual, subscribers get what they are granted`() async throws {
        let options = SocketOptions { $0.publish.isManual = true }
        try await withSocket(XPublisher(options: options)) { publisher in
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            let (first, second) = (XSubscriber(), XSubscriber())
            try await first.connect(endpoint)
            try await first.subscribe(to: "A")
            try await publisher.awaitSubscription("A")
            #expect(try await publisher.grant(Self.octets("XA")))
            try await second.connect(endpoint)
            try await second.subscribe(to: "A")
            try await publisher.awaitSubscription("A")
            #expect(try await publisher.grant(Self.octets("B")))
            #expect(await publisher.topicCount() == 2)
            for text in ["A", "XA", "B"] as [Message] { publisher.send(text) }
            #expect(try await first.receiveTexts(1) == ["XA"])
            #expect(try await second.receiveTexts(1) == ["B"])
            // A cancellation takes nothing back by itself.
            try await first.unsubscribe(from: "A")
            try await publisher.awaitCancellation("A")
            publisher.send("XA again")
            #expect(try await first.receiveTexts(1) == ["XA again"])
            #expect(try await publisher.revoke(Self.octets("XA")))
            publisher.send("XA for nobody")
            try await eventually("nobody") { await publisher.unmatchedMessageCount() == 2 }
            await second.close()
            try await publisher.awaitCancellation("A")
            #expect(try await !publisher.grant(Self.octets("late")))
            #expect(await publisher.topicCount() == 0)
            await first.close()
        }
        await withSocket(XPublisher()) { publisher in
            let error = await #expect(throws: ZeroMQError.self) { try await publisher.grant([]) }
            #expect(error?.code == .option)
        }
    }

    /// `ZMQ_XPUB_MANUAL_LAST_VALUE`: "send the first message to the last subscriber".
    @Test func `the last value goes to who came last, what follows to all`() async throws {
        let options = SocketOptions {
            $0.publish.isManual = true
            $0.publish.sendsToLast = true
        }
        try await withSocket(XPublisher(options: options)) { publisher in
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            let (early, late) = (Subscriber(), Subscriber())
            for (subscriber, value) in [(early, "w old"), (late, "w new")] {
                try await subscriber.connect(endpoint)
                try await subscriber.subscribe(to: "w")
                try await publisher.awaitSubscription("w")
                try await publisher.grant(Self.octets("w"))
                publisher.send(Message(value))
            }
            for text in ["w 1", "w 2"] as [Message] { publisher.send(text) }
            #expect(try await early.receiveTexts(3) == ["w old", "w 1", "w 2"])
            #expect(try await late.receiveTexts(3) == ["w new", "w 1", "w 2"])
            await early.close()
            await late.close()
        }
    }

    /// `ZMQ_XPUB_WELCOME_MSG`: "received by subscriber when connecting", "also be sent on reconnecting".
    @Test func `who comes is welcomed, if it wants to be`() async throws {
        let options = SocketOptions { $0.publish.welcomeMessage = ["W", "welcome"] }
        try await withSocket(XPublisher(options: options)) { publisher in
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            let (subscriber, other) = (Subscriber(), Subscriber())
            try await subscriber.subscribe(to: "W")
            try await other.subscribe(to: "V")
            for socket in [subscriber, other] { try await socket.connect(endpoint) }
            #expect(try await subscriber.receiveTexts(1) == ["welcome"])
            try await publisher.awaitSubscription("V")
            publisher.send("V")
            #expect(try await other.receiveTexts(1) == ["V"])
            try await subscriber.disconnect(endpoint)
            try await publisher.awaitCancellation("W")
            try await subscriber.connect(endpoint)
            #expect(try await subscriber.receiveTexts(1) == ["welcome"])
            await subscriber.close()
            await other.close()
        }
    }

    /// `ZMQ_XSUB_VERBOSE_UNSUBSCRIBE`; libzmq's XSUB passes every subscription.
    @Test(arguments: [
        (SubscriptionVerbosity.changes, 1), (.everySubscription, 3), (.everything, 6),
    ])
    func `an XSUB passes on as much as it is told to`(
        verbosity: SubscriptionVerbosity,
        commandCount: Int
    ) async throws {
        let options = SocketOptions { $0.verbosity = verbosity }
        try await withSocket(XSubscriber(options: options)) { subscriber in
            let publisher = try await RawPeer.connect(to: subscriber.bind("tcp://127.0.0.1:*"))
            try await publisher.send(Octets.greeting() + Octets.ready("XPUB"))
            _ = try await publisher.receive(Octets.openingByteCount("XSUB"))
            try await subscriber.subscribe(to: "w")
            let subscribe = Octets.command("SUBSCRIBE", [119])
            #expect(try await publisher.receive(subscribe.count) == subscribe)
            try await subscriber.subscribe(to: "w")
            try await subscriber.subscribe(to: "w")
            for _ in 0..<3 { try await subscriber.unsubscribe(from: "w") }
            // Nobody asked for it.
            try await subscriber.unsubscribe(from: "w")
            try await subscriber.subscribe(to: "end")
            let cancel = Octets.command("CANCEL", [119])
            let expected: [UInt8] =
                switch commandCount {
                case 1: cancel
                case 3: subscribe + subscribe + cancel
                default: subscribe + subscribe + cancel + cancel + cancel
                }
            let end = Octets.command("SUBSCRIBE", Self.octets("end"))
            #expect(
                try await publisher.receive(expected.count + end.count) == expected + end
            )
            await publisher.close()
        }
    }

    /// `ZMQ_ONLY_FIRST_SUBSCRIBE`.
    @Test(arguments: [false, true])
    func `of several frames the first may be a subscription, or every one`(
        readsEveryFrame: Bool
    )
        async throws
    {
        let options = SocketOptions { $0.publish.readsEveryFrame = readsEveryFrame }
        try await withSocket(XPublisher(options: options)) { publisher in
            let peer = try await RawPeer.connect(to: publisher.bind("tcp://127.0.0.1:*"))
            try await peer.send(
                Octets.greeting(minor: 0) + Octets.ready("XSUB")
                    + Octets.frame("data", hasMore: true) + Octets.frame("\u{1}w", hasMore: true)
                    + Octets.frame("more") + Octets.frame("end")
            )
            if readsEveryFrame { try await publisher.awaitSubscription("w") }
            let message = try await within("message") { try await publisher.receive() }
            #expect(
                message
                    == .message(
                        readsEveryFrame ? ["data", "more"] : ["data", "\u{1}w", "more"]
                    )
            )
            #expect(await publisher.topicCount() == (readsEveryFrame ? 1 : 0))
            await peer.close()
        }
    }

    /// `ZMQ_TOPICS_COUNT`: distinct ones.
    @Test func `topics are counted on both sides`() async throws {
        try await withSocket(XPublisher()) { publisher in
            let endpoint = try await publisher.bind("inproc://topic-count")
            let subscribers = [Subscriber(), Subscriber()]
            for (index, subscriber) in subscribers.enumerated() {
                try await subscriber.connect(endpoint)
                try await subscriber.subscribe(to: "same")
                try await subscriber.subscribe(to: "same")
                try await subscriber.subscribe(to: "own \(index)")
                #expect(await subscriber.topicCount() == 2)
            }
            try await eventually("topics") { await publisher.topicCount() == 3 }
            for subscriber in subscribers { await subscriber.close() }
        }
    }
}
