import Transports
import Vocabulary

/// What became of peers that have left: kept, so that what they missed can still be read.
struct Departures {
    private(set) var sums: [NodeStatus.Departed] = []
    private(set) var last: [NodeStatus.Departed] = []
    /// Peers that were disconnected for exceeding one of the `PeerLimits`.
    var limitDisconnectCount = 0

    mutating func add(_ departed: NodeStatus.Departed) {
        if last.count == Self.lastCountMax { last.removeFirst() }
        last.append(departed)
        if let place = sums.firstIndex(where: { $0.isSame(as: departed) }) {
            return sums[place].add(departed)
        }
        guard sums.count < Self.sumCountMax else {
            // Names are what strangers say of themselves: from here on they share a row.
            var others = departed
            others.node = nil
            if let place = sums.firstIndex(where: { $0.isSame(as: others) }) {
                return sums[place].add(others)
            }
            return sums.append(others)
        }
        sums.append(departed)
    }

    /// What had been kept for a child that left earlier, and did not come back, is dropped.
    mutating func addExpired(_ count: Int, node: String, tree: String) {
        for place in sums.indices
        where sums[place].role == "child-feed" && sums[place].node == node
            && sums[place].tree == tree
        {
            sums[place].droppedMessages += count
            if count > 0 { sums[place].drops[DropReason.expired.word, default: 0] += count }
        }
    }

    private static let lastCountMax = 100
    private static let sumCountMax = 200
}

extension DropCounts {
    /// As status says it.
    var byWord: [String: Int] {
        Dictionary(uniqueKeysWithValues: reasons.map { ($0.word, self[$0]) })
    }
}
