/// A radix trie of topics whose nodes are indices into one flat array.
///
/// ```
///                 root ""
///              ┌─────┴──────┐
///          "weather."     "md"            a node is terminal when somebody holds its topic;
///          ┌────┴───┐                     any other node but the root has two children or more
///       "oslo"   "paris"
/// ```
///
/// A node keeps its index as long as its topic is held: splitting an edge puts the new node above,
/// merging removes the upper node. Nothing here recurses, so a topic may be as long as it likes.
/// Several topics that share a prefix share its bytes.
struct TopicTrie: ~Copyable {
    /// Index of a node; `TrieNode.none` for none.
    typealias NodeID = UInt32

    private(set) var nodes: UnsafeMutablePointer<TrieNode>
    private var capacity: Int
    private var used: Int
    private var freeNode = TrieNode.none
    /// Bytes of the labels too long for their nodes.
    private var labelByteCount = 0
    /// Child tables and sets of holders.
    var arena = BlockArena()

    static let root: NodeID = 0

    init() {
        capacity = Self.initialNodeCount
        nodes = .allocate(capacity: capacity)
        nodes.initialize(to: TrieNode())
        used = 1
    }

    deinit {
        deallocateLabels()
        nodes.deallocate()
    }

    var byteCount: Int {
        capacity * MemoryLayout<TrieNode>.stride + arena.byteCount + labelByteCount
    }

    /// Whether the id is that of a node whose topic somebody holds.
    @inline(__always)
    func isTerminal(_ id: NodeID) -> Bool {
        Int(id) < used && nodes[Int(id)].isTerminal
    }

    // MARK: - Looking up

    /// The deepest terminal whose topic begins the message, or `TrieNode.none`.
    func match(_ message: UnsafeRawBufferPointer) -> NodeID {
        var node = nodes
        var deepest = node.pointee.isTerminal ? Self.root : TrieNode.none
        guard node.pointee.childCount > 0, var bytes = message.baseAddress else { return deepest }
        var count = message.count
        while count > 0 {
            let next = child(of: node, key: bytes.load(as: UInt8.self))
            guard next != TrieNode.none else { break }
            node = nodes + Int(next)
            guard node.pointee.label.isPrefix(of: bytes, count: count) else { break }
            if node.pointee.isTerminal { deepest = next }
            let length = Int(node.pointee.label.byteCount)
            bytes += length
            count &-= length
        }
        return deepest
    }

    /// The node of exactly this topic, or `TrieNode.none`.
    func find(_ topic: UnsafeRawBufferPointer) -> NodeID {
        var id = Self.root
        guard var bytes = topic.baseAddress else { return id }
        var count = topic.count
        while count > 0 {
            id = child(of: nodes + Int(id), key: bytes.load(as: UInt8.self))
            guard id != TrieNode.none,
                nodes[Int(id)].label.isPrefix(of: bytes, count: count)
            else { return TrieNode.none }
            let length = Int(nodes[Int(id)].label.byteCount)
            bytes += length
            count -= length
        }
        return id
    }

    // MARK: - Changing

    /// The node of exactly this topic, made if need be. A new node has no holder yet: give it one.
    mutating func insert(_ topic: UnsafeRawBufferPointer) -> NodeID {
        precondition(topic.count < Int(UInt32.max), "a topic is shorter than 4 GB")
        var id = Self.root
        guard var bytes = topic.baseAddress else { return id }
        var count = topic.count
        while count > 0 {
            let key = bytes.load(as: UInt8.self)
            let next = child(of: nodes + Int(id), key: key)
            guard next != TrieNode.none else {
                let leaf = allocateNode(
                    label: NodeLabel(copying: UnsafeRawBufferPointer(start: bytes, count: count)),
                    parent: id
                )
                addChild(leaf, key: key, to: id)
                return leaf
            }
            let label = nodes[Int(next)].label
            let shared = label.commonPrefixCount(with: bytes, count: count)
            id = shared == Int(label.byteCount) ? next : split(next, at: shared)
            bytes += shared
            count -= shared
        }
        return id
    }

