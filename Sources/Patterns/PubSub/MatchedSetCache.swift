/// What is known about matched sets, each belonging to one terminal: the ids of a union that took work
/// to build, or only that the terminal's own list is the whole set.
///
/// Bounded twice: by the number of sets and by the ids in all of them together (a single set larger
/// than that is still kept, alone). When full, the sets make room in the order of their slots. A
/// set that was pushed out costs its building again, which is a fraction of sending a message to
/// everybody in it.
struct MatchedSetCache: ~Copyable {
    struct Entry {
        /// `nil` when the set is read where the trie keeps it.
        var ids: UnsafeMutablePointer<UInt32>?
        var count: UInt32 = 0
        /// `TrieNode.none` in an empty slot.
        var terminal = TrieNode.none
        /// Version of the index that the set was built from.
        var builtAt: UInt64 = 0
        /// Last version at which the set was known to be right.
        var checkedAt: UInt64 = 0
    }

    /// Where sets are built.
    var union = SubscriberUnion()
    private(set) var entries: UnsafeMutablePointer<Entry>
    private var used = 0
    private var capacity = 8
    private var freeSlots: ContiguousArray<UInt32> = []
    /// Next slot to make room.
    private var hand = 0
    private var idCount = 0
    private let idCountMax: Int

    init(idCountMax: Int) {
        self.idCountMax = idCountMax
        entries = .allocate(capacity: capacity)
    }

    deinit {
        for slot in 0..<used { entries[slot].ids?.deallocate() }
        entries.deallocate()
    }

    var byteCount: Int {
        capacity * MemoryLayout<Entry>.stride + idCount * MemoryLayout<UInt32>.stride
            + union.byteCount
    }

    /// A slot that says "read in place", or `TrieNode.none` when all slots are taken: this knowledge is
    /// too cheap to push anything out for.
    mutating func makeSlotInPlace(for terminal: UInt32, replacing slot: UInt32) -> UInt32 {
        if slot != TrieNode.none { removeSet(in: slot) }
        guard !freeSlots.isEmpty || used < Self.slotCountMax else { return TrieNode.none }
        let target = freeSlots.popLast() ?? appendSlot()
        entries[Int(target)] = Entry(terminal: terminal)
        return target
    }

    /// Makes room for a set of `count` ids, which the caller fills in.
    ///
    /// - Parameters:
    ///   - terminal: the set's owner.
    ///   - slot: the owner's old set, which goes, or `TrieNode.none`.
    ///   - count: size of the new set.
    ///   - evict: called with every terminal whose set was pushed out.
    /// - Returns: the owner's new slot.
    mutating func makeSlot(
        for terminal: UInt32,
        replacing slot: UInt32,
        count: Int,
        evict: (UInt32) -> Void
    ) -> UInt32 {
        if slot != TrieNode.none { removeSet(in: slot) }
        while used > freeSlots.count,
            used - freeSlots.count >= Self.slotCountMax || idCount + count > idCountMax
        {
            if entries[hand].terminal != TrieNode.none {
                evict(entries[hand].terminal)
                removeSet(in: UInt32(hand))
            }
            hand = hand + 1 < used ? hand + 1 : 0
        }
        let target = freeSlots.popLast() ?? appendSlot()
        entries[Int(target)] = Entry(
            ids: .allocate(capacity: count),
            count: UInt32(count),
            terminal: terminal
        )
        idCount += count
        return target
    }

    /// Empties the slot and frees its ids.
    mutating func removeSet(in slot: UInt32) {
        idCount -= Int(entries[Int(slot)].count)
        entries[Int(slot)].ids?.deallocate()
        entries[Int(slot)] = Entry()
        freeSlots.append(slot)
    }

    private mutating func appendSlot() -> UInt32 {
        if used == capacity {
            let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
            larger.moveInitialize(from: entries, count: used)
            entries.deallocate()
            entries = larger
            capacity *= 2
        }
        (entries + used).initialize(to: Entry())
        used += 1
        return UInt32(used - 1)
    }

    private static let slotCountMax = 1 << 14
}
