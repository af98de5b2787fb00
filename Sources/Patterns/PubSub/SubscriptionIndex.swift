/// Which subscribers get a message: prefix subscriptions, counted per subscriber.
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
/// subscribers, and make one run. Subscriptions are counted as ZMTP 3.1 says (37/ZMTP, "SUBSCRIBE"):
/// two need two cancels.
///
/// One subscriber id makes this the reference-counted subscription set of a SUB or XSUB socket:
/// `firstForTopic` and `lastForTopic` say when to send, `forEachTopic` restores a new connection,
/// and `match` filters what arrives. There is no second type for that.
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
    /// How many more times than once, by terminal and subscriber. Only looked up, never iterated.
    private var repeats: [UInt64: UInt32] = [:]

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
        trie.byteCount + ledger.byteCount + cache.byteCount + repeats.capacity * 16
    }

    // MARK: - Subscribing

    /// Adds one subscription to messages that begin with `topic`.
    public mutating func subscribe(
        _ topic: UnsafeRawBufferPointer,
        by subscriber: SubscriberID
    ) -> SubscribeOutcome {
        let node = trie.insert(topic)
        let isNew = !trie.nodes[Int(node)].isTerminal
        guard trie.addHolder(subscriber.rawValue, to: node) else {
            addRepeat(of: subscriber, at: node)
            return .repeated
        }
        ledger.add(node, topicByteCount: topic.count, to: subscriber.rawValue)
        noteChange(at: node)
        subscriptionCount += 1
        if isNew { topicCount += 1 }
        return isNew ? .firstForTopic : .firstForSubscriber
    }

    /// Takes one subscription back. A topic the subscriber does not hold is ignored.
    public mutating func cancel(
        _ topic: UnsafeRawBufferPointer,
        by subscriber: SubscriberID
    ) -> CancelOutcome {
        let node = trie.find(topic)
        guard node != TrieNode.none, trie.isHeld(node, by: subscriber.rawValue) else {
            return .notHeld
        }
        guard !removeRepeat(of: subscriber, at: node) else { return .stillHeld }
        _ = trie.removeHolder(subscriber.rawValue, from: node)
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

    /// Drops everything the subscriber holds, repeated subscriptions too, at a cost that depends on
    /// nothing else. Its id may be given to another subscriber afterwards.
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
            if trie.nodes[Int(node)].hasRepeats {
                repeats[Self.repeatKey(of: subscriber, at: node)] = nil
            }
            guard !trie.nodes[Int(node)].isTerminal else { continue }
            trie.copyTopic(of: node, to: &buffer)
            retire(node)
            onLastForTopic(buffer.bytes)
        }
        ledger.close(subscriber.rawValue)
        if topicCount == 0 { trie.removeAll() }
    }

    // MARK: - Topics

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
        trie.nodes[Int(node)].hasRepeats = false
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

    private mutating func addRepeat(of subscriber: SubscriberID, at node: UInt32) {
        trie.nodes[Int(node)].hasRepeats = true
        let key = Self.repeatKey(of: subscriber, at: node)
        let count = repeats[key, default: 0]
        repeats[key] = count == .max ? .max : count + 1
    }

    private mutating func removeRepeat(of subscriber: SubscriberID, at node: UInt32) -> Bool {
        guard trie.nodes[Int(node)].hasRepeats else { return false }
        let key = Self.repeatKey(of: subscriber, at: node)
        guard let count = repeats[key] else { return false }
        repeats[key] = count == 1 ? nil : count - 1
        return true
    }

    private static func repeatKey(of subscriber: SubscriberID, at node: UInt32) -> UInt64 {
        UInt64(node) << 32 | UInt64(subscriber.rawValue)
    }
}
