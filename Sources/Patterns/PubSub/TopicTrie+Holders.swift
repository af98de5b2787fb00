/// The sets of subscribers that hold a node's own topic.
///
/// ```
///  none ── single ── sorted: count │ capacity │ ascending ids
///                        │                        32 and more ids, once they fill enough of the
///                      bits: count │ words    │ words × 64 bits            range to be smaller
/// ```
///
/// Most topics have one subscriber, which costs no block. Subscriber ids are dense, so a big set is
/// a bit set of at most the size of its list: adding and removing one of 8,000 takes constant time,
/// and reading it out gives ascending ids.
extension TopicTrie {
    func isHeld(_ id: NodeID, by subscriber: UInt32) -> Bool {
        let node = nodes[Int(id)]
        switch node.holderLayout {
        case .none: return false
        case .single: return node.holder == subscriber
        case .sorted:
            let set = HolderBlock(arena.pointer(to: node.holder))
            let index = set.index(of: subscriber)
            return index < set.count && set.ids[index] == subscriber
        case .bits: return HolderBlock(arena.pointer(to: node.holder)).hasBit(subscriber)
        }
    }

    /// The set as ascending ids where it is stored that way; `nil` for a bit set.
    func holderList(of id: NodeID) -> UnsafeBufferPointer<UInt32>? {
        switch nodes[Int(id)].holderLayout {
        case .none: return UnsafeBufferPointer(start: nil, count: 0)
        case .single:
            return UnsafeBufferPointer(start: (nodes + Int(id)).pointer(to: \.holder), count: 1)
        case .sorted:
            let set = HolderBlock(arena.pointer(to: nodes[Int(id)].holder))
            return UnsafeBufferPointer(start: set.ids, count: set.count)
        case .bits: return nil
        }
    }

    /// The words of a bit set; `nil` for any other layout.
    func holderWords(of id: NodeID) -> UnsafeBufferPointer<UInt64>? {
        guard nodes[Int(id)].holderLayout == .bits else { return nil }
        let set = HolderBlock(arena.pointer(to: nodes[Int(id)].holder))
        return UnsafeBufferPointer(start: set.words, count: set.size)
    }

    /// Returns whether the subscriber is new to the set.
    mutating func addHolder(_ subscriber: UInt32, to id: NodeID) -> Bool {
        guard !isHeld(id, by: subscriber) else { return false }
        switch nodes[Int(id)].holderLayout {
        case .none:
            nodes[Int(id)].holderLayout = .single
            nodes[Int(id)].holder = subscriber
            return true
        case .single:
            setHolderLayout(.sorted, unitCount: 2, of: id)
        case .sorted:
            let set = HolderBlock(arena.pointer(to: nodes[Int(id)].holder))
            if set.count == set.size {
                let listUnits = HolderBlock.unitCount(listing: set.count + 1)
                let bitUnits = HolderBlock.unitCount(
                    reaching: max(subscriber, set.ids[set.count - 1])
                )
                let isDense = set.count >= Self.sortedCountMin && bitUnits <= listUnits
                setHolderLayout(
                    isDense ? .bits : .sorted,
                    unitCount: isDense ? bitUnits : listUnits,
                    of: id
                )
            }
        case .bits:
            let set = HolderBlock(arena.pointer(to: nodes[Int(id)].holder))
            if Int(subscriber) >= set.size * 64 {
                let listUnits = HolderBlock.unitCount(listing: set.count + 1)
                let bitUnits = HolderBlock.unitCount(reaching: subscriber)
                let isSparse = bitUnits > listUnits * Self.sparseRatio
                setHolderLayout(
                    isSparse ? .sorted : .bits,
                    unitCount: isSparse ? listUnits : bitUnits,
                    of: id
                )
            }
        }
        let set = HolderBlock(arena.pointer(to: nodes[Int(id)].holder))
        nodes[Int(id)].holderLayout == .bits ? set.setBit(subscriber) : set.insert(subscriber)
        return true
    }

    /// Returns whether the subscriber was in the set.
    mutating func removeHolder(_ subscriber: UInt32, from id: NodeID) -> Bool {
        guard isHeld(id, by: subscriber) else { return false }
        let layout = nodes[Int(id)].holderLayout
        guard layout != .single else {
            nodes[Int(id)].holderLayout = .none
            return true
        }
        let set = HolderBlock(arena.pointer(to: nodes[Int(id)].holder))
        layout == .bits ? set.clearBit(subscriber) : set.remove(subscriber)
        if set.count == 1 {
            setHolderLayout(.single, unitCount: 0, of: id)
            return true
        }
        let listUnits = HolderBlock.unitCount(listing: set.count)
        let ownUnits =
            layout == .bits ? set.size + 1 : HolderBlock.unitCount(listing: set.size)
        if ownUnits > listUnits * (layout == .bits ? Self.sparseRatio : 2) {
            setHolderLayout(.sorted, unitCount: listUnits, of: id)
        }
        return true
    }

