import NIOCore
import SocketTestSupport
import Testing
import ZeroMQ

extension XPublisher {
    /// Waits until every one of these topics is asked for.
    func awaitInterest(in topics: [String]) async throws {
        try await within("interest in \(topics)") {
            var missing = Set(topics.map { Array($0.utf8) })
            while !missing.isEmpty {
                if case .subscribed(let topic) = try await self.receive() { missing.remove(topic) }
            }
        }
    }

    /// Sends messages of three parts, the topic, `name number` and some padding, then an end mark on the same topic.
    func sendNumbered(
        _ topics: [String],
        as name: String,
        count: Int,
        padding: Int = 0
    ) async throws {
        let filler = Frame([UInt8](repeating: 120, count: padding))
        for number in 0..<count {
            let topic = topics[number % topics.count]
            try await sendWaiting([Frame(topic), Frame("\(name) \(number)"), filler])
        }
        for topic in topics { try await sendWaiting([Frame(topic), Frame("\(name) end")]) }
    }
}

extension Subscriber {
    /// The numbers that came from each sender in `names`, until the end marks of all: `topicCount` from each sender.
    func receiveNumbered(
        from names: [String],
        topicCount: Int = 1,
        limit: Duration = .seconds(30)
    ) async throws -> [String: [Int]] {
        try await within("\(topicCount) end marks from \(names)", limit) {
            var numbers: [String: [Int]] = [:]
            var endCount = 0
            while endCount < names.count * topicCount {
                let words = try await self.receive()[1].text.split(separator: " ")
                if let number = Int(words[1]) {
                    numbers[String(words[0]), default: []].append(number)
                } else {
                    endCount += 1
                }
            }
            return numbers
        }
    }
}

/// All publishers send 200 messages each at the same time, on the topics "a" and "b" by turns. The subscribers, of "a" and
/// of both by turns, must get what they asked for, in order.
func exchangeNumbered(_ publishers: [XPublisher], _ subscribers: [Subscriber]) async throws {
    let names = publishers.indices.map { "p\($0)" }
    try await withThrowingTaskGroup { group in
        for (publisher, name) in zip(publishers, names) {
            group.addTask {
                try await publisher.sendNumbered(["a", "b"], as: name, count: 200)
            }
        }
        try await group.waitForAll()
    }
    for (number, subscriber) in subscribers.enumerated() {
        let isAll = !number.isMultiple(of: 2)
        let received = try await subscriber.receiveNumbered(
            from: names,
            topicCount: isAll ? 2 : 1
        )
        let expected = isAll ? Array(0..<200) : (0..<100).map { $0 * 2 }
        for name in names {
            #expect(received[name] == expected, "from \(name) at subscriber \(number)")
        }
    }
}
