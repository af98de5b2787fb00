import SocketTestSupport
import ZeroMQ

extension SubscribingSocket {
    /// The next `count` messages.
    func receive(_ count: Int, _ limit: Duration = .seconds(30)) async throws -> [Message] {
        try await within("\(count) messages", limit) {
            var messages: [Message] = []
            while messages.count < count { messages.append(try await self.receive()) }
            return messages
        }
    }

    /// The last frames of the next `count` messages.
    func receiveTexts(_ count: Int) async throws -> [String] {
        try await receive(count).map { $0[$0.count - 1].text }
    }

    /// Waits until messages of `publisher` arrive here, and takes all that were sent for it. A PUB does not tell of
    /// its subscribers, so it has to be tried.
    func attach(to publisher: PublishingSocket, topic: String) async throws {
        try await eventually("first message") {
            publisher.send([Frame(topic), "probe"])
            return self.tryReceive() != nil
        }
        publisher.send([Frame(topic), "attached"])
        try await within("last probe") {
            while try await self.receive()[1].text != "attached" {}
        }
    }
}

extension XPublisher {
    /// Waits for that piece of news; other pieces are passed over.
    func awaitNews(_ news: SubscriptionNews) async throws {
        try await within("\(news)") {
            while try await self.receive() != news {}
        }
    }

    func awaitSubscription(_ topic: String) async throws {
        try await awaitNews(.subscribed(topic: Array(topic.utf8)))
    }

    func awaitCancellation(_ topic: String) async throws {
        try await awaitNews(.cancelled(topic: Array(topic.utf8)))
    }
}

extension Socket {
    func closeInTime(_ limit: Duration = .seconds(30)) async throws {
        try await within("close", limit) { await self.close() }
    }
}

/// A socket that is watched and not kept. Its release may come a moment after its last use: a task that is over lets
/// its captures go on its own thread.
struct Watched: Sendable {
    private weak let socket: Socket?

    init(_ socket: Socket) {
        self.socket = socket
    }

    func awaitRelease() async throws {
        try await eventually("release of the socket") { self.socket == nil }
    }
}
