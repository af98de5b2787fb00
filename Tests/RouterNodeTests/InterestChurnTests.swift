import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// Interest ends with the last who had it, whatever comes and goes at the same time.
@Suite(.serialized) struct InterestChurnTests {
    @Test(arguments: [1, 2])
    func `no publisher is left with a wish that nobody has any more`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let relays = try await lab.startChain(count: 2) { $0.threadCount = threads }
            let topics = (0..<20).map { "topic \($0);" }
            for _ in 0..<10 {
                // Publishers come while subscriptions are on their way, and half of the subscribers go unannounced.
                let (publishers, subscribers) = try await withThrowingTaskGroup { group in
                    for number in 0..<16 {
                        group.addTask { () -> (XPublisher?, Subscriber?) in
                            let relay = relays[number % 2]
                            return number % 4 < 2
                                ? (try await lab.publisher(at: relay), nil)
                                : (nil, try await lab.subscriber(at: relay, topics: topics))
                        }
                    }
                    var publishers: [XPublisher] = []
                    var subscribers: [Subscriber] = []
                    for try await (publisher, subscriber) in group {
                        if let publisher { publishers.append(publisher) }
                        if let subscriber { subscribers.append(subscriber) }
                    }
                    return (publishers, subscribers)
                }
                try await lab.settle(subscribers, to: publishers)
                for (number, subscriber) in subscribers.enumerated() {
                    if number.isMultiple(of: 2) {
                        try await subscriber.unsubscribe(from: topics.map { Array($0.utf8) })
                    }
                    await subscriber.close()
                }
                for publisher in publishers {
                    try await publisher.awaitEnd(of: topics)
                    await publisher.close()
                }
            }
            for relay in relays {
                try await relay.eventually("nothing") {
                    $0.totals.topics == 0 && $0.totals.subscribers == 0 && $0.totals.publishers == 0
                }
            }
        }
    }
}

extension XPublisher {
    /// Waits until every one of these topics, asked for before, is cancelled.
    fileprivate func awaitEnd(of topics: [String]) async throws {
        try await within("end of all interest") {
            var left = Set(topics.map { Array($0.utf8) })
            while !left.isEmpty {
                switch try await self.receive() {
                case .cancelled(let topic): left.remove(topic)
                case .subscribed, .message: break
                }
            }
        }
    }
}
