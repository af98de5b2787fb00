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
        delay = ContiguousArray(repeating: Self.unreachable, count: graph.nodeCount)
        predecessor = ContiguousArray(repeating: -1, count: graph.nodeCount)
        order = ContiguousArray()
        order.reserveCapacity(graph.nodeCount)
        var settled = ContiguousArray<Bool>(repeating: false, count: graph.nodeCount)
        var heap = DelayHeap()
        delay[source] = 0
        heap.insert(.init(key: 0, node: UInt32(source), via: UInt32(source)))
        while let entry = heap.removeLeast() {
            let node = Int(entry.node)
            guard !settled[node] else { continue }
            settled[node] = true
            order.append(entry.node)
            for arc in graph.arcs(of: node) {
                let other = Int(graph.target[arc])
                // Skipping settled nodes also keeps the predecessors acyclic across zero-delay links.
                guard !settled[other] else { continue }
                let candidate = entry.key + graph.delay[arc] + hop
                if candidate < delay[other] {
                    delay[other] = candidate
                    predecessor[other] = Int32(node)
                    heap.insert(.init(key: candidate, node: UInt32(other), via: entry.node))
                } else if candidate == delay[other], node < predecessor[other] {
                    predecessor[other] = Int32(node)
                }
            }
        }
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
