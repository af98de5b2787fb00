import Glibc
import Transports
import SocketTestSupport
import Testing
import ZeroMQ

/// Every pair of socket types over every kind of endpoint, whoever binds.
@Suite(.sockets, .timeLimit(.minutes(5))) struct RouteTests {
    struct Route: Sendable, CustomTestStringConvertible {
        var bind: String
        /// What replaces the host of the resolved endpoint when connecting.
        var host: String?

        var testDescription: String { host.map { "\(bind) as \($0)" } ?? bind }

        static let all = [
            Route(bind: "tcp://127.0.0.1:*"),
            Route(bind: "tcp://[::1]:*"),
            Route(bind: "tcp://*:*"),
            Route(bind: "tcp://*:0", host: "localhost"),
            Route(bind: "tcp://localhost:*"),
            Route(bind: "tcp://lo:*", host: "127.0.0.1"),
            Route(bind: "tcp://[::]:*", host: "127.0.0.1"),
            Route(bind: "ipc://*"),
            Route(bind: "ipc://@xylem-route-\(getpid())"),
            Route(bind: "inproc://route"),
        ]

        func connectEndpoint(_ resolved: String) -> String {
            guard let host, let colon = resolved.lastIndex(of: ":") else { return resolved }
            return "tcp://\(host)\(resolved[colon...])"
        }
    }

    struct Pair: Sendable, CustomTestStringConvertible {
        var isXPublisher: Bool
        var isXSubscriber: Bool
        var publisherBinds: Bool

        var testDescription: String {
            let sender = isXPublisher ? "XPUB" : "PUB"
            let receiver = isXSubscriber ? "XSUB" : "SUB"
            return "\(sender) to \(receiver), \(publisherBinds ? sender : receiver) binds"
        }

        static let all = [false, true].flatMap { isXPublisher in
            [false, true].flatMap { isXSubscriber in
                [false, true].map { publisherBinds in
                    Pair(
                        isXPublisher: isXPublisher,
                        isXSubscriber: isXSubscriber,
                        publisherBinds: publisherBinds
                    )
                }
            }
        }
    }

    // One after the other: the names of two of the routes are fixed.
    @Test(arguments: Route.all)
    func `messages arrive whole and in order`(route: Route) async throws {
        for pair in Pair.all { try await exchange(pair, over: route) }
    }

    private func exchange(_ pair: Pair, over route: Route) async throws {
        let publisher: PublishingSocket = pair.isXPublisher ? XPublisher() : Publisher()
        let subscriber: SubscribingSocket = pair.isXSubscriber ? XSubscriber() : Subscriber()
        let binding: Socket = pair.publisherBinds ? publisher : subscriber
        let connecting: Socket = pair.publisherBinds ? subscriber : publisher
        let endpoint = try await binding.bind(route.bind).description
        #expect(!endpoint.contains("*"))
        try await connecting.connect(route.connectEndpoint(endpoint))
        try await subscriber.subscribe(to: "a.")
        try await subscriber.attach(to: publisher, topic: "a.")
        let large = Frame([UInt8](repeating: 42, count: 70_000))
        for number in 0..<50 {
            publisher.send(["b.", "not asked for"])
            publisher.send(["a.", Frame("\(number)"), "", number % 10 == 0 ? large : "small"])
        }
        let messages = try await subscriber.receive(50)
        #expect(messages.map { $0[1].text } == (0..<50).map(String.init), "\(pair)")
        #expect(messages.allSatisfy { $0.count == 4 && $0[2].count == 0 })
        #expect(messages[40][3] == large && messages[41][3].text == "small")
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test(arguments: ["tcp://127.0.0.1:", "ipc://@xylem-early-", "inproc://early-"])
    func `a connect may come before its bind`(stem: String) async throws {
        let options = SocketOptions {
            $0.reconnectInitial = .milliseconds(5)
            $0.reconnectMaximum = .milliseconds(20)
        }
        // A port that was free a moment ago.
        let scout = Publisher()
        let endpoint =
            stem.hasPrefix("tcp")
            ? try await scout.bind(stem + "*").description : stem + "\(getpid())"
        try await scout.closeInTime()
        let subscriber = Subscriber(options: options)
        let events = subscriber.events
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(endpoint)
        if !stem.hasPrefix("inproc") {
            _ = try await events.next("retrying event") {
                if case .retrying = $0 { true } else { false }
            }
        }
        let publisher = XPublisher()
        try await publisher.bind(endpoint)
        try await publisher.awaitSubscription("")
        publisher.send("hello")
        #expect(try await subscriber.receiveTexts(1) == ["hello"])
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }
}
