/// Which messages a target should have: what it subscribed to, from when, until when.
struct Expectation {
    enum Answer {
        case yes
        /// It did not ask for such topics.
        case no
        /// It asked for them at another time, or the stream was not there yet.
        case notYet
        /// What it asked for was not captured, and nothing like it ever came.
        case unknown
        /// The capture, or the connection, ended too soon to tell.
        case inFlight
    }

    /// One prefix, on the first clock.
    struct Interest {
        var prefix: [UInt8]
        var since: Int64
        var until: Int64?
    }

    var interests: [Interest] = []
    /// All that it subscribed to is known. Otherwise, everything that resembles what came.
    var isKnown = false
    /// A group's member gets whatever is sent to it.
    var wantsEverything = false
    /// Nothing before this was meant for it.
    var startNanoseconds: Int64?
    /// Nothing can be said of what passes after this.
    var endNanoseconds: Int64?
    /// The first words of topics that came, when `isKnown` is not the case.
    var words: Set<TopicPrefix> = []

    /// `isInside`: messages before and after it came, so neither the start nor the end can be the reason.
    func answer(_ topic: TopicPrefix, at nanoseconds: Int64, isInside: Bool) -> Answer {
        if !isInside {
            if let endNanoseconds, nanoseconds > endNanoseconds { return .inFlight }
            if let startNanoseconds, nanoseconds < startNanoseconds { return .notYet }
        }
        if wantsEverything { return .yes }
        guard isKnown else { return words.contains(topic.word) ? .yes : .unknown }
        var answer = Answer.no
        for interest in interests {
            switch topic.matches(interest.prefix) {
            case .no: continue
            case .possible: if answer == .no { answer = .unknown }
            case .yes:
                // A subscription takes a moment to arrive, unless messages came already.
                let isMade = isInside || nanoseconds >= interest.since &+ Self.settlingNanoseconds
                let isWithin = isMade && nanoseconds < (interest.until ?? .max)
                if isWithin { return .yes }
                answer = .notYet
            }
        }
        return answer
    }

    private static let settlingNanoseconds: Int64 = 100_000_000
}

extension TopicPrefix {
    /// Its beginning without what looks like a number: messages of one kind have one word.
    var word: TopicPrefix {
        var word = TopicPrefix(high: 0, low: 0, count: 0, isWhole: true)
        let kept = bytes.prefix { $0 >= UInt8(ascii: "A") || $0 == UInt8(ascii: ".") }
        Array(kept).withUnsafeBytes { word = TopicPrefix($0) }
        return word
    }
}