    /// Removes what the structure no longer needs, after the last holder of `id` has gone.
    mutating func prune(_ id: NodeID) {
        guard id != Self.root else { return }
        switch nodes[Int(id)].childCount {
        case 0:
            let parent = nodes[Int(id)].parent
            removeChild(key: nodes[Int(id)].label.firstByte, from: parent)
            freeNode(id)
            let above = nodes[Int(parent)]
            if parent != Self.root, !above.isTerminal, above.childCount == 1 {
                mergeIntoOnlyChild(parent)
            }
        case 1: mergeIntoOnlyChild(id)
        default: break
        }
    }

    /// Forgets every topic and gives the memory back. The holders must have gone before.
    mutating func removeAll() {
        deallocateLabels()
        arena.removeAll()
        if capacity > Self.initialNodeCount {
            nodes.deallocate()
            capacity = Self.initialNodeCount
            nodes = .allocate(capacity: capacity)
        }
        nodes.initialize(to: TrieNode())
        used = 1
        freeNode = TrieNode.none
        labelByteCount = 0
    }

    /// Cuts the edge to `lower` after `count` bytes. Returns the new node at the cut.
    private mutating func split(_ lower: NodeID, at count: Int) -> NodeID {
        let label = nodes[Int(lower)].label
        let parent = nodes[Int(lower)].parent
        let upper = allocateNode(label: label.prefix(count), parent: parent)
        setLabel(label.dropFirst(count), of: lower)
        nodes[Int(lower)].parent = upper
        replaceChild(key: nodes[Int(upper)].label.firstByte, of: parent, with: upper)
        addChild(lower, key: nodes[Int(lower)].label.firstByte, to: upper)
        return upper
    }

    /// Removes a node without holders; its only child takes its place and its bytes.
    private mutating func mergeIntoOnlyChild(_ upper: NodeID) {
        let removed = nodes[Int(upper)]
        let lower = child(of: upper, after: -1)
        setLabel(removed.label.followed(by: nodes[Int(lower)].label), of: lower)
        nodes[Int(lower)].parent = removed.parent
        // What changed at the upper node concerned everything below it.
        nodes[Int(lower)].changedAt = max(removed.changedAt, nodes[Int(lower)].changedAt)
        replaceChild(key: removed.label.firstByte, of: removed.parent, with: lower)
        freeNode(upper)
    }

    // MARK: - Nodes

    private mutating func allocateNode(label: NodeLabel, parent: NodeID) -> NodeID {
        let id: NodeID
        if freeNode != TrieNode.none {
            id = freeNode
            freeNode = nodes[Int(id)].parent
        } else {
            if used == capacity { grow() }
            id = NodeID(used)
            used += 1
        }
        (nodes + Int(id)).initialize(to: TrieNode())
        nodes[Int(id)].label = label
        nodes[Int(id)].parent = parent
        labelByteCount += label.allocatedByteCount
        return id
    }

    private mutating func freeNode(_ id: NodeID) {
        setLabel(NodeLabel(), of: id)
        let node = nodes[Int(id)]
        if node.childLayout != .none {
            arena.release(node.childBlock, unitCount: node.childLayout.unitCount)
        }
        nodes[Int(id)] = TrieNode()
        nodes[Int(id)].parent = freeNode
        freeNode = id
    }

    private mutating func setLabel(_ label: NodeLabel, of id: NodeID) {
        let old = nodes[Int(id)].label
        labelByteCount += label.allocatedByteCount - old.allocatedByteCount
        nodes[Int(id)].label = label
        old.deallocate()
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<TrieNode>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: nodes, count: used)
        nodes.deallocate()
        nodes = larger
        capacity *= 2
    }

    private func deallocateLabels() {
        guard labelByteCount > 0 else { return }
        for id in 0..<used { nodes[id].label.deallocate() }
    }

    private static let initialNodeCount = 16
}
