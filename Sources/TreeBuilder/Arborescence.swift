import Topology

/// A rooted spanning tree: the parent of every node and what the edge to it costs.
struct Arborescence: Equatable {
    /// −1 at the root.
    var parent: ContiguousArray<Int32>
    /// Delay of the edge to the parent, forwarding included; 0 at the root.
    var edge: ContiguousArray<Picoseconds>

    init(nodeCount: Int) {
        parent = ContiguousArray(repeating: -1, count: nodeCount)
        edge = ContiguousArray(repeating: 0, count: nodeCount)
    }

    mutating func attach(_ child: Int, to newParent: Int, edge delay: Picoseconds) {
        parent[child] = Int32(newParent)
        edge[child] = delay
    }

    func childCounts() -> ContiguousArray<Int32> {
        var counts = ContiguousArray<Int32>(repeating: 0, count: parent.count)
        for above in parent where above >= 0 { counts[Int(above)] += 1 }
        return counts
    }

    /// Children in node order.
    func children() -> [[Int]] {
        var children = [[Int]](repeating: [], count: parent.count)
        for node in parent.indices where parent[node] >= 0 {
            children[Int(parent[node])].append(node)
        }
        return children
    }

    /// Parents before children, breadth first from the root.
    func breadthFirst(root: Int) -> [Int] {
        // The children of all nodes side by side: as many arrays as nodes would cost more than the walk.
        var first = ContiguousArray<Int32>(repeating: 0, count: parent.count + 1)
        for above in parent where above >= 0 { first[Int(above) + 1] += 1 }
        for node in parent.indices { first[node + 1] += first[node] }
        var next = first
        var members = ContiguousArray<Int32>(repeating: 0, count: Int(first[parent.count]))
        for node in parent.indices where parent[node] >= 0 {
            members[Int(next[Int(parent[node])])] = Int32(node)
            next[Int(parent[node])] += 1
        }
        var order = [root]
        order.reserveCapacity(parent.count)
        var position = 0
        while position < order.count {
            let node = order[position]
            for child in Int(first[node])..<Int(first[node + 1]) {
                order.append(Int(members[child]))
            }
            position += 1
        }
        return order
    }

    /// Whether all nodes hang below the root. In link mode fixed parents may make that impossible: the only way to a node's
    /// parent may lead through the node.
    func isSpanning(root: Int) -> Bool { breadthFirst(root: root).count == parent.count }

    /// How many nodes have more children than they may; 0 for a valid tree.
    func excess(over capacity: ContiguousArray<Int32>) -> Int {
        zip(childCounts(), capacity).reduce(0) { $0 + max(0, Int($1.0 - $1.1)) }
    }
}

/// What an arborescence achieves, added up from the root.
struct TreeMeasure {
    let delay: ContiguousArray<Picoseconds>
    /// Hops from the root.
    let level: ContiguousArray<Int>
    let radius: Picoseconds
    /// Weighted mean over all nodes but the root, in picoseconds.
    let mean: Double
    /// What the links cost that a message crosses, in the unit of the problem's `links`.
    let price: Double

    init(_ tree: Arborescence, of problem: TreeProblem) {
        var delay = ContiguousArray<Picoseconds>(repeating: 0, count: problem.nodeCount)
        var level = ContiguousArray<Int>(repeating: 0, count: problem.nodeCount)
        var radius: Picoseconds = 0
        var price = 0.0
        for node in tree.breadthFirst(root: problem.root).dropFirst() {
            let parent = Int(tree.parent[node])
            delay[node] = delay[parent] + tree.edge[node]
            level[node] = level[parent] + 1
            radius = max(radius, delay[node])
            price += problem.price(from: parent, to: node)
        }
        var sum = 0.0
        for node in 0..<problem.nodeCount { sum += problem.weight[node] * Double(delay[node]) }
        self.delay = delay
        self.level = level
        self.radius = radius
        mean = sum / problem.weightSum
        self.price = price
    }

    /// The figure the objective minimises: picoseconds, or a price.
    func value(for objective: Topology.Objective) -> Double {
        switch objective {
        case .radius: Double(radius)
        case .mean: mean
        case .cost: price
        }
    }

    /// Whether this tree is better: first by the objective, then by the other figure.
    func isBetter(than other: TreeMeasure, for objective: Topology.Objective) -> Bool {
        let mine = value(for: objective)
        let theirs = other.value(for: objective)
        if mine != theirs { return mine < theirs }
        return radius != other.radius ? radius < other.radius : mean < other.mean
    }
}
