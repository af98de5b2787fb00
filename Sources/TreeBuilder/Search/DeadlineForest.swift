/// A tree in the making, and pieces of it that hang nowhere: what `DeadlineSearch` takes apart and puts together.
///
/// ```
///        r  time 0                     time      when a message arrives
///       ╱ ╲                            latest    the latest time at which it may, so that all below the node have it by the
///      a   b          c                          deadline: min(deadline, latest(child) − delay − hop)
///     ╱              ╱ ╲
///    e              f   g   ◀── a piece: no time yet, but a latest one
/// ```
///
/// With both at hand it takes one comparison to tell whether a whole piece fits in a place.
///
/// Flat arrays behind pointers, as in `SearchTree`, in one block, so that a change is taken back by copying the block.
final class DeadlineForest {
    let nodeCount: Int
    let root: Int
    let delays: DelayTable
    let hop: Picoseconds
    let capacity: UnsafeMutablePointer<Int32>
    /// −1 at the root and at the tops of pieces.
    let parent: UnsafeMutablePointer<Int32>
    let firstChild: UnsafeMutablePointer<Int32>
    let nextSibling: UnsafeMutablePointer<Int32>
    private let previousSibling: UnsafeMutablePointer<Int32>
    let childCount: UnsafeMutablePointer<Int32>
    /// Below zero in pieces.
    let time: UnsafeMutablePointer<Picoseconds>
    let latest: UnsafeMutablePointer<Picoseconds>
    private let block: UnsafeMutableRawPointer
    private let savedBlock: UnsafeMutableRawPointer
    private let blockByteCount: Int
    private(set) var deadline: Picoseconds

    /// The time of the top of a piece; far below what delays can make up for.
    private static let never: Picoseconds = -Picoseconds.bound

    init(_ tree: Arborescence, of problem: TreeProblem, delays: DelayTable) {
        let count = problem.nodeCount
        nodeCount = count
        root = problem.root
        hop = problem.hop
        self.delays = delays
        deadline = .bound
        capacity = .allocate(capacity: count)
        capacity.initialize(repeating: 0, count: count)
        let long = MemoryLayout<Picoseconds>.stride * count
        let short = MemoryLayout<Int32>.stride * count
        blockByteCount = 2 * long + 5 * short
        block = .allocate(byteCount: blockByteCount, alignment: 64)
        savedBlock = .allocate(byteCount: blockByteCount, alignment: 64)
        let base = block
        func shorts(_ position: Int) -> UnsafeMutablePointer<Int32> {
            let pointer = base + 2 * long + position * short
            return pointer.initializeMemory(as: Int32.self, repeating: -1, count: count)
        }
        time = base.initializeMemory(as: Picoseconds.self, repeating: 0, count: count)
        latest = (base + long).initializeMemory(
            as: Picoseconds.self,
            repeating: deadline,
            count: count
        )
        parent = shorts(0)
        firstChild = shorts(1)
        nextSibling = shorts(2)
        previousSibling = shorts(3)
        childCount = shorts(4)
        for node in 0..<count {
            capacity[node] = problem.capacity[node]
            childCount[node] = 0
        }
        for node in tree.breadthFirst(root: root) where node != root {
            let above = Int(tree.parent[node])
            link(node, to: above)
            time[node] = time[above] + edge(above, node)
        }
    }

    deinit {
        capacity.deallocate()
        block.deallocate()
        savedBlock.deallocate()
    }

    // MARK: What is where

    @inline(__always)
    func edge(_ above: Int, _ below: Int) -> Picoseconds { delays[above, below] + hop }

    func isInTree(_ node: Int) -> Bool { time[node] >= 0 }

    func hasRoom(_ node: Int) -> Bool { childCount[node] < capacity[node] }

    var radius: Picoseconds {
        var radius: Picoseconds = 0
        for node in 0..<nodeCount where time[node] > radius { radius = time[node] }
        return radius
    }

    /// For a tree that is whole.
    func arborescence() -> Arborescence {
        var tree = Arborescence(nodeCount: nodeCount)
        for node in 0..<nodeCount where node != root {
            let above = Int(parent[node])
            tree.attach(node, to: above, edge: edge(above, node))
        }
        return tree
    }

    // MARK: Changes

