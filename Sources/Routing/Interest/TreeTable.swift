import Patterns

/// Which tree a topic belongs to: the one with the longest prefix of it.
struct TreeTable: ~Copyable {
    private var index = SubscriptionIndex()
    /// By terminal of `index`.
    private var trees: [TreeID?] = []
    private var prefixes: [(bytes: [UInt8], tree: TreeID)] = []
    /// The only tree, when it takes everything.
    private var only: TreeID?

    init(_ seats: [TreeSeat]) {
        for (number, seat) in seats.enumerated() {
            for prefix in seat.prefixes { add(prefix, TreeID(number)) }
        }
        if prefixes.count == 1, prefixes[0].bytes.isEmpty { only = prefixes[0].tree }
    }

    private mutating func add(_ prefix: [UInt8], _ tree: TreeID) {
        prefixes.append((prefix, tree))
        prefix.withUnsafeBytes { bytes in
            _ = index.subscribe(bytes, by: SubscriberID(0))
            guard let terminal = index.match(bytes) else { return }
            let place = Int(terminal.rawValue)
            while trees.count <= place { trees.append(nil) }
            trees[place] = tree
        }
    }

    var allPrefixes: [[UInt8]] { prefixes.map(\.bytes) }

    /// The tree that carries messages with this topic; `nil` when none does.
    func tree(of topic: UnsafeRawBufferPointer) -> TreeID? {
        if let only { return only }
        guard let terminal = index.match(topic) else { return nil }
        return trees[Int(terminal.rawValue)]
    }

    /// Whether some tree's prefix begins with `topic`, so that a subscription to it is narrowed, or looks as if it were.
    func isNarrowing(_ topic: UnsafeRawBufferPointer) -> Bool {
        only == nil && prefixes.contains { $0.bytes.starts(with: topic) }
    }

    /// Where a subscription to `topic` must be held so that every message it matches is seen exactly once: in the
    /// tree that carries the topic itself, and in each tree whose prefix begins with it, narrowed to that prefix.
    func forEachPlace(
        of topic: UnsafeRawBufferPointer,
        _ body: (TreeID, UnsafeRawBufferPointer) -> Void
    ) {
        if let tree = tree(of: topic) { body(tree, topic) }
        guard only == nil else { return }
        for (prefix, tree) in prefixes
        where prefix.count > topic.count && prefix.starts(with: topic) {
            prefix.withUnsafeBytes { body(tree, $0) }
        }
    }
}
