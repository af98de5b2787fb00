import Topology

/// One tree to build, reduced to indices and integers; everything below this type knows no topology.
struct TreeProblem {
    let graph: Graph
    /// `nil` above `DelayMatrix.nodeCountMax` nodes.
    let delays: DelayMatrix?
    let root: Int
    let mode: Topology.Mode
    private(set) var objective: Topology.Objective
    /// Charged for every tree edge, the root's included.
    let hop: Picoseconds
    /// The most children per node, fixed ones included; at most n − 1.
    var capacity: ContiguousArray<Int32>
    /// −1 where the builder is free to choose.
    var fixedParent: ContiguousArray<Int32>
    /// What the edge to a parent by way of a multicast segment costs, forwarding included; −1 where there is none.
    var segmentEdge: ContiguousArray<Picoseconds>
    /// Whether some edge by way of a segment joins nodes that no link joins.
    var skipsLinks = false
    /// The latest each node may be; `nil` = any time.
    var delayLimit: ContiguousArray<Picoseconds>?
    /// What the links below cost and carry; `nil` where neither counts.
    private(set) var links: LinkTable?
    /// Weight in the mean; 0 at the root, which always has delay 0.
    private(set) var weight: ContiguousArray<Double>
    /// Nodes that messages' ways may lead through and that have no place in the tree; `nil` = none.
    private(set) var absent: ContiguousArray<Bool>?
    /// By node, its region, where an edge costs a copy between regions and nothing else; the last of `links` stands for all of these.
    private(set) var regions: ContiguousArray<Int32>?
    /// Nodes that need not have a place; `nil` = all need one. The root is none of them.
    private(set) var forwarders: ContiguousArray<Bool>?
    /// The network that this problem's nodes are some of, for what their messages cross; `nil` = the problem's own graph.
    var underlay: Underlay?
    /// What is there for two trees together, where another one takes part of it; `nil` = there is no other.
    private(set) var room: Room?
    /// Least delay from the root over the links, without forwarding cost.
    let fromRoot: ShortestPaths

    var nodeCount: Int { graph.nodeCount }

    init(
        graph: Graph,
        delays: DelayMatrix?,
        root: Int,
        mode: Topology.Mode = .mesh,
        objective: Topology.Objective = .radius,
        hop: Picoseconds = 0,
        capacity: ContiguousArray<Int32>,
        fixedParent: ContiguousArray<Int32>,
        weight: ContiguousArray<Double>,
        links: LinkTable? = nil,
        forwarders: ContiguousArray<Bool>? = nil
    ) {
        self.graph = graph
        self.delays = delays
        self.root = root
        self.mode = mode
        self.objective = objective
        self.hop = hop
        self.capacity = capacity
        self.fixedParent = fixedParent
        self.links = links
        segmentEdge = ContiguousArray(repeating: -1, count: graph.nodeCount)
        var forwarders = forwarders
        forwarders?[root] = false
        self.forwarders = forwarders?.contains(true) == true ? forwarders : nil
        var weight = weight
        for node in weight.indices where node == root || forwarders?[node] == true {
            weight[node] = 0
        }
        // All weights zero would make every tree equally good: then every node counts the same.
        if !weight.contains(where: { $0 > 0 }) {
            for node in weight.indices where node != root && forwarders?[node] != true {
                weight[node] = 1
            }
        }
        self.weight = weight
        fromRoot = ShortestPaths(from: root, in: graph)
    }

    var weightSum: Double {
        let sum = weight.reduce(0, +)
        return sum > 0 ? sum : 1
    }

    /// The same, but that what costs something is an edge from one region to another.
    func with(regions: ContiguousArray<Int32>, links: LinkTable) -> TreeProblem {
        var problem = self
        problem.objective = .cost
        problem.regions = regions
        problem.links = links
        return problem
    }

    func with(objective: Topology.Objective) -> TreeProblem {
        var problem = self
        problem.objective = objective
        return problem
    }

    /// What limits trees: children of nodes, copies on links.
    struct Room {
        var capacity: ContiguousArray<Int32>
        var copyMax: ContiguousArray<Int32>?
    }

    /// What a second tree leaves to the first. In mesh mode nobody but the root has children in both; `rootLimit` is how many the root may have in
    /// both together, `nil` = any number.
    func leaving(_ second: Arborescence, rootLimit: Int?) -> TreeProblem {
        let whole = Room(capacity: capacity, copyMax: links?.copyMax)
        var problem = taking(second, from: whole, rootLimit: rootLimit)
        problem.room = whole
        return problem
    }

