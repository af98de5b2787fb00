import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// A topic that a libzmq socket asks for several times: it sends every subscription and only the last cancellation, so whoever
/// counts what one connection sends never hears the end of it.
@Suite(.needsPeer, .sockets, .serialized, .timeLimit(.minutes(5))) struct SubscriptionInteropTests {
    struct Chain: Sendable, CustomTestStringConvertible {
        var kind: Middle.Kind
        var length: Int
        var subscriber: String
        /// How often the topic is asked for and given up.
        var times: Int

        var testDescription: String {
            "\(subscriber), \(times) times, through \(length) \(kind.rawValue)"
        }

        static let all = Middle.Kind.allCases.flatMap { kind in
            [1, 3].flatMap { length in
                ["subscriber", "xsubscriber"].flatMap { subscriber in
                    (1...3).map {
                        Chain(kind: kind, length: length, subscriber: subscriber, times: $0)
                    }
                }
            }
        }
    }

    /// Relays and proxies, one by one, give the publisher the same news.
    @Test(arguments: Chain.all)
    func `the last cancellation reaches the publisher`(chain: Chain) async throws {
        let middle = try await Middle(chain.kind, count: chain.length)
        let publisher = try PeerProcess("xpublisher", "--connect", middle.publishersEndpoint)
        let first = try PeerProcess(
            chain.subscriber,
            ["--connect", middle.subscribersEndpoint, "--topic", "a"]
        )
        let other = try PeerProcess("subscriber", "--connect", middle.subscribersEndpoint)
        for _ in 0..<chain.times { try first.send("subscribe a") }
        #expect(try await publisher.news(until: first, says: "one") == ["+a"])
        try other.send("subscribe a")
        #expect(try await publisher.news(until: other, says: "two") == [])
        for _ in 0..<chain.times { try first.send("unsubscribe a") }
        // The other one still wants it.
        #expect(try await publisher.news(until: first, says: "three") == [])
        for relay in middle.relays.suffix(1) {
            // a and two; one and three
            let held = await relay.status().peers.map(\.subscriptions).filter { $0 > 0 }
            #expect(held.sorted() == [2, 2])
        }
        try other.send("unsubscribe a")
        #expect(try await publisher.news(until: other, says: "four") == ["-a"])
        try publisher.send("send 3 64 a")
        _ = try await publisher.event("sent")
        try first.send("subscribe a")
        #expect(try await publisher.news(until: first, says: "five") == ["+a"])
        try publisher.send("send 2 64 a")
        try first.send("expect 2")
        #expect(try await first.event("received").isComplete(count: 2, from: 3))
        await first.close()
        await other.close()
        await publisher.close()
        await middle.close()
    }

    @Test(arguments: 1...3, [SubscriptionVerbosity.changes, .everySubscription, .everything])
    func `a publisher of ours holds a topic once for a connection`(
        times: Int,
        verbosity: SubscriptionVerbosity
    ) async throws {
        let publisher = XPublisher(options: SocketOptions { $0.verbosity = verbosity })
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess("subscriber", "--connect", endpoint)
        for _ in 0..<times { try peer.send("subscribe a") }
        for _ in 0..<times { try peer.send("unsubscribe a") }
        try peer.send("subscribe end")
        var news: [SubscriptionNews] = []
        while news.last != .subscribed(topic: Array("end".utf8)) {
            news.append(try await within("news") { try await publisher.receive() })
        }
        // Like ZMQ_XPUB_VERBOSE, the verbose ones pass on what changes nothing.
        let toldCount = verbosity == .changes ? 1 : times
        #expect(
            news == Array(repeating: .subscribed(topic: Array("a".utf8)), count: toldCount) + [
                .cancelled(topic: Array("a".utf8)), .subscribed(topic: Array("end".utf8)),
            ]
        )
        try await within("close") { await publisher.close() }
        await peer.close()
    }
}

extension PeerProcess {
    /// What an xpublisher learns until `subscriber` asks for one more topic, as `+topic` and `-topic`.
    fileprivate func news(
        until subscriber: PeerProcess,
        says topic: String
    ) async throws -> [String] {
        try subscriber.send("subscribe \(topic)")
        var news: [String] = []
        while news.last != "+" + topic {
            let event = try await event(oneOf: ["subscribed", "unsubscribed"])
            news.append((event.event == "subscribed" ? "+" : "-") + (event.topic ?? ""))
        }
        return news.dropLast()
    }
}
