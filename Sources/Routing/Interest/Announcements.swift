/// Changes of interest that the shell must tell others, oldest first, in one flat buffer: a million subscriptions make
/// a million of these, and none is an object.
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

    public init() {}

    public var isEmpty: Bool { items.isEmpty }

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
    }

    /// Calls `body` for each in order.
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
        // One large burst must not keep its memory for ever.
        let isLarge = bytes.capacity > 1 << 20
        items.removeAll(keepingCapacity: !isLarge)
        bytes.removeAll(keepingCapacity: !isLarge)
    }
}
