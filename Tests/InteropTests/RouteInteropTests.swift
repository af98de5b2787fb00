import ZMTP
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

@testable import XylemPeer

/// Ours and libzmq's, both ways, over each transport, whoever binds.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct RouteInteropTests {
    struct Route: Sendable, CustomTestStringConvertible {
        var peer: String
        var isX: Bool
        var binding: String
        var weBind: Bool

        var testDescription: String {
            "\(isX ? "X" : "")ours with \(peer), \(weBind ? "ours" : "theirs") at \(binding)"
        }

        static func all(_ peers: [String]) -> [Route] {
            peers.flatMap { peer in
                [false, true].flatMap { isX in
                    ["tcp://127.0.0.1:*", "ipc://*"].flatMap { binding in
                        [false, true].map {
                            Route(peer: peer, isX: isX, binding: binding, weBind: $0)
                        }
                    }
                }
            }
        }

        /// Starts the peer and joins it with `socket`.
        func join(_ socket: Socket, _ options: [String]) async throws -> PeerProcess {
            guard weBind else {
                let process = try PeerProcess(peer, ["--bind", binding] + options)
                try await socket.connect(try await process.endpoint())
                return process
            }
            let endpoint = try await socket.bind(binding).description
            return try PeerProcess(peer, ["--connect", endpoint] + options)
        }
    }

    private static let messages = NumberedMessage(topic: "weather.", sequence: 0)
    private static let multipart = NumberedMessage(
        topic: "weather.",
        sequence: 0,
        byteCount: 300,
        partCount: 4
    )

    @Test(arguments: Route.all(["subscriber", "xsubscriber"]))
    func `they receive what we send`(route: Route) async throws {
        let publisher: PublishingSocket = route.isX ? XPublisher() : Publisher()
        let peer = try await route.join(
            publisher,
            ["--topic", "weather.", "--subscribe", "weather."]
        )
        try await publisher.probe("weather.", until: peer)
        try await publisher.send(0..<2_000, like: Self.messages)
        publisher.send("climate.")
        try await publisher.send(2_000..<2_500, like: Self.multipart)
        try peer.send("expect 2500")
        let received = try await peer.event("received")
        #expect(received.isComplete(count: 2_500), "\(received)")
        #expect(received.other == 0)
        try await within("close") { await publisher.close() }
        await peer.close()
    }

    @Test(arguments: Route.all(["publisher", "xpublisher"]))
    func `we receive what they send`(route: Route) async throws {
        let subscriber: SubscribingSocket = route.isX ? XSubscriber() : Subscriber()
        let peer = try await route.join(subscriber, ["--no-drop", "--sndhwm", "0"])
        try await subscriber.subscribe(to: "weather.")
        try await subscriber.awaitProbe("weather.", of: peer)
        try peer.send("send 2000 64 weather.\nsend 10 64 climate.\nsend 500 300 weather. 4")
        #expect(try await subscriber.compare(0..<2_000, with: Self.messages) == 0)
        #expect(try await subscriber.compare(2_000..<2_500, with: Self.multipart) == 0)
        try await subscriber.unsubscribe(from: "weather.")
        try await within("close") { await subscriber.close() }
        await peer.close()
    }

    @Test func `messages go upstream`() async throws {
        let publisher = XPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let theirs = try PeerProcess("xsubscriber", "--connect", endpoint)
        _ = try await theirs.event("handshaken")
        try theirs.send("upstream hello up there")
        let news = try await within("message") { try await publisher.receive() }
        #expect(news == .message("hello up there"))
        let subscriber = XSubscriber()
        let peer = try PeerProcess("xpublisher", "--bind", "tcp://127.0.0.1:*")
        try await subscriber.connect(try await peer.endpoint())
        try await subscriber.subscribe(to: "a")
        #expect(try await peer.event("subscribed").topic == "a")
        try await subscriber.send("hello from below")
        #expect(try await peer.event("upstream").message == "hello from below")
        try await subscriber.unsubscribe(from: "a")
        #expect(try await peer.event("unsubscribed").topic == "a")
        for socket in [publisher, subscriber] as [Socket] {
            try await within("close") { await socket.close() }
        }
        await peer.close()
        await theirs.close()
    }

    @Test func `a publisher cannot subscribe to a publisher`() async throws {
        let publisher = Publisher()
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess("publisher", "--connect", endpoint)
        let reason = try await events.nextDisconnect()
        // It leaves as soon as it has heard our type, and may not have told its own by then.
        let texts = [
            "a PUB socket cannot talk to a PUB socket",
            "the peer left when it had heard that this is a PUB socket, which talks to SUB and XSUB",
        ]
        #expect(texts.contains(reason.description))
        #expect(await publisher.subscriberCount() == 0)
        try await within("close") { await publisher.close() }
        await peer.close()
    }
}
