/// Which subscribers get a message: prefix subscriptions, each held once by a subscriber.
///
/// ```
///   subscribe("md.", by: 7) ─▶ firstForTopic ─▶ announce "md." upstream
///
///   "md.eurusd 1.08" ──match──▶ terminal "md."  ──matchedSet──▶ [0, 3, 7]
///                               (deepest on          (everybody at "md.",
///                                the path)             "m" and "")
/// ```
///
/// All prefixes of a message that somebody holds lie on one path from the root, so the deepest of
/// them names the whole matched set: consecutive messages with the same terminal have the same
/// subscribers, and make one run. A topic that a subscriber asks for again is still held once, and one
/// cancel ends it: libzmq sends every subscription and only the last cancel, so counting here, as 37/ZMTP
/// words it ("SUBSCRIBE"), would never come to an end (decision 0019). Who subscribes does the
/// counting: `ApplicationInterest`.
///
/// Memory: 40 bytes per topic and inner node, child tables, 4 to 8 bytes in the subscriber's list.
/// What is cancelled is used again; all is given back when the last topic goes. Owned by one event
/// loop; nothing is locked. Kept in a class, it is best used through one `inout` access per burst of
/// messages: Swift's check for exclusive access costs half as much as a match.
public struct SubscriptionIndex: ~Copyable {
    var trie = TopicTrie()
    var ledger = SubscriberLedger()
    var cache: MatchedSetCache
    /// Raised by every change of who holds what.
    var version: UInt64 = 1

    /// Distinct topics somebody holds.
    public private(set) var topicCount = 0
    /// Pairs of topic and subscriber; a repeated subscription does not count again.
    public private(set) var subscriptionCount = 0

    /// - Parameter cachedSubscriberCountMax: bound on the matched sets kept, as the sum of their
    ///   sizes; 4 bytes each.
    public init(cachedSubscriberCountMax: Int = 1 << 20) {
        cache = MatchedSetCache(idCountMax: cachedSubscriberCountMax)
    }

    /// Topics this subscriber holds.
    public func subscriptionCount(of subscriber: SubscriberID) -> Int {
        Int(ledger[subscriber.rawValue].heldCount)
    }

    /// The octets of the topics this subscriber holds.
    public func topicByteCount(of subscriber: SubscriberID) -> Int {
        ledger[subscriber.rawValue].heldByteCount
    }

    /// An estimate of the memory held, in bytes, allocated and not yet used included.
    public var storageByteCount: Int {
        trie.byteCount + ledger.byteCount + cache.byteCount
    }

    // MARK: - Subscribing

    /// Adds a subscription to messages that begin with `topic`, unless the subscriber has it.
    public mutating func subscribe(
        _ topic: UnsafeRawBufferPointer,
        by subscriber: SubscriberID
    ) -> SubscribeOutcome {
        let node = trie.insert(topic)
        let isNew = !trie.nodes[Int(node)].isTerminal
        guard trie.addHolder(subscriber.rawValue, to: node) else { return .repeated }
        ledger.add(node, topicByteCount: topic.count, to: subscriber.rawValue)
        noteChange(at: node)
        subscriptionCount += 1
        if isNew { topicCount += 1 }
        return isNew ? .firstForTopic : .firstForSubscriber
    }

    /// Takes the subscription back, however often it was made. A topic the subscriber does not hold is ignored.
    public mutating func cancel(
        _ topic: UnsafeRawBufferPointer,
        by subscriber: SubscriberID
    ) -> CancelOutcome {
        let node = trie.find(topic)
        guard node != TrieNode.none, trie.removeHolder(subscriber.rawValue, from: node) else {
            return .notHeld
        }
        noteChange(at: node)
        subscriptionCount -= 1
        let isLast = !trie.nodes[Int(node)].isTerminal
        if isLast { retire(node) }
        if ledger.removeOne(topicByteCount: topic.count, from: subscriber.rawValue) {
            sweepLedger(of: subscriber)
        }
        if topicCount == 0 { trie.removeAll() }
        return isLast ? .lastForTopic : .lastForSubscriber
    }

