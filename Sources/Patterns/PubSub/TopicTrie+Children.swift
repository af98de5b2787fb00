/// The child tables of a `TopicTrie`: see `ChildLayout` for their shapes.
extension TopicTrie {
    /// The child whose label begins with `key`, or `TrieNode.none`.
    @inline(__always)
    func child(of node: UnsafeMutablePointer<TrieNode>, key: UInt8) -> NodeID {
        let layout = node.pointee.childLayout
        let count = Int(node.pointee.childCount)
        if count == 0 { return TrieNode.none }
        let block = UnsafeRawPointer(arena.pointer(to: node.pointee.childBlock))
        // The common layouts first, as branches: a jump table is predicted worse.
        if layout == .sixteen {
            let low = Self.slot(of: key, in: block.load(as: UInt64.self))
            let high = Self.slot(of: key, in: block.load(fromByteOffset: 8, as: UInt64.self))
            let slot = low < 8 ? low : 8 &+ high
            guard slot < count else { return TrieNode.none }
            return block.load(fromByteOffset: 16 &+ slot &* 4, as: NodeID.self)
        }
        if layout.rawValue <= ChildLayout.eight.rawValue {
            let slot = Self.slot(of: key, in: block.load(as: UInt64.self))
            guard slot < count else { return TrieNode.none }
            return block.load(fromByteOffset: 8 &+ slot &* 4, as: NodeID.self)
        }
        if layout == .direct {
            return block.load(fromByteOffset: Int(key) &* 4, as: NodeID.self)
        }
        let slot = Int(block.load(fromByteOffset: Int(key), as: UInt8.self))
        guard slot < Self.noSlot else { return TrieNode.none }
        return block.load(fromByteOffset: 256 &+ slot &* 4, as: NodeID.self)
    }

    /// The child with the smallest key above `key` (-1 for the first), or `TrieNode.none`.
    func child(of id: NodeID, after key: Int) -> NodeID {
        let node = nodes[Int(id)]
        switch node.childLayout {
        case .none: return TrieNode.none
        case .two, .four, .eight, .sixteen:
            let slot = orderedSlot(of: key + 1, in: node)
            return slot < Int(node.childCount) ? ids(of: node)[slot] : TrieNode.none
        case .indexed:
            let slots = keys(of: node)
            let next = ((key + 1)..<256).first { Int(slots[$0]) != Self.noSlot }
            return next.map { ids(of: node)[Int(slots[$0])] } ?? TrieNode.none
        case .direct:
            let children = ids(of: node)
            let next = ((key + 1)..<256).first { children[$0] != TrieNode.none }
            return next.map { children[$0] } ?? TrieNode.none
        }
    }

    /// `key` must be new to the parent.
    mutating func addChild(_ child: NodeID, key: UInt8, to parent: NodeID) {
        let layout = nodes[Int(parent)].childLayout
        if Int(nodes[Int(parent)].childCount) == layout.capacity {
            setChildLayout(layout.larger, of: parent)
        }
        store(child, key: key, in: parent)
    }

    /// `key` must be in use.
    func replaceChild(key: UInt8, of parent: NodeID, with child: NodeID) {
        let node = nodes[Int(parent)]
        ids(of: node)[slot(of: key, in: node)] = child
    }

    /// `key` must be in use.
    mutating func removeChild(key: UInt8, from parent: NodeID) {
        let node = nodes[Int(parent)]
        let hole = slot(of: key, in: node)
        let last = Int(node.childCount) - 1
        let keys = keys(of: node)
        let ids = ids(of: node)
        switch node.childLayout {
        case .none: return
        case .two, .four, .eight, .sixteen:
            for index in hole..<last {
                keys[index] = keys[index + 1]
                ids[index] = ids[index + 1]
            }
        case .indexed:
            // The slots stay dense: the last one moves into the hole.
            if let moved = (0..<256).first(where: { Int(keys[$0]) == last }) {
                keys[moved] = UInt8(hole)
            }
            ids[hole] = ids[last]
            keys[Int(key)] = UInt8(Self.noSlot)
        case .direct: ids[hole] = TrieNode.none
        }
        nodes[Int(parent)].childCount = UInt16(last)
        // A quarter below the smaller size, so that one child coming and going moves nothing.
        let smaller = node.childLayout.smaller
        if last <= smaller.capacity * 3 / 4 { setChildLayout(smaller, of: parent) }
    }

