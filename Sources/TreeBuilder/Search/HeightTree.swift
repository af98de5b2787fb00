/// A spanning tree of a large network that knows for every node how late it is, and how much later the last node below it.
///
/// ```
///    r   delay 0, height = the radius
///    │
///    v   delay: from the root to here      v may go below q if delay[q] + edge + height[v]
///   ╱ ╲  height: from here to the farthest below it        is in time
/// ```
///
/// A move costs the part that moves, and the heights on both ways up as far as they change. Flat arrays behind pointers: 48 bytes for
/// a node, no allocation after `init`.
final class HeightTree {
    let nodeCount: Int
    let root: Int
    /// −1 where there is none; so it is in the next three.
    let parent: UnsafeMutablePointer<Int32>
    let firstChild: UnsafeMutablePointer<Int32>
    let nextSibling: UnsafeMutablePointer<Int32>
    private let previousSibling: UnsafeMutablePointer<Int32>
    let childCount: UnsafeMutablePointer<Int32>
    let capacity: UnsafeMutablePointer<Int32>
    /// Delay of the edge to the parent, forwarding included.
    let edge: UnsafeMutablePointer<Picoseconds>
    let delay: UnsafeMutablePointer<Picoseconds>
    let height: UnsafeMutablePointer<Picoseconds>
    /// Nodes whose delay was changed so far: what the moves cost.
    private(set) var shiftCount = 0

    init(_ tree: Arborescence, of problem: TreeProblem) {
        let count = problem.nodeCount
        nodeCount = count
        root = problem.root
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
        edge = array(0)
        delay = array(0)
        height = array(0)
        for node in 0..<count {
            capacity[node] = problem.capacity[node]
            guard tree.parent[node] >= 0 else { continue }
            edge[node] = tree.edge[node]
            link(node, to: Int(tree.parent[node]))
        }
        addUp()
    }

    deinit {
        for array in [parent, firstChild, nextSibling, previousSibling, childCount, capacity] {
            array.deallocate()
        }
        for array in [edge, delay, height] { array.deallocate() }
    }

    var radius: Picoseconds { height[root] }

    func hasRoom(_ node: Int) -> Bool { childCount[node] < capacity[node] }

    func isOverfull(_ node: Int) -> Bool { childCount[node] > capacity[node] }

    /// Whether `node` is `top` or below it.
    func isInSubtree(_ node: Int, of top: Int) -> Bool {
        var current = node
        // No edge has a negative delay: what is earlier than the top is not below it.
        while current >= 0, delay[current] >= delay[top] {
            if current == top { return true }
            current = Int(parent[current])
        }
        return false
    }

    /// Calls `body` with each child until it says to stop.
    @inline(__always)
    func forEachChild(of node: Int, _ body: (Int) -> Bool) {
        var child = Int(firstChild[node])
        while child >= 0 {
            guard body(child) else { return }
            child = Int(nextSibling[child])
        }
    }

    /// The farthest node below another.
    func farthest(below top: Int) -> Int {
        var node = top
        while height[node] > 0 || firstChild[node] >= 0 {
            var next = -1
            forEachChild(of: node) { child in
                guard edge[child] + height[child] == height[node] else { return true }
                next = child
                return false
            }
            guard next >= 0 else { break }
            node = next
        }
        return node
    }

    /// Hangs a node, with all below it, at another parent, which must not be among these.
    func move(_ node: Int, to newParent: Int, edge newEdge: Picoseconds) {
        let oldParent = Int(parent[node])
        let before = edge[node] + height[node]
        unlink(node)
        edge[node] = newEdge
        link(node, to: newParent)
        shift(node, by: delay[newParent] + newEdge - delay[node])
        lowerHeights(from: oldParent, without: before)
        raiseHeights(from: newParent, with: newEdge + height[node])
    }

    func arborescence() -> Arborescence {
        var tree = Arborescence(nodeCount: nodeCount)
        for node in 0..<nodeCount {
            tree.parent[node] = parent[node]
            tree.edge[node] = edge[node]
        }
        return tree
    }

    // MARK: Details

    /// Delays from the root down, heights from the leaves up.
    private func addUp() {
        var order = ContiguousArray<Int32>()
        order.reserveCapacity(nodeCount)
        order.append(Int32(root))
        var next = 0
        while next < order.count {
            let node = Int(order[next])
            next += 1
            forEachChild(of: node) { child in
                delay[child] = delay[node] + edge[child]
                order.append(Int32(child))
                return true
            }
        }
        for node in order.reversed().map({ Int($0) }) where parent[node] >= 0 {
            let above = Int(parent[node])
            height[above] = max(height[above], edge[node] + height[node])
        }
    }

    private func shift(_ top: Int, by difference: Picoseconds) {
        guard difference != 0 else { return }
        var node = top
        while true {
            delay[node] += difference
            shiftCount += 1
            if firstChild[node] >= 0 {
                node = Int(firstChild[node])
                continue
            }
            while node != top, nextSibling[node] < 0 { node = Int(parent[node]) }
            if node == top { return }
            node = Int(nextSibling[node])
        }
    }

    /// A branch of this length is gone.
    private func lowerHeights(from start: Int, without length: Picoseconds) {
        var node = start
        var length = length
        while node >= 0, height[node] == length {
            var fresh: Picoseconds = 0
            forEachChild(of: node) { child in
                fresh = max(fresh, edge[child] + height[child])
                return fresh < length
            }
            guard fresh < length else { return }
            height[node] = fresh
            length += edge[node]
            node = Int(parent[node])
        }
    }

    /// A branch of this length is new.
    private func raiseHeights(from start: Int, with length: Picoseconds) {
        var node = start
        var length = length
        while node >= 0, height[node] < length {
            height[node] = length
            length += edge[node]
            node = Int(parent[node])
        }
    }

    private func link(_ node: Int, to newParent: Int) {
        let next = firstChild[newParent]
        parent[node] = Int32(newParent)
        nextSibling[node] = next
        previousSibling[node] = -1
        if next >= 0 { previousSibling[Int(next)] = Int32(node) }
        firstChild[newParent] = Int32(node)
        childCount[newParent] += 1
    }

    private func unlink(_ node: Int) {
        let above = Int(parent[node])
        let next = nextSibling[node]
        let previous = previousSibling[node]
        if previous >= 0 {
            nextSibling[Int(previous)] = next
        } else {
            firstChild[above] = next
        }
        if next >= 0 { previousSibling[Int(next)] = previous }
        childCount[above] -= 1
        parent[node] = -1
    }
}
