import Patterns
import Routing

/// Topics as text, so that tests read.
extension InterestCore {
    mutating func subscribe(_ topic: String, by subscriber: UInt32, in tree: TreeID? = nil) {
        Array(topic.utf8).withUnsafeBytes {
            _ = handleSubscription($0, isSubscribe: true, by: SubscriberID(subscriber), in: tree)
        }
    }

    mutating func cancel(_ topic: String, by subscriber: UInt32, in tree: TreeID? = nil) {
        Array(topic.utf8).withUnsafeBytes {
            _ = handleSubscription($0, isSubscribe: false, by: SubscriberID(subscriber), in: tree)
        }
    }

    mutating func demand(_ topic: String, isSubscribe: Bool = true, in tree: Int = 0) {
        Array(topic.utf8).withUnsafeBytes {
            handleDemand($0, isSubscribe: isSubscribe, in: TreeID(tree))
        }
    }

    /// What is to be told, in order, as `+topic` or `-topic`, with the tree's name and the audience in front.
    mutating func announced() -> [String] {
        var lines: [String] = []
        var told: [(TreeID, String)] = []
        takeAnnouncements().forEach { tree, audience, topic, isSubscribe in
            let sign = isSubscribe ? "+" : "-"
            let text = String(decoding: topic, as: UTF8.self)
            told.append((tree, "\(audience) \(sign)\(text)"))
        }
        for (tree, line) in told { lines.append("\(seat(tree).name) \(line)") }
        return lines
    }

    func branchTopics(of tree: Int) -> [String] {
        var topics: [String] = []
        forEachBranchTopic(of: TreeID(tree)) { topics.append(String(decoding: $0, as: UTF8.self)) }
        return topics.sorted()
    }

    func demandTopics(of tree: Int? = nil) -> [String] {
        var topics: [String] = []
        forEachDemand(of: tree.map { TreeID($0) }) {
            topics.append(String(decoding: $0, as: UTF8.self))
        }
        return topics.sorted()
    }

    /// The name of the tree that carries messages with this topic.
    func treeName(of topic: String) -> String? {
        Array(topic.utf8).withUnsafeBytes { tree(of: $0) }.map { seat($0).name }
    }

    /// Whom a message of that tree goes to.
    func receivers(of topic: [UInt8], in tree: TreeID) -> [SubscriberID] {
        topic.withUnsafeBytes { bytes in
            withBranch(of: tree) { branch in
                branch.match(bytes).map { Array(branch.matchedSet(of: $0)) } ?? []
            }
        }
    }
}