    private mutating func setHolderLayout(
        _ layout: HolderLayout,
        unitCount: Int,
        of id: NodeID
    ) {
        let block =
            layout == .single ? BlockArena.noBlock : arena.allocate(unitCount: unitCount)
        let old = nodes[Int(id)]
        let target = HolderBlock(arena.pointer(to: layout == .single ? old.holder : block))
        if layout != .single {
            target.initialize(
                size: layout == .bits ? unitCount - 1 : (unitCount - 1) * 2,
                clearing: layout == .bits
            )
        }
        nodes[Int(id)].holderLayout = layout
        nodes[Int(id)].holder = block
        let add = { [nodes] (subscriber: UInt32) in
            switch layout {
            case .none: break
            case .single: nodes[Int(id)].holder = subscriber
            case .sorted: target.append(subscriber)
            case .bits: target.setBit(subscriber)
            }
        }
        switch old.holderLayout {
        case .none: break
        case .single: add(old.holder)
        case .sorted:
            let set = HolderBlock(arena.pointer(to: old.holder))
            for index in 0..<set.count { add(set.ids[index]) }
            arena.release(old.holder, unitCount: HolderBlock.unitCount(listing: set.size))
        case .bits:
            let set = HolderBlock(arena.pointer(to: old.holder))
            for word in 0..<set.size { set.words[word].forEachBit(from: word * 64, add) }
            arena.release(old.holder, unitCount: set.size + 1)
        }
    }

    /// Shorter lists stay lists: searching them is as fast as anything.
    private static var sortedCountMin: Int { 30 }
    /// How much larger than the list a bit set may become before it is turned back into one.
    private static var sparseRatio: Int { 4 }
}

/// A view of one holder block. The first word is the number of ids; the second one the size: room
/// for ids in a list, number of words in a bit set. Blocks are powers of two of units.
private struct HolderBlock {
    let base: UnsafeMutableRawPointer

    init(_ base: UnsafeMutableRawPointer) {
        self.base = base
    }

    func initialize(size: Int, clearing: Bool) {
        count = 0
        base.storeBytes(of: UInt32(size), toByteOffset: 4, as: UInt32.self)
        if clearing { words.initialize(repeating: 0, count: size) }
    }

    var count: Int {
        get { Int(base.load(as: UInt32.self)) }
        nonmutating set { base.storeBytes(of: UInt32(newValue), as: UInt32.self) }
    }

    var size: Int { Int(base.load(fromByteOffset: 4, as: UInt32.self)) }

    var ids: UnsafeMutablePointer<UInt32> { (base + 8).assumingMemoryBound(to: UInt32.self) }
    var words: UnsafeMutablePointer<UInt64> { (base + 8).assumingMemoryBound(to: UInt64.self) }

    // MARK: - As a list

    /// Where the id is, or belongs.
    func index(of id: UInt32) -> Int {
        var low = 0
        var high = count
        // Ids are handed out in ascending order, so a new one mostly belongs at the end.
        if high > 0, ids[high - 1] < id { return high }
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func append(_ id: UInt32) {
        ids[count] = id
        count += 1
    }

    func insert(_ id: UInt32) {
        let index = index(of: id)
        (ids + index + 1).update(from: ids + index, count: count - index)
        ids[index] = id
        count += 1
    }

    func remove(_ id: UInt32) {
        let index = index(of: id)
        count -= 1
        (ids + index).update(from: ids + index + 1, count: count - index)
    }

    // MARK: - As a bit set

    func hasBit(_ id: UInt32) -> Bool {
        Int(id) < size * 64 && words[Int(id / 64)] & (1 << UInt64(id % 64)) != 0
    }

    func setBit(_ id: UInt32) {
        words[Int(id / 64)] |= 1 << UInt64(id % 64)
        count += 1
    }

    func clearBit(_ id: UInt32) {
        words[Int(id / 64)] &= ~(1 << UInt64(id % 64))
        count -= 1
    }

    // MARK: - Sizes

    /// Units of a list with room for this many ids.
    static func unitCount(listing count: Int) -> Int {
        powerOfTwo(atLeast: 1 + (count + 1) / 2)
    }

    /// Units of a bit set with room for this id.
    static func unitCount(reaching id: UInt32) -> Int {
        powerOfTwo(atLeast: 2 + Int(id / 64))
    }

    private static func powerOfTwo(atLeast count: Int) -> Int {
        1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }
}

extension UInt64 {
    /// Calls the body with `base` plus the position of every bit that is set, ascending.
    @inline(__always)
    func forEachBit(from base: Int, _ body: (UInt32) -> Void) {
        var word = self
        while word != 0 {
            body(UInt32(base &+ word.trailingZeroBitCount))
            word &= word &- 1
        }
    }
}
