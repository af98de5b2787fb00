/// A priority queue of (key, node) pairs whose least key never falls (Ahuja, Mehlhorn, Orlin & Tarjan, J. ACM 37, 1990).
///
/// ```
/// last removed key    0100 1100
/// bucket 0            0100 1100     equal to it, in descending order of nodes: the next to go is at the end
/// bucket 1            0100 110x     the highest bit that differs from it names the bucket
/// bucket 3            0100 1xxx
/// bucket 7            0xxx xxxx
/// ```
///
/// When bucket 0 is empty, the first bucket that is not gives the next least key, and is dealt out to those before it. An entry only
/// moves down, at most once for each bit of its key, and every move is along memory, where a heap jumps.
struct RadixHeap: ~Copyable {
    struct Entry {
        var key: UInt64
        var node: UInt32
    }

    private struct Bucket {
        var entries: UnsafeMutablePointer<Entry>
        var count = 0
        var capacity: Int
    }

    private static let bucketCount = 65
    private let buckets: UnsafeMutablePointer<Bucket>
    private var last: UInt64 = 0
    /// A bit for each bucket from 1 on that holds anything.
    private var used: UInt64 = 0

    init() {
        buckets = .allocate(capacity: Self.bucketCount)
        for index in 0..<Self.bucketCount {
            let bucket = Bucket(entries: .allocate(capacity: 16), capacity: 16)
            (buckets + index).initialize(to: bucket)
        }
    }

    deinit {
        for index in 0..<Self.bucketCount { buckets[index].entries.deallocate() }
        buckets.deallocate()
    }

    /// Adds an entry, whose key must not be below the last one that was removed.
    @inline(__always)
    mutating func insert(key: UInt64, node: UInt32) {
        let bucket = 64 - (key ^ last).leadingZeroBitCount
        guard bucket > 0 else { return insertAtLast(node) }
        used |= 1 << UInt64(bucket - 1)
        append(Entry(key: key, node: node), to: bucket)
    }

    /// The entry of the least key, of several the one with the least node, unless `isStale` says that nobody waits for it.
    @inline(__always)
    mutating func removeLeast(unless isStale: (Entry) -> Bool) -> Entry? {
        while buckets[0].count == 0 {
            guard used != 0 else { return nil }
            deal(used.trailingZeroBitCount + 1, isStale)
        }
        buckets[0].count -= 1
        return buckets[0].entries[buckets[0].count]
    }

    /// Deals out a bucket to those before it.
    private mutating func deal(_ bucket: Int, _ isStale: (Entry) -> Bool) {
        let (entries, count) = (buckets[bucket].entries, buckets[bucket].count)
        buckets[bucket].count = 0
        used &= ~(1 << UInt64(bucket - 1))
        var least = UInt64.max
        for index in 0..<count { least = min(least, entries[index].key) }
        last = least
        for index in 0..<count where !isStale(entries[index]) {
            let entry = entries[index]
            let target = 64 - (entry.key ^ last).leadingZeroBitCount
            if target > 0 { used |= 1 << UInt64(target - 1) }
            append(entry, to: target)
        }
        sortFirst()
    }

    private func sortFirst() {
        let (entries, count) = (buckets[0].entries, buckets[0].count)
        guard count > 24 else {
            for index in stride(from: 1, to: count, by: 1) {
                let entry = entries[index]
                var place = index
                while place > 0, entries[place - 1].node < entry.node {
                    entries[place] = entries[place - 1]
                    place -= 1
                }
                entries[place] = entry
            }
            return
        }
        var slice = UnsafeMutableBufferPointer(start: entries, count: count)
        slice.sort { $0.node > $1.node }
    }

    /// For links that take no time: the entry goes where its node belongs.
    private mutating func insertAtLast(_ node: UInt32) {
        append(Entry(key: last, node: node), to: 0)
        let entries = buckets[0].entries
        var place = buckets[0].count - 1
        while place > 0, entries[place - 1].node < node {
            entries[place] = entries[place - 1]
            place -= 1
        }
        entries[place] = Entry(key: last, node: node)
    }

    @inline(__always)
    private func append(_ entry: Entry, to index: Int) {
        let bucket = buckets + index
        if bucket.pointee.count == bucket.pointee.capacity { grow(bucket) }
        bucket.pointee.entries[bucket.pointee.count] = entry
        bucket.pointee.count += 1
    }

    private func grow(_ bucket: UnsafeMutablePointer<Bucket>) {
        let capacity = bucket.pointee.capacity * 2
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
        entries.moveInitialize(from: bucket.pointee.entries, count: bucket.pointee.count)
        bucket.pointee.entries.deallocate()
        bucket.pointee.entries = entries
        bucket.pointee.capacity = capacity
    }
}
