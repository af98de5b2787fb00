/// One node of a `TopicTrie`: 40 bytes, no references.
///
/// Its topic is the labels from the root down to it. What `match` reads comes first.
struct TrieNode {
    var label = NodeLabel()
    /// The children, as `childLayout` says.
    var childBlock = BlockArena.noBlock
    var childCount: UInt16 = 0
    var childLayout = ChildLayout.none
    private var flags: UInt8 = 0

    /// The node above; in a free node, the next free one.
    var parent = TrieNode.none
    /// The one subscriber, or the block of several, as `holderLayout` says.
    var holder: UInt32 = 0
    /// Where the matched set is cached.
    var cacheSlot = TrieNode.none
    /// Version of the index at which the subscribers here, or at a node merged into this, changed.
    var changedAt: UInt64 = 0

    /// No node, no slot.
    static let none = UInt32.max

    /// Whether anybody subscribes to exactly this node's topic.
    var isTerminal: Bool {
        @inline(__always) get { flags & Self.holderMask != 0 }
    }

    var holderLayout: HolderLayout {
        get { HolderLayout(rawValue: flags & Self.holderMask) ?? .none }
        set { flags = flags & ~Self.holderMask | newValue.rawValue }
    }

    /// Seen by the pass that is running; clear between passes.
    var isMarked: Bool {
        get { flags & Self.markFlag != 0 }
        set { flags = newValue ? flags | Self.markFlag : flags & ~Self.markFlag }
    }

    private static let holderMask: UInt8 = 0b0011
    private static let markFlag: UInt8 = 0b0100
}

/// How the subscribers of a node's own topic are stored.
enum HolderLayout: UInt8 {
    case none
    /// `holder` is the subscriber.
    case single
    /// `holder` is a block: count, capacity, then ascending ids.
    case sorted
    /// `holder` is a block: count, word count, then one bit per id.
    case bits
}

/// How a node's children are stored. The keys are the first bytes of the children's labels.
///
/// ```
///  two four eight   8 keys, ascending │ 2, 4 or 8 ids
///  sixteen         16 keys, ascending │ 16 ids
///  indexed        256 slots, by key   │ 48 ids, dense, any order
///  direct         256 ids, by key
/// ```
enum ChildLayout: UInt8 {
    case none, two, four, eight, sixteen, indexed, direct

    var capacity: Int {
        switch self {
        case .none: 0
        case .two: 2
        case .four: 4
        case .eight: 8
        case .sixteen: 16
        case .indexed: 48
        case .direct: 256
        }
    }

    /// Bytes before the first id.
    var keyByteCount: Int {
        switch self {
        case .none, .direct: 0
        case .two, .four, .eight: 8
        case .sixteen: 16
        case .indexed: 256
        }
    }

    var unitCount: Int { (keyByteCount + capacity * 4) / BlockArena.unitByteCount }

    /// Whether the keys stand in ascending order, each beside its id.
    var isOrdered: Bool { rawValue <= Self.sixteen.rawValue }

    var larger: Self { Self(rawValue: rawValue + 1) ?? .direct }
    var smaller: Self { Self(rawValue: rawValue - 1) ?? .none }
}
