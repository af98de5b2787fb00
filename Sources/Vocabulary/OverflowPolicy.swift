/// What happens to a message for a subscriber whose outbound queue is at its high-water mark.
///
/// The raw value is the word used in topology files and on the command line. Whatever the policy
/// drops is counted per subscriber; subscriptions and heartbeats never count against the mark.
public enum OverflowPolicy: String, CaseIterable, Sendable {
    /// The arriving message is dropped for this subscriber: what ZeroMQ's PUB does.
    case dropNewest = "drop-newest"
    /// The oldest queued message makes room for the arriving one.
    case dropOldest = "drop-oldest"
    /// The subscriber is disconnected and has to come back: slow is treated as gone.
    case disconnect
    /// Nothing is lost: reading upstream stops until the slowest subscriber has drained.
    case block

    /// A word that names no policy. The message lists the words that do.
    public struct UnknownWord: Error, Equatable, CustomStringConvertible {
        public let word: String

        public var description: String {
            let words = OverflowPolicy.allCases.map { "'\($0.rawValue)'" }
            return "'\(word)' is not an overflow policy; use one of "
                + words.joined(separator: ", ")
        }
    }

    /// Reads the word of a file or an option. Words are matched exactly, in lower case.
    public init(word: String) throws(UnknownWord) {
        guard let policy = Self(rawValue: word) else { throw UnknownWord(word: word) }
        self = policy
    }
}

extension OverflowPolicy: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = try OverflowPolicy(word: container.decode(String.self))
        } catch let error as UnknownWord {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: error.description
            )
        }
    }
}
