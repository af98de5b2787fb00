import Patterns

/// Yes or no for every topic: the longest of its prefixes that is marked decides.
///
///     "" no ── "news." yes ── "news.internal." no
///
/// A message costs one walk along its topic, however many marks there are.
public final class TopicVerdicts {
    private var index = SubscriptionIndex()
    /// By terminal of `index`.
    private var verdicts: [Bool] = []
    private let refused: [[UInt8]]
    /// The verdict, when all topics have the same.
    public let uniform: Bool?

    /// `isAllowed` says yes or no at a prefix, and changes at no other topics than the `prefixes`.
    init(prefixes: [[UInt8]], isAllowed: ([UInt8]) -> Bool) {
        let marks = ([[]] + prefixes).map { (prefix: $0, isAllowed: isAllowed($0)) }
        refused = marks.filter { !$0.isAllowed }.map(\.prefix)
        let first = marks[0].isAllowed
        uniform = marks.allSatisfy { $0.isAllowed == first } ? first : nil
        for (prefix, isAllowed) in marks { add(prefix, isAllowed) }
    }

    private func add(_ prefix: [UInt8], _ isAllowed: Bool) {
        prefix.withUnsafeBytes { bytes in
            _ = index.subscribe(bytes, by: SubscriberID(0))
            guard let terminal = index.match(bytes) else { return }
            let place = Int(terminal.rawValue)
            while verdicts.count <= place { verdicts.append(false) }
            verdicts[place] = isAllowed
        }
    }

    /// Whether a message of that topic may pass.
    public func allows(_ topic: UnsafeRawBufferPointer) -> Bool {
        if let uniform { return uniform }
        guard let terminal = index.match(topic) else { return false }
        return verdicts[Int(terminal.rawValue)]
    }

    /// Whether all messages may pass that begin with `topic`.
    func allowsEverything(beginningWith topic: UnsafeRawBufferPointer) -> Bool {
        allows(topic) && !refused.contains { $0.starts(with: topic) }
    }
}