    /// As if there were no other tree.
    var unshared: TreeProblem {
        guard let room else { return self }
        var problem = self
        problem.capacity = room.capacity
        problem.links?.copyMax = room.copyMax
        problem.room = nil
        return problem
    }

    /// What another tree leaves of the room.
    func taking(_ other: Arborescence, from room: Room, rootLimit: Int?) -> TreeProblem {
        var problem = self
        problem.capacity = room.capacity
        problem.links?.copyMax = room.copyMax
        for (node, count) in other.childCounts().enumerated() where count > 0 {
            switch mode {
            case .link: problem.capacity[node] = max(0, room.capacity[node] - count)
            case .mesh where node != root: problem.capacity[node] = 0
            case .mesh:
                guard let rootLimit else { continue }
                let rest = max(0, rootLimit - Int(count))
                problem.capacity[node] = Int32(min(rest, nodeCount - 1))
            }
        }
        problem.takeCopies(of: other)
        return problem
    }

    /// Leaves to this tree what another leaves of the links.
    mutating func takeCopies(of other: Arborescence) {
        guard var rest = links?.copyMax else { return }
        for node in other.parent.indices where other.parent[node] >= 0 {
            forEachLink(from: Int(other.parent[node]), to: node) { link in
                if rest[link] < .max { rest[link] = max(0, rest[link] - 1) }
            }
        }
        links?.copyMax = rest
    }

    /// How many nodes have a place in the tree.
    var presentCount: Int { nodeCount - (absent?.count { $0 } ?? 0) }

    func isAbsent(_ node: Int) -> Bool { absent?[node] ?? false }

    /// Whether the node is in the tree for others alone.
    func isForwarder(_ node: Int) -> Bool { forwarders?[node] ?? false }

    /// Lets nodes have a place in any case.
    mutating func require(_ nodes: [Int]) {
        for node in nodes { forwarders?[node] = false }
    }

    /// Whether every tree has to reach the node.
    func isRequired(_ node: Int) -> Bool { !isAbsent(node) && !isForwarder(node) }

    /// The same for a tree that some nodes have no place in. What was fixed with them is free.
    func without(_ absent: ContiguousArray<Bool>) -> TreeProblem {
        guard absent.contains(true) else { return self }
        var problem = self
        problem.absent = absent
        for node in 0..<nodeCount {
            let parent = Int(fixedParent[node])
            if absent[node] {
                problem.capacity[node] = 0
                problem.weight[node] = 0
            }
            guard parent >= 0, absent[node] || absent[parent] else { continue }
            problem.fixedParent[node] = -1
            problem.segmentEdge[node] = -1
        }
        if !problem.weight.contains(where: { $0 > 0 }) {
            for node in 0..<nodeCount where node != root && !absent[node] && !isForwarder(node) {
                problem.weight[node] = 1
            }
        }
        return problem
    }

    /// Whether the node takes its parent's feed from a multicast segment.
    func isBySegment(_ node: Int) -> Bool { segmentEdge[node] >= 0 }

    /// The same for a tree along these links.
    func along(_ links: Graph) -> TreeProblem {
        var problem = TreeProblem(
            graph: links,
            delays: delays,
            root: root,
            mode: .link,
            objective: objective,
            hop: hop,
            capacity: capacity,
            fixedParent: fixedParent,
            weight: weight,
            forwarders: forwarders
        )
        problem.absent = absent
        problem.segmentEdge = segmentEdge
        problem.skipsLinks = skipsLinks
        return problem
    }

    /// The children of each node that are fixed, in node order.
    func fixedChildren() -> [[Int]] {
        var children = [[Int]](repeating: [], count: nodeCount)
        for node in 0..<nodeCount where fixedParent[node] >= 0 {
            children[Int(fixedParent[node])].append(node)
        }
        return children
    }

    /// What one tree edge costs, forwarding included; `nil` when this mode forbids the edge or, in mesh
    /// mode above the matrix limit, when it is not known.
    func edgeDelay(from parent: Int, to child: Int) -> Picoseconds? {
        if segmentEdge[child] >= 0, fixedParent[child] == parent { return segmentEdge[child] }
        if mode == .mesh, let delays { return delays[parent, child] + hop }
        guard let delay = graph.linkDelay(parent, child) else { return nil }
        return delay + hop
    }
}
