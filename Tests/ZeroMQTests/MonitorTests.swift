import SocketTestSupport
import Testing
import Transports
import ZMTP
import ZeroMQ

/// The events of a socket, in order.
@Suite(.sockets, .timeLimit(.minutes(5))) struct MonitorTests {
    static func word(_ event: SocketEvent) -> String {
        switch event {
        case .listening: "listening"
        case .stoppedListening: "stopped"
        case .bindFailed: "bind failed"
        case .acceptFailed: "accept failed"
        case .closeFailed: "close failed"
        case .dialling: "dialling"
        case .statistics: "statistics"
        case .acceptPaused: "paused"
        case .acceptResumed: "resumed"
        case .opened(_, let isDialled): isDialled ? "connected" : "accepted"
        case .established(_, let peer): "established with \(peer.socketType.rawValue)"
        case .disconnected(_, let reason): "disconnected: \(reason)"
        case .retrying: "retrying"
        case .gaveUp: "gave up"
        case .multicast(_, let event): "multicast: \(event)"
        }
    }

    @Test func `a life is told in order`() async throws {
        let publisher = XPublisher()
        let subscriber = Subscriber(
            options: SocketOptions {
                $0.reconnectInitial = .milliseconds(5)
                $0.reconnectMaximum = .milliseconds(5)
            }
        )
        let publisherEvents = publisher.events
        let subscriberEvents = subscriber.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        try await publisher.unbind(endpoint)
        try await publisher.closeInTime()
        // Nobody listens there any more.
        var told: [String] = []
        for _ in 0..<8 {
            told.append(Self.word(try await subscriberEvents.next("event") { _ in true }))
        }
        try await subscriber.closeInTime()
        #expect(
            told == [
                "dialling", "connected", "established with XPUB",
                "disconnected: the peer closed the connection", "retrying", "dialling", "retrying",
                "dialling",
            ]
        )
        let all = try await within("end of the events") {
            var words: [String] = []
            for await event in publisherEvents { words.append(Self.word(event)) }
            return words
        }
        #expect(
            all == [
                "listening", "accepted", "established with SUB", "stopped",
                "disconnected: closed by this side",
            ]
        )
    }

    @Test func `a refused peer is told of with the reason on both sides`() async throws {
        let publisher = XPublisher()
        let other = Publisher(options: SocketOptions { $0.reconnectInitial = .seconds(10) })
        let (accepted, dialled) = (publisher.events, other.events)
        try await other.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
        let reasons = [try await accepted.nextDisconnect(), try await dialled.nextDisconnect()]
        for reason in reasons {
            #expect(reason.description.contains("cannot talk to"), "\(reason)")
        }
        try await other.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `anybody may watch, and stop watching`() async throws {
        let publisher = Publisher()
        let first = publisher.events
        let second = publisher.events
        let watch = Task { for await _ in publisher.events {} }
        watch.cancel()
        try await within("end of a cancelled watch") { await watch.value }
        try await publisher.bind("inproc://watched")
        for events in [first, second] {
            #expect(Self.word(try await events.next("event") { _ in true }) == "listening")
        }
        try await publisher.closeInTime()
        let late = publisher.events
        try await within("end of late events") { for await _ in late {} }
    }
}
