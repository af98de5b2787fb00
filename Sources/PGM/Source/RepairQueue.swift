/// What receivers have asked for and is still to be sent, oldest request first.
///
/// A number is queued once (its window slot knows); a transmission group is queued once, with the largest count that was
/// asked for (RFC 3208 §11.4).
struct RepairQueue: Sendable {
    struct Entry: Sendable {
        /// A packet's number, or the first of a group.
        var number: SequenceNumber
        var isParity: Bool
        /// When to send it: until then more NAKs for the same loss may come.
        var due: Int64
    }

    struct Group: Sendable {
        var first = SequenceNumber(0)
        /// The next parity packet that was never sent.
        var nextIndex = 0
        var pendingCount = 0
        var isKnown = false
    }

    private var entries = Ring<Entry>()
    private var groups: ContiguousArray<Group> = []
    private let groupSize: Int

    /// `groupSize` is 0 without parity.
    init(groupSize: Int, windowPacketCount: Int) {
        self.groupSize = groupSize
        guard groupSize > 0 else { return }
        var capacity = 4
        while capacity < windowPacketCount / groupSize + 2 { capacity *= 2 }
        groups = ContiguousArray(repeating: Group(), count: capacity)
    }

    var isEmpty: Bool { entries.isEmpty }
    var first: Entry? { entries.first }

    mutating func add(_ number: SequenceNumber, due: Int64) {
        entries.append(Entry(number: number, isParity: false, due: due))
    }

    mutating func removeFirst() { _ = entries.popFirst() }

    /// Asks for `count` parity packets of the group; whether that is more than was pending.
    mutating func addParity(
        group first: SequenceNumber,
        count: Int,
        due: Int64,
        firstIndex: Int
    ) -> Bool {
        let slot = slot(of: first)
        if !groups[slot].isKnown || groups[slot].first != first {
            groups[slot] = Group(first: first, nextIndex: firstIndex, isKnown: true)
        }
        let pending = groups[slot].pendingCount
        guard count > pending else { return false }
        if pending == 0 { entries.append(Entry(number: first, isParity: true, due: due)) }
        groups[slot].pendingCount = count
        return true
    }

    /// The index of the next parity packet of the group; `nil` when none is pending any more.
    mutating func nextParityIndex(group first: SequenceNumber) -> Int? {
        let slot = slot(of: first)
        guard groups[slot].first == first, groups[slot].pendingCount > 0 else { return nil }
        groups[slot].pendingCount -= 1
        let index = groups[slot].nextIndex
        // A code of 255 packets has no more than these; then the first ones serve again.
        groups[slot].nextIndex = (index + 1) % (255 - groupSize)
        return index
    }

    func hasPendingParity(group first: SequenceNumber) -> Bool {
        let group = groups[slot(of: first)]
        return group.first == first && group.pendingCount > 0
    }

    private func slot(of first: SequenceNumber) -> Int {
        Int(first.rawValue) / groupSize & (groups.count - 1)
    }
}
