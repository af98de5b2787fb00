import NIOCore
import SocketTestSupport
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
