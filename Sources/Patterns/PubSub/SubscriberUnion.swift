/// Collects the subscribers of several topics in bits: duplicates vanish, and ascending order comes
/// for free. Empty between uses.
struct SubscriberUnion: ~Copyable {
    private var words: UnsafeMutablePointer<UInt64>
    private var wordCapacity = 8
    // Only the words from the lowest to the highest one touched are ever looked at again.
    private var firstTouched = Int.max
    private var lastTouched = -1

    init() {
        words = .allocate(capacity: wordCapacity)
        words.initialize(repeating: 0, count: wordCapacity)
    }

    deinit {
        words.deallocate()
    }

    var byteCount: Int { wordCapacity * MemoryLayout<UInt64>.stride }

    /// Ids added after this are below `subscriberCount`.
    mutating func reserve(subscriberCount: Int) {
        let needed = (subscriberCount + 63) / 64
        guard needed > wordCapacity else { return }
        words.deallocate()
        wordCapacity = needed * 2
        words = .allocate(capacity: wordCapacity)
        words.initialize(repeating: 0, count: wordCapacity)
    }

    mutating func add(list: UnsafeBufferPointer<UInt32>) {
        guard let first = list.first, let last = list.last else { return }
        for id in list { words[Int(id / 64)] |= 1 &<< UInt64(id % 64) }
        firstTouched = min(firstTouched, Int(first / 64))
        lastTouched = max(lastTouched, Int(last / 64))
    }

    /// Words of bits; those beyond the reserved range are zero.
    mutating func add(words source: UnsafeBufferPointer<UInt64>) {
        let count = min(source.count, wordCapacity)
        for index in 0..<count { words[index] |= source[index] }
        firstTouched = 0
        lastTouched = max(lastTouched, count - 1)
    }

    var count: Int {
        guard firstTouched <= lastTouched else { return 0 }
        return (firstTouched...lastTouched).reduce(0) { $0 + words[$1].nonzeroBitCount }
    }

    /// Writes the ids, ascending, to memory with room for `count` of them, and becomes empty.
    mutating func drain(to ids: UnsafeMutablePointer<UInt32>) {
        guard firstTouched <= lastTouched else { return }
        var next = ids
        for index in firstTouched...lastTouched {
            words[index].forEachBit(from: index * 64) {
                next.initialize(to: $0)
                next += 1
            }
            words[index] = 0
        }
        firstTouched = Int.max
        lastTouched = -1
    }
}
