/// A spanning tree that can be changed and measured in the time of the part that moved. There are two ways to do it:
///
/// ```
/// move(v, to: p) …   re-links only; delays are stale until
/// refresh(v)         walks v's subtree down to where nothing changes
/// keep() / undo()    the logs are dropped / played back
/// ```
///
/// serves moves that turn a part of the tree around; `SearchTree+Steps` judges a change before it is made.
///
/// Flat arrays behind pointers, because this is the inner loop of the builder: no bounds checks, no
/// reference counting, no allocation after `init`. Sibling lists are doubly linked so that a move is O(1).
final class SearchTree {
    let nodeCount: Int
    let root: Int
    let parent: UnsafeMutablePointer<Int32>
    let firstChild: UnsafeMutablePointer<Int32>
    let nextSibling: UnsafeMutablePointer<Int32>
    private let previousSibling: UnsafeMutablePointer<Int32>
    let childCount: UnsafeMutablePointer<Int32>
    let capacity: UnsafeMutablePointer<Int32>
    let isFixed: UnsafeMutablePointer<Bool>
    /// Delay of the edge to the parent, forwarding included.
    let edge: UnsafeMutablePointer<Picoseconds>
    let delay: UnsafeMutablePointer<Picoseconds>
    /// The latest each node may be.
    let delayLimit: UnsafeMutablePointer<Picoseconds>
    let weight: UnsafeMutablePointer<Double>
    /// For changes that are judged before they are made.
    let proposal: Proposal

    /// Children over capacity, summed over all nodes.
    private(set) var excess = 0
    /// Σ weight · delay.
    var weightedSum = 0.0
    var worst: Int

    private var moveLog: ContiguousArray<Link> = []
    private var delayLog: ContiguousArray<(node: Int32, delay: Picoseconds)> = []
    private var sumBefore = 0.0
    private var worstBefore: Int
    private var largestChanged: Picoseconds = -1
    private var largestChangedNode = 0

    private struct Link {
        var node: Int32
        var parent: Int32
        var edge: Picoseconds
    }

    init(_ tree: Arborescence, of problem: TreeProblem) {
        let count = problem.nodeCount
        nodeCount = count
        root = problem.root
        worst = problem.root
        worstBefore = problem.root
        func array<Element>(_ value: Element) -> UnsafeMutablePointer<Element> {
            let pointer = UnsafeMutablePointer<Element>.allocate(capacity: count)
            pointer.initialize(repeating: value, count: count)
            return pointer
        }
        parent = array(-1)
        firstChild = array(-1)
        nextSibling = array(-1)
        previousSibling = array(-1)
        childCount = array(0)
        capacity = array(0)
        isFixed = array(false)
        edge = array(0)
        delay = array(0)
        delayLimit = array(.max)
        weight = array(0)
        proposal = Proposal(nodeCount: count)
        for node in 0..<count {
            capacity[node] = problem.capacity[node]
            isFixed[node] = problem.fixedParent[node] >= 0 || node == problem.root
            weight[node] = problem.weight[node]
            if let limits = problem.delayLimit { delayLimit[node] = limits[node] }
        }
        for node in tree.breadthFirst(root: root) where node != root {
            edge[node] = tree.edge[node]
            link(node, to: Int(tree.parent[node]))
            delay[node] = delay[Int(tree.parent[node])] + edge[node]
            weightedSum += weight[node] * Double(delay[node])
            if delay[node] > delay[worst] { worst = node }
        }
        keep()
    }

    deinit {
        for array in [parent, firstChild, nextSibling, previousSibling, childCount, capacity] {
            array.deallocate()
        }
        isFixed.deallocate()
        edge.deallocate()
        delay.deallocate()
        delayLimit.deallocate()
        weight.deallocate()
    }

    var radius: Picoseconds { delay[worst] }

    func hasRoom(_ node: Int) -> Bool { childCount[node] < capacity[node] }

