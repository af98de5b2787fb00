import Topology

/// The links of a topology as a compressed sparse row graph.
///
/// ```
/// firstArc  0     2        5  …          arcs of v: firstArc[v] ..< firstArc[v + 1]
/// target    3  7  0  4  9  …             ascending within one node
/// delay     …                            propagation only, no forwarding cost
/// ```
///
/// Undirected: every link is two arcs. Self loops are dropped, parallel links merged into the fastest.
struct Graph {
    let nodeCount: Int
    let firstArc: ContiguousArray<UInt32>
    let target: ContiguousArray<UInt32>
    let delay: ContiguousArray<Picoseconds>

    /// An undirected edge between two node indices.
    struct Edge {
        var a: UInt32
        var b: UInt32
        var delay: Picoseconds
    }

    init(nodeCount: Int, edges: ContiguousArray<Edge>) {
        self.nodeCount = nodeCount
        // Two counting passes, by target and then (stably) by source, sort the arcs in linear time.
        var arcs = ContiguousArray<Edge>()
        arcs.reserveCapacity(edges.count * 2)
        for edge in edges where edge.a != edge.b {
            arcs.append(edge)
            arcs.append(Edge(a: edge.b, b: edge.a, delay: edge.delay))
        }
        arcs = Self.sorted(arcs, nodeCount: nodeCount) { $0.b }
        arcs = Self.sorted(arcs, nodeCount: nodeCount) { $0.a }

        var firstArc = ContiguousArray<UInt32>(repeating: 0, count: nodeCount + 1)
        var target = ContiguousArray<UInt32>()
        var delay = ContiguousArray<Picoseconds>()
        target.reserveCapacity(arcs.count)
        delay.reserveCapacity(arcs.count)
        var previous: Edge?
        for arc in arcs {
            if let last = previous, last.a == arc.a, last.b == arc.b {
                delay[delay.count - 1] = min(delay[delay.count - 1], arc.delay)
            } else {
                target.append(arc.b)
                delay.append(arc.delay)
                firstArc[Int(arc.a) + 1] += 1
            }
            previous = arc
        }
        for node in 0..<nodeCount { firstArc[node + 1] += firstArc[node] }
        self.firstArc = firstArc
        self.target = target
        self.delay = delay
    }

    /// The arrays of a graph behind pointers, for the loops that go through all of it.
    struct Arcs {
        let nodeCount: Int
        let first: UnsafePointer<UInt32>
        let target: UnsafePointer<UInt32>
        let delay: UnsafePointer<Picoseconds>

        @inline(__always)
        func range(of node: Int) -> Range<Int> { Int(first[node])..<Int(first[node + 1]) }
    }

    /// Calls `body` with pointers that are valid during the call.
    func withUnsafeArcs<Result>(_ body: (Arcs) -> Result) -> Result {
        firstArc.withUnsafeBufferPointer { first in
            target.withUnsafeBufferPointer { target in
                delay.withUnsafeBufferPointer { delay in
                    // Arrays without elements have an address as well; nothing is read there.
                    guard let first = first.baseAddress, let target = target.baseAddress,
                        let delay = delay.baseAddress
                    else { preconditionFailure("a contiguous array has an address") }
                    return body(
                        Arcs(nodeCount: nodeCount, first: first, target: target, delay: delay)
                    )
                }
            }
        }
    }

    func arcs(of node: Int) -> Range<Int> {
        Int(firstArc[node])..<Int(firstArc[node + 1])
    }

    /// The delay of the link between two nodes; `nil` when the topology has none.
    func linkDelay(_ a: Int, _ b: Int) -> Picoseconds? {
        arc(from: a, to: b).map { delay[$0] }
    }

    /// The arc of the link between two nodes; `nil` when the topology has none.
    func arc(from a: Int, to b: Int) -> Int? {
        var low = Int(firstArc[a])
        var high = Int(firstArc[a + 1])
        while low < high {
            let middle = (low + high) / 2
            if target[middle] < b { low = middle + 1 } else { high = middle }
        }
        guard low < firstArc[a + 1], target[low] == b else { return nil }
        return low
    }

    /// The graph of the arcs that `isKept` accepts; it must answer alike for both arcs of a link.
    func filtered(_ isKept: (_ arc: Int) -> Bool) -> Graph {
        var edges = ContiguousArray<Edge>()
        for node in 0..<nodeCount {
            for arc in arcs(of: node) where node < target[arc] && isKept(arc) {
                edges.append(Edge(a: UInt32(node), b: target[arc], delay: delay[arc]))
            }
        }
        return Graph(nodeCount: nodeCount, edges: edges)
    }

    private static func sorted(
        _ arcs: ContiguousArray<Edge>,
        nodeCount: Int,
        by key: (Edge) -> UInt32
    ) -> ContiguousArray<Edge> {
        var next = ContiguousArray<Int>(repeating: 0, count: nodeCount + 1)
        for arc in arcs { next[Int(key(arc)) + 1] += 1 }
        for node in 0..<nodeCount { next[node + 1] += next[node] }
        var result = arcs
        for arc in arcs {
            result[next[Int(key(arc))]] = arc
            next[Int(key(arc))] += 1
        }
        return result
    }
}

extension Graph {
    /// The connected parts, each in ascending node order, ordered by their first node.
    func parts() -> [[Int]] {
        var part = ContiguousArray<Int>(repeating: -1, count: nodeCount)
        var partCount = 0
        var queue = ContiguousArray<Int>()
        for start in 0..<nodeCount where part[start] < 0 {
            part[start] = partCount
            queue.append(start)
            while let node = queue.popLast() {
                for arc in arcs(of: node) where part[Int(target[arc])] < 0 {
                    part[Int(target[arc])] = partCount
                    queue.append(Int(target[arc]))
                }
            }
            partCount += 1
        }
        var members = [[Int]](repeating: [], count: partCount)
        for node in 0..<nodeCount { members[part[node]].append(node) }
        return members
    }

    /// For every node, how many parts its removal would cut off from `root`: each of them needs a
    /// child slot of this node in any spanning tree (Tarjan's low points, without recursion).
    func partsBehind(root: Int) -> ContiguousArray<Int32> {
        var behind = ContiguousArray<Int32>(repeating: 0, count: nodeCount)
        var order = ContiguousArray<Int32>(repeating: -1, count: nodeCount)
        var low = order
        var parent = order
        var nextArc = ContiguousArray<Int>(firstArc.dropLast().map { Int($0) })
        var visited: Int32 = 1
        order[root] = 0
        low[root] = 0
        var path = [root]
        while let node = path.last {
            guard nextArc[node] < Int(firstArc[node + 1]) else {
                path.removeLast()
                guard parent[node] >= 0 else { continue }
                let above = Int(parent[node])
                low[above] = min(low[above], low[node])
                if low[node] >= order[above] { behind[above] += 1 }
                continue
            }
            let other = Int(target[nextArc[node]])
            nextArc[node] += 1
            if order[other] < 0 {
                order[other] = visited
                low[other] = visited
                parent[other] = Int32(node)
                visited += 1
                path.append(other)
            } else if other != parent[node] {
                low[node] = min(low[node], order[other])
            }
        }
        return behind
    }
}
