import SocketTestSupport
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(1))) struct InprocTests {
    @Test func `inproc`() async throws {
        let publisher = XPublisher()
        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "a")
        try await subscriber.connect("inproc://smoke")
        try await publisher.bind("inproc://smoke")
        let news = try await within("news") { try await publisher.receive() }
        #expect(news == .subscribed(topic: Array("a".utf8)))
    }
}