    private mutating func setChildLayout(_ layout: ChildLayout, of id: NodeID) {
        let block =
            layout == .none
            ? BlockArena.noBlock : arena.allocate(unitCount: layout.unitCount)
        let old = nodes[Int(id)]
        nodes[Int(id)].childLayout = layout
        nodes[Int(id)].childBlock = block
        nodes[Int(id)].childCount = 0
        switch layout {
        case .indexed: keys(of: nodes[Int(id)]).update(repeating: UInt8(Self.noSlot), count: 256)
        case .direct: ids(of: nodes[Int(id)]).update(repeating: TrieNode.none, count: 256)
        // Lookups load keys eight at a time, those of absent children too.
        case .two, .four, .eight, .sixteen:
            keys(of: nodes[Int(id)]).update(repeating: 0, count: layout.keyByteCount)
        case .none: break
        }
        guard old.childLayout != .none else { return }
        if old.childLayout.isOrdered, layout.isOrdered {
            let count = Int(old.childCount)
            keys(of: nodes[Int(id)]).update(from: keys(of: old), count: count)
            ids(of: nodes[Int(id)]).update(from: ids(of: old), count: count)
            nodes[Int(id)].childCount = old.childCount
        } else {
            for key in UInt8.min...UInt8.max {
                let slot = slot(of: key, in: old)
                guard slot < old.childLayout.capacity else { continue }
                let child = ids(of: old)[slot]
                if child != TrieNode.none { store(child, key: key, in: id) }
            }
        }
        arena.release(old.childBlock, unitCount: old.childLayout.unitCount)
    }

    /// There must be room.
    private func store(_ child: NodeID, key: UInt8, in id: NodeID) {
        let node = nodes[Int(id)]
        let count = Int(node.childCount)
        let keys = keys(of: node)
        let ids = ids(of: node)
        switch node.childLayout {
        case .none: preconditionFailure("no room for a child")
        case .two, .four, .eight, .sixteen:
            let slot = orderedSlot(of: Int(key), in: node)
            for index in stride(from: count, to: slot, by: -1) {
                keys[index] = keys[index - 1]
                ids[index] = ids[index - 1]
            }
            keys[slot] = key
            ids[slot] = child
        case .indexed:
            keys[Int(key)] = UInt8(count)
            ids[count] = child
        case .direct: ids[Int(key)] = child
        }
        nodes[Int(id)].childCount = UInt16(count + 1)
    }

    /// Where the id of `key` is; the capacity or more when there is none.
    private func slot(of key: UInt8, in node: TrieNode) -> Int {
        switch node.childLayout {
        case .none: return 0
        case .two, .four, .eight, .sixteen:
            let slot = orderedSlot(of: Int(key), in: node)
            guard slot < Int(node.childCount), keys(of: node)[slot] == key else {
                return Self.noSlot
            }
            return slot
        case .indexed: return Int(keys(of: node)[Int(key)])
        case .direct: return Int(key)
        }
    }

    /// How many of the ascending keys are below `key`.
    private func orderedSlot(of key: Int, in node: TrieNode) -> Int {
        let keys = keys(of: node)
        var slot = 0
        while slot < Int(node.childCount), Int(keys[slot]) < key { slot += 1 }
        return slot
    }

    private func keys(of node: TrieNode) -> UnsafeMutablePointer<UInt8> {
        arena.pointer(to: node.childBlock).assumingMemoryBound(to: UInt8.self)
    }

    private func ids(of node: TrieNode) -> UnsafeMutablePointer<NodeID> {
        (arena.pointer(to: node.childBlock) + node.childLayout.keyByteCount)
            .assumingMemoryBound(to: NodeID.self)
    }

    /// First byte of `keys` that equals `key`, counted from the lowest; 8 when none does.
    ///
    /// A byte of `difference` is zero where the key stands. Subtracting one from every byte borrows
    /// out of a zero byte only upwards, so the lowest byte flagged is always a true one.
    @inline(__always)
    private static func slot(of key: UInt8, in keys: UInt64) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let difference = UInt64(littleEndian: keys) ^ (UInt64(key) &* ones)
        let zeros = (difference &- ones) & ~difference & (ones << 7)
        return zeros.trailingZeroBitCount / 8
    }

    private static var noSlot: Int { 0xFF }
}
