extension SubscriptionIndex {
    /// The deepest topic somebody holds that begins the message; `nil` when nobody gets it.
    ///
    /// - Parameter message: the first part of the message.
    /// - Returns: good until the next change.
    public func match(_ message: UnsafeRawBufferPointer) -> TerminalID? {
        let node = trie.match(message)
        return node == TrieNode.none ? nil : TerminalID(node)
    }

    /// Everybody who holds the terminal's topic or a prefix of it, each once, in ascending order.
    ///
    /// A topic that is alone on
    /// its path is read where it is stored, unless it has so many subscribers that they are kept as
    /// bits; other sets are built when first asked for and kept while nothing on the path changes.
    /// Which changes matter is found out lazily: after any change a set is checked against the few
    /// nodes above it, once.
    ///
    /// - Parameter terminal: what `match` returned, with no change since.
    /// - Returns: a buffer that is good until the next call of a mutating function.
    public mutating func matchedSet(
        of terminal: TerminalID
    ) -> UnsafeBufferPointer<SubscriberID> {
        precondition(trie.isTerminal(terminal.rawValue), "this terminal is gone")
        let slot = trie.nodes[Int(terminal.rawValue)].cacheSlot
        if slot != TrieNode.none, cache.entries[Int(slot)].checkedAt == version {
            return cachedSet(in: slot)
        }
        return checkedSet(of: terminal.rawValue, in: slot)
    }

    private mutating func checkedSet(
        of terminal: UInt32,
        in slot: UInt32
    ) -> UnsafeBufferPointer<SubscriberID> {
        var changedAt: UInt64 = 0
        var terminalCount = 0
        var node = terminal
        while node != TrieNode.none {
            let pointer = trie.nodes + Int(node)
            changedAt = max(changedAt, pointer.pointee.changedAt)
            terminalCount += pointer.pointee.isTerminal ? 1 : 0
            node = pointer.pointee.parent
        }
        if slot != TrieNode.none, cache.entries[Int(slot)].builtAt >= changedAt {
            cache.entries[Int(slot)].checkedAt = version
            return cachedSet(in: slot)
        }
        if terminalCount == 1, let list = trie.holderList(of: terminal) {
            return Self.subscribers(list.baseAddress, count: list.count)
        }
        return cachedSet(in: buildSet(of: terminal, replacing: slot))
    }

    /// Merges the holders along the path in bits: duplicates vanish, and the order comes for free.
    private mutating func buildSet(of terminal: UInt32, replacing slot: UInt32) -> UInt32 {
        let wordCount = (ledger.slotCount + 63) / 64
        if scratch.count < wordCount {
            scratch = ContiguousArray(repeating: 0, count: wordCount * 2)
        }
        let nodes = trie.nodes
        return scratch.withUnsafeMutableBufferPointer { words in
            // Only the words between the lowest and the highest one touched are looked at.
            var touched = TouchedWords()
            var node = terminal
            while node != TrieNode.none {
                if let list = trie.holderList(of: node) {
                    for id in list {
                        words[Int(id / 64)] |= 1 << UInt64(id % 64)
                        touched.add(Int(id / 64))
                    }
                } else if let source = trie.holderWords(of: node) {
                    for index in source.indices where source[index] != 0 {
                        words[index] |= source[index]
                        touched.add(index)
                    }
                }
                node = nodes[Int(node)].parent
            }
            var count = 0
            for index in touched.range { count += words[index].nonzeroBitCount }
            let target = cache.makeSlot(for: terminal, replacing: slot, count: count) {
                nodes[Int($0)].cacheSlot = TrieNode.none
            }
            nodes[Int(terminal)].cacheSlot = target
            let entry = cache.entries + Int(target)
            entry.pointee.builtAt = version
            entry.pointee.checkedAt = version
            entry.pointee.count = UInt32(count)
            guard var next = entry.pointee.ids else { return target }
            for index in touched.range {
                words[index].forEachBit(from: index * 64) {
                    next.initialize(to: $0)
                    next += 1
                }
                words[index] = 0
            }
            return target
        }
    }

    private func cachedSet(in slot: UInt32) -> UnsafeBufferPointer<SubscriberID> {
        let entry = cache.entries + Int(slot)
        return Self.subscribers(entry.pointee.ids, count: Int(entry.pointee.count))
    }

    private static func subscribers(
        _ ids: UnsafePointer<UInt32>?,
        count: Int
    ) -> UnsafeBufferPointer<SubscriberID> {
        // A SubscriberID is nothing but its raw value.
        let start = UnsafeRawPointer(ids)?.assumingMemoryBound(to: SubscriberID.self)
        return UnsafeBufferPointer(start: start, count: count)
    }
}

/// The smallest range of words that covers those added.
private struct TouchedWords {
    private var first = Int.max
    private var last = -1

    mutating func add(_ index: Int) {
        first = min(first, index)
        last = max(last, index)
    }

    var range: Range<Int> { last < 0 ? 0..<0 : first..<(last + 1) }
}
