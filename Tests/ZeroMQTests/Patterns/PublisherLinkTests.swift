import NIOCore
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// A lone subscriber of everything, in the process of a publisher that drops nothing, takes messages straight from the publisher's queue.
@Suite(.sockets, .timeLimit(.minutes(2))) struct PublisherLinkTests {
    private static func publisher(_ overflow: OverflowPolicy = .block) -> XPublisher {
        XPublisher(options: SocketOptions { $0.overflow = overflow })
    }

    private static func subscriber(
        of publisher: XPublisher,
        _ name: String,
        to topics: String...
    ) async throws -> Subscriber {
        let subscriber = Subscriber()
        for topic in topics { try await subscriber.subscribe(to: topic) }
        try await subscriber.connect("inproc://\(name)")
        for _ in topics {
            _ = try await within("subscription") { try await publisher.receive() }
        }
        return subscriber
    }

    @Test
    func `a lone subscriber of everything is linked, until somebody else comes or it wants less`()
        async throws
    {
        let publisher = Self.publisher()
        try await publisher.bind("inproc://link-audience")
        let first = try await Self.subscriber(of: publisher, "link-audience", to: "")
        try await publisher.sendWaiting("0")
        try await eventually("link") { publisher.isLinked }
        let second = try await Self.subscriber(of: publisher, "link-audience", to: "b")
        #expect(!publisher.isLinked)
        for text in ["a1", "b1"] { try await publisher.sendWaiting(Message(text)) }
        #expect(try await first.receiveTexts(3) == ["0", "a1", "b1"])
        #expect(try await second.receiveTexts(1) == ["b1"])
        try await second.closeInTime()
        try await eventually("departure") { await publisher.subscriberCount() == 1 }
        try await publisher.sendWaiting("2")
        try await eventually("link again") { publisher.isLinked }
        #expect(try await first.receiveTexts(1) == ["2"])
        // What was not wanted when it was sent does not come, and what is wanted does.
        try await first.subscribe(to: "c")
        try await first.unsubscribe(from: "")
        #expect(!publisher.isLinked)
        for text in ["a3", "c3"] { try await publisher.sendWaiting(Message(text)) }
        #expect(try await first.receiveTexts(1) == ["c3"])
        #expect(!publisher.isLinked)
        try await first.closeInTime()
        try await publisher.closeInTime()
    }

    @Test(arguments: [
        (OverflowPolicy.dropNewest, ""), (.dropOldest, ""), (.block, "topic"),
    ])
    func `whose messages are dropped or looked at takes no link`(
        overflow: OverflowPolicy,
        topic: String
    ) async throws {
        let publisher = Self.publisher(overflow)
        try await publisher.bind("inproc://link-looked-at")
        let subscriber = try await Self.subscriber(of: publisher, "link-looked-at", to: topic)
        for number in 0..<100 {
            try await publisher.sendWaiting(["topic", "\(number)"])
            #expect(try await subscriber.receiveInTime()[1].text == "\(number)")
            #expect(!publisher.isLinked)
        }
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    /// The way changes in the middle of a stream, many times, and the stayer misses nothing.
    @Test func `all messages come in order while other subscribers come and go`() async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.overflow = .block
                $0.queueLimit = QueueLimit(messageCount: 200)
            }
        )
        try await publisher.bind("inproc://link-guests")
        let stayer = try await Self.subscriber(of: publisher, "link-guests", to: "")
        let count = 40_000
        let sending = Task {
            for number in 0..<count { try await publisher.sendWaiting("\(number)") }
        }
        let guests = Task {
            while !Task.isCancelled {
                let guest = Subscriber()
                try await guest.subscribe(to: "")
                try await guest.connect("inproc://link-guests")
                // Until the stream is over.
                let first = try #require(Int(try await guest.receive()[0].text))
                // From then on it misses nothing either.
                #expect(try await guest.receive()[0].text == "\(first + 1)")
                await guest.close()
            }
        }
        #expect(try await stayer.receiveTexts(count) == (0..<count).map { "\($0)" })
        guests.cancel()
        _ = await guests.result
        try await sending.value
        try await stayer.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `messages that wait when the publisher closes arrive all the same`() async throws {
        let publisher = Self.publisher()
        try await publisher.bind("inproc://link-publisher-linger")
        let subscriber = try await Self.subscriber(
            of: publisher,
            "link-publisher-linger",
            to: ""
        )
        for number in 0..<20_000 { try await publisher.sendWaiting("\(number)") }
        let closing = Task { try await publisher.closeInTime() }
        #expect(try await subscriber.receiveTexts(20_000) == (0..<20_000).map { "\($0)" })
        try await closing.value
        try await subscriber.closeInTime()
    }
}
