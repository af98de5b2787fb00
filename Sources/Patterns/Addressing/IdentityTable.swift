/// Finds a peer by the octets of its identity, without making a key of them: what every message that a ROUTER sends begins with.
///
/// Open addressing with linear probing; identities lie in one array of octets arrays, and a slot of the table is the number of one.
struct IdentityTable: Sendable {
    private struct Entry: Sendable {
        var identity: [UInt8] = []
        /// Negative where nobody is.
        var slot = -1
        var hash: UInt64 = 0

        var isFree: Bool { slot < 0 }
    }

    private var entries = Array(repeating: Entry(), count: 16)
    private(set) var count = 0

    /// The slot of the peer with that identity. It changes nothing; `mutating`, so that it is looked up in place: a copy would be counted in
    /// and out for every message.
    mutating func slot(of identity: UnsafeRawBufferPointer) -> Int? {
        let hash = Self.hash(identity)
        return entries.withUnsafeMutableBufferPointer { entries in
            var place = Int(truncatingIfNeeded: hash) & (entries.count - 1)
            while !entries[place].isFree {
                if entries[place].hash == hash, Self.equal(entries[place].identity, identity) {
                    return entries[place].slot
                }
                place = (place + 1) & (entries.count - 1)
            }
            return nil
        }
    }

    /// - Precondition: nobody has that identity.
    mutating func insert(_ identity: [UInt8], slot: Int) {
        if 2 * (count + 1) > entries.count { grow() }
        let hash = identity.withUnsafeBytes { Self.hash($0) }
        place(Entry(identity: identity, slot: slot, hash: hash))
        count += 1
    }

    mutating func remove(_ identity: [UInt8]) {
        let hash = identity.withUnsafeBytes { Self.hash($0) }
        var hole = Int(truncatingIfNeeded: hash) & (entries.count - 1)
        while !entries[hole].isFree,
            entries[hole].hash != hash || entries[hole].identity != identity
        {
            hole = (hole + 1) & (entries.count - 1)
        }
        guard !entries[hole].isFree else { return }
        entries[hole] = Entry()
        count -= 1
        // What stands behind the hole may have been pushed there by who is gone.
        var place = (hole + 1) & (entries.count - 1)
        while !entries[place].isFree {
            let entry = entries[place]
            entries[place] = Entry()
            self.place(entry)
            place = (place + 1) & (entries.count - 1)
        }
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(), count: 2 * old.count)
        for entry in old where !entry.isFree { place(entry) }
    }

    private mutating func place(_ entry: Entry) {
        var place = Int(truncatingIfNeeded: entry.hash) & (entries.count - 1)
        while !entries[place].isFree { place = (place + 1) & (entries.count - 1) }
        entries[place] = entry
    }

    private static func equal(_ identity: [UInt8], _ octets: UnsafeRawBufferPointer) -> Bool {
        identity.count == octets.count
            && identity.withUnsafeBytes { left in
                var index = 0
                while index < left.count {
                    if left[index] != octets[index] { return false }
                    index += 1
                }
                return true
            }
    }

    /// FNV-1a, with a final mix so that the low bits depend on every octet. A peer that chooses colliding identities slows the
    /// look-up of its own name and its neighbours'; it needs a connection for each.
    private static func hash(_ octets: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
        hash ^= hash >> 29
        return hash &* 0xBF58_476D_1CE4_E5B9 ^ (hash >> 32)
    }
}
