import Patterns
import Testing

/// Publishers hear of a topic's first subscription and of its last cancellation.
@Suite struct ApplicationInterestTests {
    @Test(arguments: 1...4)
    func `as many cancellations as subscriptions end a topic`(count: Int) {
        var interest = ApplicationInterest()
        let told = (0..<count).map { _ in interest.handle([7], isSubscribe: true) }
        #expect(told == [true] + Array(repeating: false, count: count - 1))
        let ended = (0..<count).map { _ in interest.handle([7], isSubscribe: false) }
        #expect(ended == Array(repeating: false, count: count - 1) + [true])
        let cancelledOnceMore = interest.handle([7], isSubscribe: false)
        #expect(!cancelledOnceMore)
        let askedAnew = interest.handle([7], isSubscribe: true)
        #expect(askedAnew)
    }

    /// What a verbose XSUB passes on beside that: what was asked for again, but not what was never asked for.
    @Test func `what changes only the count is told apart from what changes nothing`() {
        var interest = ApplicationInterest()
        let steps = [true, true, false, false, false]
        let changes = steps.map { interest.change([7], isSubscribe: $0) }
        #expect(changes == [.topic, .repeated, .repeated, .topic, .none])
        let topicCount = interest.topicCount
        #expect(topicCount == 0)
    }

    @Test func `topics are counted apart`() {
        var interest = ApplicationInterest()
        for topic in [[1], [1], [1, 2]] as [[UInt8]] {
            _ = interest.handle(topic, isSubscribe: true)
        }
        let hasEnded = interest.handle([1, 2], isSubscribe: false)
        #expect(hasEnded)
        let otherHasEnded = interest.handle([1], isSubscribe: false)
        #expect(!otherHasEnded)
        var topics: [[UInt8]] = []
        interest.forEachTopic { topics.append(Array($0)) }
        #expect(topics == [[1]])
        let isWanted = ([1, 2] as [UInt8]).withUnsafeBytes { interest.isWanted($0) }
        #expect(isWanted)
        let wasEverything = interest.isEverything
        #expect(!wasEverything)
        _ = interest.handle([], isSubscribe: true)
        _ = interest.handle([1], isSubscribe: false)
        let isEverything = interest.isEverything
        #expect(isEverything)
    }
}
