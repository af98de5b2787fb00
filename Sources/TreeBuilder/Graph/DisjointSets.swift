/// Which nodes are joined so far (Tarjan, with halved paths).
struct DisjointSets {
    private var above: ContiguousArray<Int>

    init(count: Int) { above = ContiguousArray(0..<count) }

    /// - Returns: whether they were apart.
    mutating func join(_ a: Int, _ b: Int) -> Bool {
        let (a, b) = (top(of: a), top(of: b))
        above[a] = b
        return a != b
    }

    mutating func areJoined(_ a: Int, _ b: Int) -> Bool { top(of: a) == top(of: b) }

    /// One of those that a node is joined with, the same for all of them.
    mutating func top(of node: Int) -> Int {
        var node = node
        while above[node] != node {
            above[node] = above[above[node]]
            node = above[node]
        }
        return node
    }
}
