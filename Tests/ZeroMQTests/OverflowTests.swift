import Vocabulary
import Patterns
import SocketTestSupport
import Testing
import ZMTP
import Transports
import Wire
import ZeroMQ

/// A subscriber that cannot keep up: what each policy makes of it, counted to the message.
@Suite(.sockets, .timeLimit(.minutes(5))) struct OverflowTests {
    private static func options(_ policy: OverflowPolicy, _ count: Int) -> SocketOptions {
        SocketOptions {
            $0.overflow = policy
            $0.queueLimit = QueueLimit(messageCount: count)
            $0.kernelSendByteCount = 64 << 10
        }
    }

    private static let padding = Frame([UInt8](repeating: 1, count: 1_000))

    @Test(arguments: [OverflowPolicy.dropNewest, .dropOldest])
    func `what is sent is received or counted as dropped`(policy: OverflowPolicy) async throws {
        let publisher = XPublisher(options: Self.options(policy, 500))
        let peer = try await RawPeer.subscriber(
            of: try await publisher.bind("tcp://127.0.0.1:*"),
            isReading: false
        )
        try await publisher.awaitSubscription("")
        let count = 20_000
        for number in 0..<count {
            try await publisher.sendWaiting([Frame("\(number)"), Self.padding])
        }
        try await eventually("drops") { await publisher.droppedMessageCount() > 0 }
        try await peer.startReading()
        let all = Task { try await peer.receiveAll() }
        try await eventually("end of the queue") { publisher.isWritable }
        try await publisher.closeInTime()
        let numbers = Self.numbers(try await all.value)
        let dropped = await publisher.droppedMessageCount()
        #expect(dropped > 0)
        #expect(numbers.count + dropped == count)
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == numbers.count)
        #expect(publisher.refusedMessageCount == 0)
        // Which ones are lost is the difference: the last, or older ones.
        #expect(policy == .dropNewest ? numbers.first == 0 : numbers.last == count - 1)
    }

    /// The numbers in the messages that follow the handshake.
    private static func numbers(_ octets: [UInt8]) -> [Int] {
        octets.withUnsafeBytes { bytes in
            let messages = UnsafeRawBufferPointer(
                rebasing: bytes.dropFirst(Octets.openingByteCount("XPUB"))
            )
            var walker = MessageWalker(messages)
            var numbers: [Int] = []
            while walker.next() {
                numbers.append(Int(String(decoding: messages[walker.topic], as: UTF8.self)) ?? -1)
            }
            return numbers
        }
    }

    @Test func `a slow subscriber costs the others nothing`() async throws {
        let publisher = XPublisher(options: Self.options(.dropNewest, 1_000))
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let slow = try await RawPeer.subscriber(of: endpoint, isReading: false)
        try await publisher.awaitSubscription("")
        let quick = Subscriber()
        try await quick.connect(endpoint.description)
        try await quick.subscribe(to: "x")
        try await publisher.awaitSubscription("x")
        // As many at a time as its queue takes: it is the slow one that must lose.
        for start in stride(from: 0, to: 20_000, by: 500) {
            let texts = (start..<start + 500).map(String.init)
            for text in texts { try await publisher.sendWaiting(["x", Self.padding, Frame(text)]) }
            #expect(try await quick.receiveTexts(500) == texts)
        }
        #expect(await publisher.droppedMessageCount() > 0)
        await slow.close()
        try await quick.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `disconnect ends the slow one alone`() async throws {
        let publisher = XPublisher(options: Self.options(.disconnect, 500))
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let slow = try await RawPeer.subscriber(of: endpoint, isReading: false)
        try await publisher.awaitSubscription("")
        for number in 0..<5_000 {
            try await publisher.sendWaiting([Frame("\(number)"), Self.padding])
        }
        #expect(try await events.nextDisconnect() == .overflow)
        try await publisher.awaitCancellation("")
        let next = Subscriber()
        try await next.connect(endpoint.description)
        try await next.subscribe(to: "")
        try await publisher.awaitSubscription("")
        publisher.send("after")
        #expect(try await next.receiveTexts(1) == ["after"])
        await slow.close()
        try await next.closeInTime()
        try await publisher.closeInTime()
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "ipc://*", "inproc://block"])
    func `block loses nothing with a slow reader`(binding: String) async throws {
        let publisher = XPublisher(options: Self.options(.block, 50))
        let subscriber = Subscriber(
            options: SocketOptions { $0.queueLimit = .init(messageCount: 10) }
        )
        try await subscriber.connect(try await publisher.bind(binding).description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        let count = 3_000
        let sending = Task {
            for number in 0..<count {
                try await publisher.sendWaiting([Self.padding, Frame("\(number)")])
            }
        }
        // It starts when the sender cannot go on: everything between them is full.
        try await eventually("full queue") { !publisher.isWritable }
        #expect(try await subscriber.receiveTexts(count) == (0..<count).map(String.init))
        try await sending.value
        #expect(await publisher.droppedMessageCount() == 0)
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `with block the slowest sets the pace until it leaves`() async throws {
        let publisher = XPublisher(options: Self.options(.block, 50))
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let stuck = try await RawPeer.subscriber(of: endpoint, isReading: false)
        try await publisher.awaitSubscription("")
        let subscriber = Subscriber()
        try await subscriber.connect(endpoint.description)
        try await subscriber.subscribe(to: "1")
        try await publisher.awaitSubscription("1")
        let sending = Task {
            for number in 0..<2_000 {
                try await publisher.sendWaiting(["1", Self.padding, Frame("\(number)")])
            }
        }
        try await eventually("full queue") { publisher.trySend("1") == .full }
        await stuck.close()
        let texts = try await within("all messages") {
            var texts: [String] = []
            while texts.last != "1999" {
                let message = try await subscriber.receive()
                if message.count == 3 { texts.append(message[2].text) }
            }
            return texts
        }
        #expect(texts == (0..<2_000).map(String.init))
        try await sending.value
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `send at the socket's own full queue is refused and counted`() async throws {
        let publisher = XPublisher(options: Self.options(.block, 50))
        let peer = try await RawPeer.subscriber(
            of: try await publisher.bind("tcp://127.0.0.1:*"),
            isReading: false
        )
        try await publisher.awaitSubscription("")
        let sent = try await within("full queue") {
            var sent = 0
            while publisher.refusedMessageCount == 0 {
                publisher.send([Frame("\(sent)"), Self.padding])
                sent += 1
                if sent % 20 == 0 { await Task.yield() }
            }
            return sent
        }
        let refused = publisher.refusedMessageCount
        // Who is told at once is not counted.
        var queued = 0
        for _ in 0..<10 where publisher.trySend("offered again") == .queued { queued += 1 }
        #expect(publisher.refusedMessageCount == refused)
        try await peer.startReading()
        let all = Task { try await peer.receiveAll() }
        try await publisher.closeInTime()
        #expect(Self.numbers(try await all.value).count == sent - refused + queued)
    }
}
