/// Who holds what: for every subscriber the terminals it has subscribed to.
///
/// Cancelling one topic leaves its entry behind, because finding it would mean searching the list.
/// Entries that are no longer true, and doubles that a new subscription to the same topic makes,
/// are swept out once they outnumber the true ones; so a list is never longer than
/// `2 × heldCount + staleCountMax`, and dropping a subscriber costs what it holds.
struct SubscriberLedger: ~Copyable {
    struct Account {
        /// Node ids, in the order of subscription; some stale, as told above.
        var entries: UnsafeMutablePointer<UInt32>?
        var entryCount = 0
        var capacity: UInt32 = 0
        /// Topics that are really held.
        var heldCount: UInt32 = 0
        /// The octets of those topics together.
        var heldByteCount = 0

        var list: UnsafeMutableBufferPointer<UInt32> {
            UnsafeMutableBufferPointer(start: entries, count: entryCount)
        }
    }

    private var accounts: UnsafeMutablePointer<Account>
    private(set) var slotCount = 0
    private var capacity = 8
    /// Room for entries in all accounts.
    private var entryCapacity = 0

    init() {
        accounts = .allocate(capacity: capacity)
    }

    deinit {
        for slot in 0..<slotCount { accounts[slot].entries?.deallocate() }
        accounts.deallocate()
    }

    var byteCount: Int {
        capacity * MemoryLayout<Account>.stride + entryCapacity * MemoryLayout<UInt32>.stride
    }

    /// An account nobody opened is empty.
    subscript(subscriber: UInt32) -> Account {
        Int(subscriber) < slotCount ? accounts[Int(subscriber)] : Account()
    }

    /// Notes that the subscriber now holds the terminal, whose topic is so long.
    mutating func add(_ terminal: UInt32, topicByteCount: Int, to subscriber: UInt32) {
        let slot = Int(subscriber)
        if slot >= slotCount { openAccounts(through: slot) }
        if accounts[slot].entryCount == Int(accounts[slot].capacity) {
            setCapacity(max(2, accounts[slot].entryCount * 2), of: slot)
        }
        accounts[slot].entries?[accounts[slot].entryCount] = terminal
        accounts[slot].entryCount += 1
        accounts[slot].heldCount += 1
        accounts[slot].heldByteCount += topicByteCount
    }

    /// Notes that the subscriber no longer holds one of its terminals.
    ///
    /// - Returns: whether its list should be swept.
    mutating func removeOne(topicByteCount: Int, from subscriber: UInt32) -> Bool {
        let slot = Int(subscriber)
        accounts[slot].heldByteCount -= topicByteCount
        accounts[slot].heldCount -= 1
        guard accounts[slot].heldCount > 0 else {
            close(subscriber)
            return false
        }
        return accounts[slot].entryCount > Int(accounts[slot].heldCount) * 2 + Self.staleCountMax
    }

    /// Shortens the list after its owner has moved the true entries to the front.
    mutating func truncate(_ subscriber: UInt32, to entryCount: Int) {
        let slot = Int(subscriber)
        accounts[slot].entryCount = entryCount
        if Int(accounts[slot].capacity) > entryCount * 4 { setCapacity(entryCount * 2, of: slot) }
    }

    /// Empties the account and frees its list.
    mutating func close(_ subscriber: UInt32) {
        guard Int(subscriber) < slotCount else { return }
        setCapacity(0, of: Int(subscriber))
        accounts[Int(subscriber)] = Account()
    }

    private mutating func setCapacity(_ count: Int, of slot: Int) {
        let old = accounts[slot]
        accounts[slot].capacity = UInt32(count)
        accounts[slot].entries = nil
        if count > 0 {
            let entries = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
            if let source = old.entries {
                entries.update(from: source, count: min(count, old.entryCount))
            }
            accounts[slot].entries = entries
        }
        entryCapacity += count - Int(old.capacity)
        old.entries?.deallocate()
    }

    private mutating func openAccounts(through slot: Int) {
        precondition(slot < Self.slotCountMax, "subscriber ids are dense: at most 16 million")
        if slot >= capacity {
            let larger = max(capacity * 2, slot + 1)
            let moved = UnsafeMutablePointer<Account>.allocate(capacity: larger)
            moved.moveInitialize(from: accounts, count: slotCount)
            accounts.deallocate()
            accounts = moved
            capacity = larger
        }
        (accounts + slotCount).initialize(repeating: Account(), count: slot + 1 - slotCount)
        slotCount = slot + 1
    }

    private static let staleCountMax = 16
    private static let slotCountMax = 1 << 24
}
