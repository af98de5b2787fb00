/// From nodes back to topics.
extension TopicTrie {
    /// Writes the node's topic into the buffer, replacing what was there.
    func copyTopic(of id: NodeID, to buffer: inout TopicBuffer) {
        var count = 0
        var node = id
        while node != TrieNode.none {
            count += Int(nodes[Int(node)].label.byteCount)
            node = nodes[Int(node)].parent
        }
        buffer.resize(to: count)
        node = id
        while node != TrieNode.none {
            let label = nodes[Int(node)].label
            count -= Int(label.byteCount)
            label.copyBytes(to: buffer.base + count)
            node = nodes[Int(node)].parent
        }
    }

    /// Calls the body with the topic of every terminal, in lexicographic order of the bytes.
    func forEachTopic(_ body: (UnsafeRawBufferPointer) -> Void) {
        var buffer = TopicBuffer()
        var id = Self.root
        while true {
            if nodes[Int(id)].isTerminal { body(buffer.bytes) }
            // Down to the first child, or up until a node has a sibling to the right.
            var next = child(of: id, after: -1)
            while next == TrieNode.none {
                guard id != Self.root else { return }
                let label = nodes[Int(id)].label
                buffer.resize(to: buffer.count - Int(label.byteCount))
                id = nodes[Int(id)].parent
                next = child(of: id, after: Int(label.firstByte))
            }
            id = next
            let label = nodes[Int(id)].label
            let start = buffer.count
            buffer.resize(to: start + Int(label.byteCount))
            label.copyBytes(to: buffer.base + start)
        }
    }
}

/// The bytes of one topic, in memory that grows and is used again for the next.
struct TopicBuffer: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var count = 0
    private var capacity: Int

    init() {
        capacity = 256
        base = .allocate(byteCount: capacity, alignment: 1)
    }

    deinit {
        base.deallocate()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Keeps the bytes that fit; new ones are undefined.
    mutating func resize(to count: Int) {
        if count > capacity {
            capacity = max(count, capacity * 2)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 1)
            larger.copyMemory(from: base, byteCount: self.count)
            base.deallocate()
            base = larger
        }
        self.count = count
    }
}
