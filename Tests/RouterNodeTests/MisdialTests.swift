import RouterNode
import SocketTestSupport
import Testing
import Transports
import Vocabulary
import ZMTP
import ZeroMQ

/// Who connects to the wrong one of a relay's two endpoints.
@Suite(.serialized) struct MisdialTests {
    @Test func `a publisher is told of the publishers endpoint, a subscriber of the other`()
        async throws
    {
        try await RelayLab.run { lab in
            let relay = try await lab.start("one")
            let publisher = Publisher()
            let subscriber = Subscriber()
            let endpoints = try #require(relay.endpoints)
            for (socket, wrong, right, word) in [
                (publisher as Socket, endpoints.subscribers, endpoints.publishers, "publishers"),
                (subscriber as Socket, endpoints.publishers, endpoints.subscribers, "subscribers"),
            ] {
                let events = socket.events
                try await socket.connect(wrong.description)
                let event = try await events.next("another try") {
                    if case .retrying = $0 { true } else { false }
                }
                let port = right.address.split(separator: ":").last ?? ""
                #expect("\(event)".contains("; use the \(word) endpoint, port \(port); trying"))
                await socket.close()
            }
            // Those who are right are not bothered.
            let good = try await lab.subscriber(at: relay, topics: ["a"])
            try await relay.eventually("the subscription") { $0.totals.subscriptions == 1 }
            await good.close()
        }
    }
}