    /// Drops everything the subscriber holds, at a cost that depends on nothing else. Its id may be given to another subscriber afterwards.
    ///
    /// - Parameters:
    ///   - subscriber: one that holds nothing is ignored.
    ///   - onLastForTopic: called once with every topic that nobody holds any more; the bytes are
    ///     good during the call.
    public mutating func removeSubscriber(
        _ subscriber: SubscriberID,
        onLastForTopic: (UnsafeRawBufferPointer) -> Void
    ) {
        let entries = ledger[subscriber.rawValue].list
        guard !entries.isEmpty else { return }
        var buffer = TopicBuffer()
        version += 1
        for node in entries where trie.removeHolder(subscriber.rawValue, from: node) {
            trie.nodes[Int(node)].changedAt = version
            subscriptionCount -= 1
            guard !trie.nodes[Int(node)].isTerminal else { continue }
            trie.copyTopic(of: node, to: &buffer)
            retire(node)
            onLastForTopic(buffer.bytes)
        }
        ledger.close(subscriber.rawValue)
        if topicCount == 0 { trie.removeAll() }
    }

    // MARK: - Topics

    /// Whether this subscriber holds exactly this topic.
    public func isHeld(_ topic: UnsafeRawBufferPointer, by subscriber: SubscriberID) -> Bool {
        let node = trie.find(topic)
        return node != TrieNode.none && trie.isHeld(node, by: subscriber.rawValue)
    }

    /// Calls the body with every topic somebody holds, in lexicographic order of the bytes: what a
    /// new upstream connection must be told. The bytes are good during the call.
    public func forEachTopic(_ body: (UnsafeRawBufferPointer) -> Void) {
        trie.forEachTopic(body)
    }

    /// Calls the body with every topic this subscriber holds, oldest subscription first. The bytes
    /// are good during the call.
    public mutating func forEachTopic(
        of subscriber: SubscriberID,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        let account = ledger[subscriber.rawValue]
        if account.entryCount > Int(account.heldCount) { sweepLedger(of: subscriber) }
        var buffer = TopicBuffer()
        for node in ledger[subscriber.rawValue].list {
            trie.copyTopic(of: node, to: &buffer)
            body(buffer.bytes)
        }
    }

    /// The prefix this terminal stands for.
    public func topic(of terminal: TerminalID) -> [UInt8] {
        precondition(trie.isTerminal(terminal.rawValue), "this terminal is gone")
        var buffer = TopicBuffer()
        trie.copyTopic(of: terminal.rawValue, to: &buffer)
        return [UInt8](buffer.bytes)
    }

    // MARK: - Bookkeeping

    private mutating func noteChange(at node: UInt32) {
        version += 1
        trie.nodes[Int(node)].changedAt = version
    }

    /// Removes a topic that has lost its last holder.
    private mutating func retire(_ node: UInt32) {
        topicCount -= 1
        let slot = trie.nodes[Int(node)].cacheSlot
        if slot != TrieNode.none { cache.removeSet(in: slot) }
        trie.nodes[Int(node)].cacheSlot = TrieNode.none
        trie.prune(node)
    }

    /// Takes stale and double entries out of a subscriber's list, keeping the order.
    private mutating func sweepLedger(of subscriber: SubscriberID) {
        let entries = ledger[subscriber.rawValue].list
        var kept = 0
        for node in entries
        where trie.isHeld(node, by: subscriber.rawValue) && !trie.nodes[Int(node)].isMarked {
            trie.nodes[Int(node)].isMarked = true
            entries[kept] = node
            kept += 1
        }
        for node in entries[..<kept] { trie.nodes[Int(node)].isMarked = false }
        ledger.truncate(subscriber.rawValue, to: kept)
    }
}
