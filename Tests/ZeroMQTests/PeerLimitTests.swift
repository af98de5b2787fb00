import ZMTP
import SocketTestSupport
import Testing
import Vocabulary
import Transports
import ZeroMQ

/// A peer that makes a socket hold more than any honest one would is sent away, and counted; the others stay.
@Suite(.sockets, .timeLimit(.minutes(3))) struct PeerLimitTests {
    /// The reason of the first disconnect.
    private static func firstReason(
        _ events: AsyncStream<SocketEvent>
    ) async throws
        -> DisconnectReason
    {
        try await within("a disconnect") {
            for await event in events {
                if case .disconnected(_, let reason) = event { return reason }
            }
            throw TimedOut(awaited: "disconnect before the end of the events")
        }
    }

    enum Form: CaseIterable {
        case command, message
    }

    private static func subscribe(_ topic: String, _ form: Form) -> [UInt8] {
        switch form {
        case .command: Octets.command("SUBSCRIBE", Array(topic.utf8))
        case .message: Octets.frame("\u{1}" + topic)
        }
    }

    @Test(arguments: Form.allCases, [false, true])
    func `a subscriber of too much is disconnected`(form: Form, isByOctets: Bool) async throws {
        let publisher = Publisher(
            options: SocketOptions {
                if isByOctets {
                    $0.peerLimits.subscriptionByteCount = 40
                } else {
                    $0.peerLimits.subscriptionCount = 10
                }
            }
        )
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let events = publisher.events
        let good = Subscriber()
        try await good.connect(endpoint.description)
        try await good.subscribe(to: "good")
        try await good.attach(to: publisher, topic: "good")
        let bad = try await RawPeer.connect(to: endpoint)
        try await bad.send(Octets.greeting() + Octets.ready("SUB"))
        for number in 0...10 { try await bad.send(Self.subscribe("\(1_000 + number)", form)) }
        #expect(try await Self.firstReason(events) == .limit(.subscriptions))
        try await bad.closed()
        #expect(await publisher.limitDisconnectCount() == 1)
        publisher.send(["good", "still here"])
        #expect(try await good.receiveTexts(1) == ["still here"])
        try await good.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `a subscriber at the limit stays`() async throws {
        let publisher = XPublisher(
            options: SocketOptions { $0.peerLimits.subscriptionCount = 10 }
        )
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let subscriber = Subscriber()
        try await subscriber.connect(endpoint.description)
        for round in 0..<3 {
            let topics = (0..<10).map { "\(round) \($0)" }
            for topic in topics { try await subscriber.subscribe(to: topic) }
            try await publisher.awaitSubscription(topics[9])
            for topic in topics { try await subscriber.unsubscribe(from: topic) }
            try await publisher.awaitCancellation(topics[9])
        }
        #expect(await publisher.limitDisconnectCount() == 0)
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test(arguments: [false, true])
    func `whoever fills the mailbox of an XPUB is disconnected`(sendsMessages: Bool) async throws {
        let publisher = XPublisher(
            options: SocketOptions { $0.peerLimits.upstream = QueueLimit(messageCount: 5) }
        )
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let events = publisher.events
        let bad = try await RawPeer.connect(to: endpoint)
        try await bad.send(Octets.greeting() + Octets.ready("SUB"))
        for number in 0...5 {
            let text = "\(number)"
            try await bad.send(
                sendsMessages ? Octets.frame("m" + text) : Self.subscribe(text, .command)
            )
        }
        #expect(try await Self.firstReason(events) == .limit(.upstream))
        try await bad.closed()
        #expect(await publisher.limitDisconnectCount() == 1)
        // What was taken is there, cancellations of the one who left included; nothing more.
        for number in 0..<5 {
            let news = try await within("news") { try await publisher.receive() }
            #expect(
                news
                    == (sendsMessages
                        ? .message(Message("m\(number)"))
                        : .subscribed(topic: Array("\(number)".utf8)))
            )
        }
        if !sendsMessages {
            for _ in 0...5 {
                let news = try await within("news") { try await publisher.receive() }
                guard case .cancelled = news else {
                    Issue.record("not a cancellation")
                    return
                }
            }
        }
        #expect(publisher.tryReceive() == nil)
        try await publisher.closeInTime()
    }

    @Test func `a publisher that does not read subscriptions is disconnected`() async throws {
        let subscriber = Subscriber(
            options: SocketOptions {
                $0.peerLimits.controlByteCount = 1 << 20
                $0.kernelSendByteCount = 64 << 10
            }
        )
        let endpoint = try await subscriber.bind("tcp://127.0.0.1:*")
        let events = subscriber.events
        let peer = try await RawPeer.connect(to: endpoint, isReading: false)
        try await peer.send(Octets.greeting() + Octets.ready("PUB"))
        let padding = String(repeating: "x", count: 1_000)
        // Far more than kernel, stream and limit take together.
        for batch in 0..<100 {
            let topics = (0..<200).map { Array("\(batch) \($0) \(padding)".utf8) }
            try await subscriber.subscribe(to: topics)
            if await subscriber.limitDisconnectCount() > 0 { break }
        }
        #expect(try await Self.firstReason(events) == .limit(.control))
        #expect(await subscriber.limitDisconnectCount() == 1)
        await peer.close()
        try await subscriber.closeInTime()
    }
}
