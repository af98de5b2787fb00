/// Changes of interest that others must be told of, oldest first, in one flat buffer: a million subscriptions make a
/// million of these, and none is an object.
public struct Announcements: Sendable {
    public enum Audience: Sendable {
        /// The parent of the tree: it sends down what the branch wants.
        case parent
        /// The tree's publishers, and the children that publish for their own.
        case publishers
    }

    private struct Item: Sendable {
        var tree: TreeID
        var audience: Audience
        var isSubscribe: Bool
        var end: Int
    }

    private var items: [Item] = []
    private var bytes: [UInt8] = []
    /// By tree.
    private var countsToParents: [Int]
    private var countsToPublishers: [Int]

    init(treeCount: Int) {
        countsToParents = Array(repeating: 0, count: treeCount)
        countsToPublishers = countsToParents
    }

    public var isEmpty: Bool { items.isEmpty }

    /// Whether there are changes for that audience in a tree, or with `nil` in any.
    func hasChanges(in tree: TreeID?, to audience: Audience) -> Bool {
        let counts = audience == .parent ? countsToParents : countsToPublishers
        return tree.map { counts[$0.rawValue] > 0 } ?? counts.contains { $0 > 0 }
    }

    mutating func append(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        in tree: TreeID,
        to audience: Audience
    ) {
        bytes.append(contentsOf: topic)
        items.append(
            Item(tree: tree, audience: audience, isSubscribe: isSubscribe, end: bytes.count)
        )
        switch audience {
        case .parent: countsToParents[tree.rawValue] += 1
        case .publishers: countsToPublishers[tree.rawValue] += 1
        }
    }

    /// Calls `body` with each change in order. The topic's bytes are good during the call.
    public func forEach(
        _ body: (TreeID, Audience, _ topic: UnsafeRawBufferPointer, _ isSubscribe: Bool) -> Void
    ) {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            for item in items {
                body(
                    item.tree,
                    item.audience,
                    UnsafeRawBufferPointer(rebasing: bytes[start..<item.end]),
                    item.isSubscribe
                )
                start = item.end
            }
        }
    }

    mutating func removeAll() {
        // The memory of one large burst must not be kept for ever.
        let isLarge = bytes.capacity > 1 << 20
        items.removeAll(keepingCapacity: !isLarge)
        bytes.removeAll(keepingCapacity: !isLarge)
        for number in countsToParents.indices {
            countsToParents[number] = 0
            countsToPublishers[number] = 0
        }
    }
}