    /// Whether `node` is `top` or below it.
    func isInSubtree(_ node: Int, of top: Int) -> Bool {
        var current = node
        while current != top {
            current = Int(parent[current])
            if current < 0 { return false }
        }
        return true
    }

    /// Hangs `node` at another parent. The caller sees to it that no cycle remains when it is done, and
    /// then refreshes every node it moved, upper ones first.
    func move(_ node: Int, to newParent: Int, edge newEdge: Picoseconds) {
        moveLog.append(Link(node: Int32(node), parent: parent[node], edge: edge[node]))
        unlink(node)
        edge[node] = newEdge
        link(node, to: newParent)
    }

    /// Adds up delays again below a moved node.
    ///
    /// - Returns: `false` as soon as one exceeds `limit` or the node's own; the caller then undoes.
    func refresh(_ top: Int, limit: Picoseconds) -> Bool {
        var node = top
        while true {
            let fresh = delay[Int(parent[node])] + edge[node]
            let old = delay[node]
            if fresh != old {
                delayLog.append((Int32(node), old))
                delay[node] = fresh
                weightedSum += weight[node] * Double(fresh - old)
                if fresh > delayLimit[node] { return false }
                if fresh > largestChanged {
                    if fresh > limit { return false }
                    largestChanged = fresh
                    largestChangedNode = node
                }
                if firstChild[node] >= 0 {
                    node = Int(firstChild[node])
                    continue
                }
            }
            while node != top, nextSibling[node] < 0 { node = Int(parent[node]) }
            if node == top { return true }
            node = Int(nextSibling[node])
        }
    }

    /// Finds the worst node after the last refresh. Only when it was the worst itself that came closer are
    /// all nodes looked at.
    func updateWorst() {
        let before = worstDelayBefore
        if largestChanged >= before {
            // A node may have been refreshed twice, so the record can be stale; then scan.
            if delay[largestChangedNode] == largestChanged {
                worst = largestChangedNode
                return
            }
        } else if delay[worst] == before {
            return
        }
        var found = root
        for node in 0..<nodeCount where delay[node] > delay[found] { found = node }
        worst = found
    }

    private var worstDelayBefore: Picoseconds = 0

    /// Accepts the changes since the last `keep` or `undo`.
    func keep() {
        moveLog.removeAll(keepingCapacity: true)
        settle()
    }

    /// Takes back the changes since the last `keep` or `undo`.
    func undo() {
        for entry in delayLog.reversed() { delay[Int(entry.node)] = entry.delay }
        while let entry = moveLog.popLast() {
            unlink(Int(entry.node))
            edge[Int(entry.node)] = entry.edge
            link(Int(entry.node), to: Int(entry.parent))
        }
        weightedSum = sumBefore
        worst = worstBefore
        settle()
    }

    func arborescence() -> Arborescence {
        var tree = Arborescence(nodeCount: nodeCount)
        for node in 0..<nodeCount {
            tree.parent[node] = parent[node]
            tree.edge[node] = edge[node]
        }
        return tree
    }

    private func settle() {
        delayLog.removeAll(keepingCapacity: true)
        sumBefore = weightedSum
        worstBefore = worst
        worstDelayBefore = delay[worst]
        largestChanged = -1
    }

    func link(_ node: Int, to newParent: Int) {
        let next = firstChild[newParent]
        parent[node] = Int32(newParent)
        nextSibling[node] = next
        previousSibling[node] = -1
        if next >= 0 { previousSibling[Int(next)] = Int32(node) }
        firstChild[newParent] = Int32(node)
        childCount[newParent] += 1
        if childCount[newParent] > capacity[newParent] { excess += 1 }
    }

    func unlink(_ node: Int) {
        let above = Int(parent[node])
        let next = nextSibling[node]
        let previous = previousSibling[node]
        if previous >= 0 {
            nextSibling[Int(previous)] = next
        } else {
            firstChild[above] = next
        }
        if next >= 0 { previousSibling[Int(next)] = previous }
        if childCount[above] > capacity[above] { excess -= 1 }
        childCount[above] -= 1
    }
}
