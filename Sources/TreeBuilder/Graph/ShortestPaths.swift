/// Dijkstra's algorithm from one node: the least delay to every other, and the last node before it.
///
/// Equal paths are decided by the smallest predecessor in file order, so the tree is reproducible.
struct ShortestPaths {
    static let unreachable = Picoseconds.max

    /// `unreachable` where no path exists.
    private(set) var delay: ContiguousArray<Picoseconds>
    /// −1 at the source and at unreachable nodes.
    private(set) var predecessor: ContiguousArray<Int32>
    /// Reachable nodes in the order they were settled: nearest first, predecessors before successors.
    private(set) var order: ContiguousArray<UInt32>

    /// `hop` is added to every link, for trees whose every relay costs something.
    init(from source: Int, in graph: Graph, hop: Picoseconds = 0) {
        let count = graph.nodeCount
        var delay = ContiguousArray(repeating: Self.unreachable, count: count)
        var predecessor = ContiguousArray<Int32>(repeating: -1, count: count)
        order = ContiguousArray(unsafeUninitializedCapacity: count) { order, orderCount in
            guard let order = order.baseAddress else { return }
            delay.withUnsafeMutableBufferPointer { delay in
                predecessor.withUnsafeMutableBufferPointer { predecessor in
                    guard let delay = delay.baseAddress, let predecessor = predecessor.baseAddress
                    else { return }
                    orderCount = graph.withUnsafeArcs {
                        Self.settle(source, $0, hop: hop, delay, predecessor, order)
                    }
                }
            }
        }
        self.delay = delay
        self.predecessor = predecessor
    }

    /// - Returns: how many nodes were reached.
    private static func settle(
        _ source: Int,
        _ arcs: Graph.Arcs,
        hop: Picoseconds,
        _ delay: UnsafeMutablePointer<Picoseconds>,
        _ predecessor: UnsafeMutablePointer<Int32>,
        _ order: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var settledCount = 0
        var isSettled = ContiguousArray<Bool>(repeating: false, count: arcs.nodeCount)
        var heap = RadixHeap()
        delay[source] = 0
        heap.insert(key: 0, node: UInt32(source))
        while let entry = heap.removeLeast(unless: { $0.key > UInt64(delay[Int($0.node)]) }) {
            let node = Int(entry.node)
            let key = Picoseconds(entry.key)
            // A shorter path was found since: each node has one entry with its delay.
            guard key == delay[node] else { continue }
            isSettled[node] = true
            order[settledCount] = entry.node
            settledCount += 1
            for arc in Int(arcs.first[node])..<Int(arcs.first[node + 1]) {
                let other = Int(arcs.target[arc])
                let candidate = key + arcs.delay[arc] + hop
                if candidate < delay[other] {
                    delay[other] = candidate
                    predecessor[other] = Int32(node)
                    heap.insert(key: UInt64(candidate), node: UInt32(other))
                } else if candidate == delay[other], node < predecessor[other], !isSettled[other] {
                    // Only links that take no time lead to settled nodes so; predecessors stay free of cycles.
                    predecessor[other] = Int32(node)
                }
            }
        }
        return settledCount
    }

    /// The largest delay to a reachable node.
    var eccentricity: Picoseconds {
        guard let last = order.last else { return 0 }
        return delay[Int(last)]
    }
}

/// A 4-ary min-heap of (delay, node) pairs: half the levels of a binary heap, and the four children
/// of an entry lie side by side in memory.
struct DelayHeap {
    struct Entry {
        var key: Picoseconds
        var node: UInt32
        /// The node that offers the path, for callers that decide on removal.
        var via: UInt32

        /// Ties go to the node, then to the offering node that comes first in the file.
        func isBefore(_ other: Entry) -> Bool {
            if key != other.key { return key < other.key }
            return (UInt64(node) << 32 | UInt64(via))
                < (UInt64(other.node) << 32 | UInt64(other.via))
        }
    }

    private var entries = ContiguousArray<Entry>()

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        entries.withUnsafeMutableBufferPointer { entries in
            var hole = entries.count - 1
            while hole > 0 {
                let above = (hole - 1) >> 2
                guard entry.isBefore(entries[above]) else { break }
                entries[hole] = entries[above]
                hole = above
            }
            entries[hole] = entry
        }
    }

    mutating func removeLeast() -> Entry? {
        guard let least = entries.first else { return nil }
        let moved = entries.removeLast()
        guard !entries.isEmpty else { return least }
        entries.withUnsafeMutableBufferPointer { entries in
            var hole = 0
            while true {
                let first = hole << 2 + 1
                guard first < entries.count else { break }
                var smallest = first
                for child in (first + 1)..<max(first + 1, min(first + 4, entries.count))
                where entries[child].isBefore(entries[smallest]) {
                    smallest = child
                }
                guard entries[smallest].isBefore(moved) else { break }
                entries[hole] = entries[smallest]
                hole = smallest
            }
            entries[hole] = moved
        }
        return least
    }
}
