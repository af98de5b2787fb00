/// An order of the nodes in every block of a graph, by which two ways lead from the root to every node that share no node they can do without.
///
/// ```
///   root ── 1 ── 2 ── … ── last ── root      a block: nodes that stay joined whichever of them is gone. Every node has a neighbour before it and
///           ╰──── v ────╯                    one behind it, so one way comes up the order, and another down: from the root to the last, and back.
///
///   block ── c ── block                      A cut node c is the root of the blocks behind it. Both ways lead through it.
/// ```
///
/// That is an st-numbering of each block (Itai & Rodeh, Inf. Comput. 79, 1988), as the low-point computation of maximally redundant trees makes
/// it (RFC 7811, section 5), by Tarjan's insertion into a list (Two streamlined depth-first search algorithms, 1986).
struct BlockOrder {
    /// Where a node stands in the order of its block, from 1 on; 0 at the root.
    private(set) var position: ContiguousArray<Int32>
    /// The root of the block that a node is in below it; −1 at the root of all.
    private(set) var blockRoot: ContiguousArray<Int32>
    /// A number for each block, that of its last node; −1 at the root of all.
    private(set) var last: ContiguousArray<Int32>
    /// Roots of blocks but the root of all, in node order.
    let cutNodes: [Int]
    /// Every node behind the root of its block, which stands before it.
    let order: [Int]

    private let graph: Graph

    /// All nodes must be joined. `neighbours` are those of a node in the order in which the search goes to them.
    init(root: Int, of graph: Graph, neighbours: (Int) -> [Int]) {
        self.graph = graph
        let count = graph.nodeCount
        var search = DepthFirst(nodeCount: count)
        search.run(from: root, neighbours: neighbours)
        blockRoot = ContiguousArray(repeating: -1, count: count)
        last = blockRoot
        position = ContiguousArray(repeating: 0, count: count)
        order = search.preorder
        // Where a subtree reaches no further up than to the parent, a block begins, whose last node is the subtree's top.
        for node in search.preorder.dropFirst() {
            let parent = Int(search.parent[node])
            let begins = search.low[node] >= search.number[parent]
            last[node] = begins ? Int32(node) : last[parent]
            blockRoot[node] = begins ? Int32(parent) : blockRoot[parent]
        }
        let roots = Set(blockRoot.filter { $0 >= 0 && $0 != root })
        cutNodes = roots.sorted().map { Int($0) }
        number(search)
    }

    /// Puts each node next to its parent in the list of its block: before it where its subtree reaches up to a node that stands before,
    /// behind it where that stands behind.
    private mutating func number(_ search: DepthFirst) {
        let count = graph.nodeCount
        var before = ContiguousArray<Int32>(repeating: -1, count: count)
        var after = before
        var isBefore = ContiguousArray<Bool>(repeating: false, count: count)
        // The root of a block is the first of its list, and may be in another's: each block has a list of its own without it.
        var first = before
        for node in search.preorder.dropFirst() {
            let block = Int(last[node])
            guard block != node else {
                first[block] = Int32(node)
                continue
            }
            let parent = Int(search.parent[node])
            let target = search.preorder[Int(search.low[node])]
            if target == Int(blockRoot[node]) || isBefore[target] {
                let other = before[parent]
                before[node] = other
                after[node] = Int32(parent)
                before[parent] = Int32(node)
                if other >= 0 {
                    after[Int(other)] = Int32(node)
                } else {
                    first[block] = Int32(node)
                }
                isBefore[parent] = false
            } else {
                let other = after[parent]
                after[node] = other
                before[node] = Int32(parent)
                after[parent] = Int32(node)
                if other >= 0 { before[Int(other)] = Int32(node) }
                isBefore[parent] = true
            }
        }
        for start in first where start >= 0 {
            var node = start
            var place: Int32 = 1
            while node >= 0 {
                position[Int(node)] = place
                place += 1
                node = after[Int(node)]
            }
        }
    }

    /// Neighbours from which a node may be fed in the first tree, or in the second.
    func parents(of node: Int, inSecond isSecond: Bool) -> [Int] {
        let root = Int(blockRoot[node])
        guard root >= 0 else { return [] }
        return graph.arcs(of: node).compactMap { arc in
            let other = Int(graph.target[arc])
            if other == root { return !isSecond || last[node] == Int32(node) ? other : nil }
            guard last[other] == last[node] else { return nil }
            let isBehind = position[other] > position[node]
            return isBehind == isSecond ? other : nil
        }
    }
}

/// A depth-first search with low points, without recursion.
private struct DepthFirst {
    private(set) var preorder: [Int] = []
    /// By node, its place in the preorder.
    private(set) var number: ContiguousArray<Int32>
    /// By node, the least number that its subtree reaches by one link.
    private(set) var low: ContiguousArray<Int32>
    private(set) var parent: ContiguousArray<Int32>

    init(nodeCount: Int) {
        number = ContiguousArray(repeating: -1, count: nodeCount)
        low = number
        parent = number
    }

    mutating func run(from root: Int, neighbours: (Int) -> [Int]) {
        var path: [(node: Int, others: [Int], next: Int)] = []
        func enter(_ node: Int) {
            number[node] = Int32(preorder.count)
            low[node] = number[node]
            preorder.append(node)
            path.append((node, neighbours(node), 0))
        }
        enter(root)
        while let top = path.last {
            guard top.next < top.others.count else {
                path.removeLast()
                if let above = path.last { low[above.node] = min(low[above.node], low[top.node]) }
                continue
            }
            path[path.count - 1].next += 1
            let other = top.others[top.next]
            if number[other] < 0 {
                parent[other] = Int32(top.node)
                enter(other)
            } else if other != Int(parent[top.node]) {
                low[top.node] = min(low[top.node], number[other])
            }
        }
    }
}