    /// Sets the time by which all nodes are to be reached, and takes out those that are not, each by itself.
    ///
    /// - Returns: the nodes taken out.
    func setDeadline(_ deadline: Picoseconds) -> [Int32] {
        self.deadline = deadline
        var order = ContiguousArray([root])
        var next = 0
        while next < order.count {
            forEachChild(of: order[next]) { order.append($0) }
            next += 1
        }
        var late: [Int32] = []
        // Whoever is below a late node is late as well.
        for node in order.reversed() {
            if node != root, time[node] > deadline {
                unlink(node)
                time[node] = Self.never
                late.append(Int32(node))
            }
            latest[node] = latestTime(of: node)
        }
        return late
    }

    /// Hangs a piece below a node of the tree that has room.
    func attach(_ top: Int, to above: Int) {
        link(top, to: above)
        shift(top, by: time[above] + edge(above, top) - time[top])
        updateLatest(from: above)
    }

    /// Puts the top of a piece, which has room, between a node of the tree and its child.
    func insert(_ top: Int, above child: Int) {
        let upper = Int(parent[child])
        unlink(child)
        link(top, to: upper)
        shift(top, by: time[upper] + edge(upper, top) - time[top])
        link(child, to: top)
        shift(child, by: time[top] + edge(top, child) - time[child])
        latest[top] = latestTime(of: top)
        updateLatest(from: upper)
    }

    /// Takes a node of the tree out with all that is below it.
    func cut(_ top: Int) {
        let above = Int(parent[top])
        unlink(top)
        updateLatest(from: above)
        shift(top, by: Self.never - time[top])
    }

    /// Takes a node of the tree out alone: the child that can wait least takes its place, the others become pieces.
    func pluck(_ node: Int, pieces: inout [Int32]) {
        let above = Int(parent[node])
        unlink(node)
        var heir = -1
        forEachChild(of: node) {
            if heir < 0 || latest[$0] - time[$0] < latest[heir] - time[heir] { heir = $0 }
        }
        while firstChild[node] >= 0 {
            let child = Int(firstChild[node])
            unlink(child)
            if child == heir {
                link(child, to: above)
                shift(child, by: time[above] + edge(above, child) - time[child])
            } else {
                shift(child, by: Self.never - time[child])
                pieces.append(Int32(child))
            }
        }
        time[node] = Self.never
        latest[node] = deadline
        pieces.append(Int32(node))
        updateLatest(from: above)
    }

    /// Makes the top of a piece a piece by itself, and each of its children.
    func split(_ top: Int, pieces: inout [Int32]) {
        while firstChild[top] >= 0 {
            pieces.append(firstChild[top])
            unlink(Int(firstChild[top]))
        }
        latest[top] = deadline
    }

    func save() { savedBlock.copyMemory(from: block, byteCount: blockByteCount) }

    /// Takes back all changes since the last `save`; the deadline must be the same.
    func restore() { block.copyMemory(from: savedBlock, byteCount: blockByteCount) }

    // MARK: Details

    @inline(__always)
    func forEachChild(of node: Int, _ body: (Int) -> Void) {
        var child = Int(firstChild[node])
        while child >= 0 {
            body(child)
            child = Int(nextSibling[child])
        }
    }

    private func latestTime(of node: Int) -> Picoseconds {
        var time = deadline
        forEachChild(of: node) { time = min(time, latest[$0] - edge(node, $0)) }
        return time
    }

    private func updateLatest(from node: Int) {
        var node = node
        while node >= 0 {
            let time = latestTime(of: node)
            guard time != latest[node] else { return }
            latest[node] = time
            node = Int(parent[node])
        }
    }

    private func shift(_ top: Int, by difference: Picoseconds) {
        var node = top
        time[node] += difference
        while true {
            if firstChild[node] >= 0 {
                node = Int(firstChild[node])
            } else {
                while node != top, nextSibling[node] < 0 { node = Int(parent[node]) }
                if node == top { return }
                node = Int(nextSibling[node])
            }
            time[node] += difference
        }
    }

    private func link(_ node: Int, to above: Int) {
        let next = firstChild[above]
        parent[node] = Int32(above)
        nextSibling[node] = next
        previousSibling[node] = -1
        if next >= 0 { previousSibling[Int(next)] = Int32(node) }
        firstChild[above] = Int32(node)
        childCount[above] += 1
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
