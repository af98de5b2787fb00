import Vocabulary
import Patterns
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// What becomes of messages when a socket is closed.
@Suite(.sockets, .timeLimit(.minutes(5))) struct LingerTests {
    @Test(arguments: ["tcp://127.0.0.1:*", "ipc://*", "inproc://linger"])
    func `messages sent just before a close arrive`(binding: String) async throws {
        let publisher = XPublisher()
        let subscriber = Subscriber(options: SocketOptions { $0.queueLimit = .unlimited })
        try await subscriber.connect(try await publisher.bind(binding).description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        let padding = Frame([UInt8](repeating: 1, count: 1_000))
        for number in 0..<20_000 { publisher.send([padding, Frame("\(number)")]) }
        try await publisher.closeInTime()
        #expect(publisher.refusedMessageCount == 0)
        let texts = try await subscriber.receiveTexts(20_000)
        #expect(texts == (0..<20_000).map(String.init))
        try await subscriber.closeInTime()
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "ipc://*", "inproc://linger-full"])
    func `messages to a subscriber whose queue is full arrive after the close`(
        binding: String
    ) async throws {
        let publisher = XPublisher(options: SocketOptions { $0.queueLimit = .unlimited })
        let subscriber = Subscriber(
            options: SocketOptions { $0.queueLimit = QueueLimit(messageCount: 100) }
        )
        try await subscriber.connect(try await publisher.bind(binding).description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        // Several turns of the loop, so that there are many runs: a pause comes between two of them.
        for number in 0..<20_000 {
            publisher.send([Frame("\(number)")])
            if number.isMultiple(of: 500) { try await Task.sleep(for: .milliseconds(1)) }
        }
        let closing = Task { try await publisher.closeInTime() }
        let texts = try await subscriber.receiveTexts(20_000)
        #expect(texts == (0..<20_000).map(String.init))
        try await closing.value
        try await subscriber.closeInTime()
    }

    @Test(arguments: [false, true])
    func `a scope closes its socket, with what it has sent, however it ends`(
        isThrowing: Bool
    ) async throws {
        struct Interruption: Error {}
        let publisher = XPublisher()
        let subscriber = Subscriber()
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        do {
            try await withSocket(publisher) { publisher in
                for number in 0..<1_000 { publisher.send([Frame("\(number)")]) }
                if isThrowing { throw Interruption() }
            }
            #expect(!isThrowing)
        } catch is Interruption {
            #expect(isThrowing)
        }
        guard case .closed = publisher.trySend("late") else {
            Issue.record("the socket is open after its scope")
            return
        }
        for number in 0..<1_000 {
            let message = try await within("message \(number)") { try await subscriber.receive() }
            #expect(message[0].text == "\(number)")
        }
        try await subscriber.closeInTime()
    }

    @Test func `a subscriber that talks meanwhile does not cut them off`() async throws {
        let publisher = XPublisher()
        let subscriber = Subscriber(options: SocketOptions { $0.queueLimit = .unlimited })
        try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        let talk = Task {
            var number = 0
            while !Task.isCancelled {
                try await subscriber.subscribe(to: "\(number % 100)")
                number += 1
            }
        }
        let padding = Frame([UInt8](repeating: 1, count: 10_000))
        for number in 0..<2_000 { publisher.send([padding, Frame("\(number)")]) }
        try await publisher.closeInTime()
        let texts = try await subscriber.receiveTexts(2_000)
        #expect(texts == (0..<2_000).map(String.init))
        talk.cancel()
        try await subscriber.closeInTime()
    }

    @Test(arguments: [OverflowPolicy.dropNewest, .block], [0, 50])
    func `a subscriber that takes nothing is not waited for longer`(
        policy: OverflowPolicy,
        lingerMilliseconds: Int
    ) async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.linger = .milliseconds(lingerMilliseconds)
                $0.overflow = policy
                $0.queueLimit = QueueLimit(messageCount: 1_000)
                $0.kernelSendByteCount = 64 << 10
            }
        )
        let peer = try await RawPeer.subscriber(
            of: try await publisher.bind("tcp://127.0.0.1:*"),
            isReading: false
        )
        try await publisher.awaitSubscription("")
        let message = Message([UInt8](repeating: 1, count: 20_000))
        for _ in 0..<3_000 { publisher.send(message) }
        try await publisher.closeInTime()
        await peer.close()
    }

    @Test func `a socket that is let go sends what it has and frees everything`() async throws {
        let subscriber = Subscriber(options: SocketOptions { $0.queueLimit = .unlimited })
        let endpoint = try await subscriber.bind("tcp://127.0.0.1:*").description
        let events = subscriber.events
        try await subscriber.subscribe(to: "")
        let released: Watched
        do {
            let publisher = Publisher()
            released = Watched(publisher)
            try await publisher.connect(endpoint)
            try await publisher.bind("inproc://let-go")
            try await subscriber.attach(to: publisher, topic: "")
            for number in 0..<5_000 { publisher.send(Message("\(number)")) }
        }
        try await released.awaitRelease()
        #expect(try await subscriber.receiveTexts(5_000) == (0..<5_000).map(String.init))
        _ = try await events.nextDisconnect()
        // Its names are free again.
        let heir = Publisher()
        try await eventually("free name") { (try? await heir.bind("inproc://let-go")) != nil }
        try await heir.closeInTime()
        try await subscriber.closeInTime()
    }

    @Test func `a bound socket that is let go closes its connections`() async throws {
        let subscriber = Subscriber()
        let events = subscriber.events
        try await subscriber.subscribe(to: "")
        let released: Watched
        do {
            let publisher = XPublisher()
            released = Watched(publisher)
            try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
            try await publisher.awaitSubscription("")
            publisher.send("farewell")
        }
        try await released.awaitRelease()
        #expect(try await subscriber.receiveTexts(1) == ["farewell"])
        _ = try await events.nextDisconnect()
        try await subscriber.closeInTime()
    }

    @Test func `closing twice, and closing while dialling, end`() async throws {
        let publisher = Publisher()
        // Nobody answers at this address (RFC 5737).
        try await publisher.connect("tcp://192.0.2.1:5556")
        try await publisher.connect("inproc://nobody-ever")
        async let first: Void = publisher.closeInTime()
        async let second: Void = publisher.closeInTime()
        _ = try await (first, second)
        try await publisher.closeInTime()
        #expect(publisher.trySend("late") == .closed)
        await #expect(throws: ZeroMQError.self) { try await publisher.bind("tcp://127.0.0.1:*") }
        await #expect(throws: ZeroMQError.self) { try await publisher.connect("inproc://x") }
    }
}
