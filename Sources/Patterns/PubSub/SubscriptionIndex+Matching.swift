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
            return cachedSet(of: terminal.rawValue, in: slot)
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
            return cachedSet(of: terminal, in: slot)
        }
        if terminalCount == 1, let list = trie.holderList(of: terminal) {
            let target = cache.makeSlotInPlace(for: terminal, replacing: slot)
            trie.nodes[Int(terminal)].cacheSlot = target
            if target != TrieNode.none { stamp(target) }
            return Self.subscribers(list.baseAddress, count: list.count)
        }
        let target = buildSet(of: terminal, replacing: slot)
        stamp(target)
        return cachedSet(of: terminal, in: target)
    }

    /// Returns the slot of the new set.
    private mutating func buildSet(of terminal: UInt32, replacing slot: UInt32) -> UInt32 {
        cache.union.reserve(subscriberCount: ledger.slotCount)
        var node = terminal
        while node != TrieNode.none {
            if let list = trie.holderList(of: node) {
                cache.union.add(list: list)
            } else if let words = trie.holderWords(of: node) {
                cache.union.add(words: words)
            }
            node = trie.nodes[Int(node)].parent
        }
        let count = cache.union.count
        let nodes = trie.nodes
        let target = cache.makeSlot(for: terminal, replacing: slot, count: count) {
            nodes[Int($0)].cacheSlot = TrieNode.none
        }
        nodes[Int(terminal)].cacheSlot = target
        if let ids = cache.entries[Int(target)].ids { cache.union.drain(to: ids) }
        return target
    }

    private func stamp(_ slot: UInt32) {
        cache.entries[Int(slot)].builtAt = version
        cache.entries[Int(slot)].checkedAt = version
    }

    @inline(__always)
    private func cachedSet(
        of terminal: UInt32,
        in slot: UInt32
    ) -> UnsafeBufferPointer<SubscriberID> {
        let entry = cache.entries + Int(slot)
        if let ids = entry.pointee.ids {
            return Self.subscribers(ids, count: Int(entry.pointee.count))
        }
        let list = trie.holderList(of: terminal)
        return Self.subscribers(list?.baseAddress, count: list?.count ?? 0)
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
