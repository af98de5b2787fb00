/// Finds the number of the first message with a hash: open addressing, some 12 octets for a message.
struct HashIndex {
    private var slots: [Int32] = Array(repeating: -1, count: 1024)
    private var mask = 1023
    /// By message.
    private(set) var hashes: [UInt64] = []

    var count: Int { hashes.count }

    /// The first message with this hash.
    func first(_ hash: UInt64) -> Int? {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let message = Int(slots[slot])
            if message < 0 { return nil }
            if hashes[message] == hash { return message }
            slot = (slot + 1) & mask
        }
    }

    /// Adds a message and returns its number.
    mutating func append(_ hash: UInt64, isFirst: Bool) -> Int {
        let message = hashes.count
        hashes.append(hash)
        guard isFirst else { return message }
        if hashes.count * 2 > slots.count { grow() } else { insert(message) }
        return message
    }

    private mutating func insert(_ message: Int) {
        var slot = Int(truncatingIfNeeded: hashes[message]) & mask
        while slots[slot] >= 0 {
            if hashes[Int(slots[slot])] == hashes[message] { return }
            slot = (slot + 1) & mask
        }
        slots[slot] = Int32(truncatingIfNeeded: message)
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        mask = slots.count - 1
        for message in hashes.indices { insert(message) }
    }

    /// More messages than this cannot be numbered.
    static let countMax = Int(Int32.max) / 2
}
