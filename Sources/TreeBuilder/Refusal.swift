import Rendering
import Topology

/// Why a tree cannot be built, in the words of the topology, with the node or link to change.
struct Refusal {
    let network: Network
    let wish: Topology.Tree
    /// What is left for this tree; `nil` = everything.
    let budgets: Budgets?

    private var topology: Topology { network.topology }

    // MARK: Children

    /// Limits admit no tree.
    func infeasible(_ problem: TreeProblem, choices: TreeChoices, seed: UInt64) -> PlanError {
        let feasibility = Feasibility(problem, maxChildren: ownLimits(), seed: seed)
        let limit = choices.fanOut ?? max(0, problem.nodeCount - 1)
        let smallest = feasibility.cure(above: limit)
        let (node, reason) = text(of: feasibility.obstacle(), problem)
        var cure: String
        if let smallest {
            cure =
                smallest.isProven
                ? "the smallest feasible fan-out is \(smallest.fanOut)"
                : "with a fan-out of \(smallest.fanOut) a tree was found, and none below it"
        } else {
            let limit =
                uplinkClause(of: node) == nil
                ? "raise max-children of the nodes" : "raise its uplink, or lower the rate"
            cure = "no fan-out helps: \(limit), choose another root, or loosen fixed parents"
        }
        if choices.mode == .link, choices.modeReason != nil { cure += "; or use mode mesh" }
        return PlanError(
            code: .infeasible,
            message: "tree '\(wish.name)' cannot be built in \(choices.mode.rawValue) mode: "
                + "\(reason); \(cure)",
            position: topology.nodes[node].position ?? wish.position,
            nodeID: topology.nodes[node].id,
            smallestFanOut: smallest?.fanOut
        )
    }

    private func text(
        of obstacle: Feasibility.Obstacle,
        _ problem: TreeProblem
    ) -> (node: Int, reason: String) {
        func why(_ node: Int) -> String { uplinkClause(of: node).map { " (\($0))" } ?? "" }
        func id(_ node: Int) -> String { topology.nodes[node].id }
        func children(_ count: some BinaryInteger) -> String {
            Figures.count(Int(count), "child", plural: "children")
        }
        switch obstacle {
        case .closedRoot:
            return (
                problem.root,
                "its root '\(id(problem.root))' may have no children" + why(problem.root)
            )
        case .tooFewSlots(let slots):
            let node = topology.nodes.indices.first { uplinkClause(of: $0) != nil } ?? problem.root
            let uplink = uplinkClause(of: node).map { "; of '\(id(node))' \($0)" } ?? ""
            return (
                node,
                "\(Figures.count(problem.nodeCount - 1, "node")) \(problem.nodeCount == 2 ? "needs" : "need") a parent, "
                    + "but all nodes together may have only \(children(slots))" + uplink
            )
        case .cutNode(let node, let needed):
            return (
                node,
                "node '\(id(node))' is the only way to \(Figures.count(needed, "part")) of the network, "
                    + "but may have only \(children(problem.capacity[node]))" + why(node)
            )
        case .crowd(let crowd):
            let node = crowd.parents.first ?? problem.root
            let have = crowd.nodes.count == 1 ? "has" : "have"
            return (
                node,
                "\(Figures.count(crowd.nodes.count, "node")) (\(names(crowd.nodes))) \(have) no links but to "
                    + "\(names(crowd.parents)), which may have only \(children(crowd.slotCount))"
                    + (crowd.parents.count > 1 ? " together" : "") + why(node)
            )
        case .overloaded(let node, let unplaced):
            let found = Figures.count(unplaced.count, "node")
            return (
                node,
                "no tree of links was found that gives node '\(id(node))' "
                    + "at most \(children(problem.capacity[node]))" + why(node)
                    + "; \(found) found no other place: \(names(unplaced))"
            )
        case .unreachable(let node):
            return (
                node,
                "no links lead from the root to the fixed parent of node '\(id(node))' "
                    + "but through the node itself"
            )
        }
    }

    /// `'a', 'b', 'c' and 4 more`.
    private func names(_ nodes: [Int]) -> String {
        let shown = nodes.prefix(3).map { "'\(topology.nodes[$0].id)'" }.joined(separator: ", ")
        return nodes.count > 3 ? "\(shown) and \(nodes.count - 3) more" : shown
    }

    /// What each node allows in this tree by itself, from its own limit and its uplink; the tree's fan-out is not in it.
    private func ownLimits() -> ContiguousArray<Int?> {
        var unlimited = wish
        unlimited.fanOut = .unlimited
        let nodes = budgets?.remaining(of: topology).nodes ?? topology.nodes
        return ContiguousArray(nodes.map { unlimited.childLimit(at: $0) })
    }

    /// How the uplink limits a node's children; `nil` when something else does, or nothing.
    func uplinkClause(of index: Int) -> String? {
        let node = topology.nodes[index]
        guard let uplink = node.uplinkBitsPerSecond, let rate = wish.rateBitsPerSecond else {
            return nil
        }
        let rest = budgets?.uplink[index] ?? uplink
        var others = wish
        others.rateBitsPerSecond = nil
        guard let copies = wish.copyCount(within: rest),
            copies < others.childLimit(at: node) ?? max(1, topology.nodes.count - 1)
        else { return nil }
        let text = Bandwidth.text(uplink)
        let left = rest < uplink ? ", of which other trees leave \(Bandwidth.text(rest))," : ","
        let rateText = Bandwidth.text(rate)
        return copies == 0
            ? "its uplink, \(text)\(left) is below the rate of the tree, \(rateText)"
            : "its uplink, \(text)\(left) carries \(copies) "
                + "\(copies == 1 ? "copy" : "copies") of the tree, \(rateText) each"
    }

    /// No node can be the root.
    func rootless() -> PlanError {
        let narrow = topology.nodes.indices.first { index in
            wish.copyCount(within: budgets?.uplink[index] ?? .infinity) == 0
                && uplinkClause(of: index) != nil
        }
        let why = narrow.map {
            "; of '\(topology.nodes[$0].id)' \(uplinkClause(of: $0) ?? "")"
        }
        return PlanError(
            code: .infeasible,
            message: "no node can be the root of tree '\(wish.name)': "
                + "every one has a fixed parent or may have no children" + (why ?? ""),
            position: narrow.flatMap { topology.nodes[$0].position } ?? wish.position
        )
    }

    // MARK: Links

    /// The links that carry the tree leave the network in parts.
    func narrowLinks(_ parts: [[Int]], _ copyMax: ContiguousArray<Int32>) -> PlanError {
        var partOf = [Int](repeating: 0, count: topology.nodes.count)
        for (index, part) in parts.enumerated() { for node in part { partOf[node] = index } }
        let narrow = topology.links.indices.first { index in
            let link = topology.links[index]
            return copyMax[index] == 0 && partOf[link.a] != partOf[link.b]
        }
        let smaller = parts.min { $0.count < $1.count } ?? []
        let names = smaller.prefix(3).map { "'\(topology.nodes[$0].id)'" }.joined(separator: ", ")
        let more = smaller.count > 3 ? " and \(smaller.count - 3) more" : ""
        return refusal(
            of: narrow ?? 0,
            reason: "no other way leads to \(names)\(more)",
            node: smaller.first
        )
    }

    /// No tree was found that keeps within what the links carry; `copies` are those of the best one, by link.
    func overloadedLinks(_ copies: [Int], _ copyMax: ContiguousArray<Int32>) -> PlanError {
        let worst =
            topology.links.indices.max { a, b in
                copies[a] - Int(copyMax[a]) < copies[b] - Int(copyMax[b])
            } ?? 0
        return refusal(
            of: worst,
            reason: "no tree was found whose copies all links carry; "
                + "the first one sends \(copies[worst]) over it",
            node: nil
        )
    }

    private func refusal(of index: Int, reason: String, node: Int?) -> PlanError {
        let link = topology.links[index]
        let ends = "'\(topology.nodes[link.a].id)' – '\(topology.nodes[link.b].id)'"
        let whole = link.bandwidthBitsPerSecond ?? 0
        let rest = budgets?.bandwidth[index] ?? whole
        let left = rest < whole ? ", of which other trees leave \(Bandwidth.text(rest))" : ""
        return PlanError(
            code: .infeasible,
            message:
                "tree '\(wish.name)' carries \(Bandwidth.text(wish.rateBitsPerSecond ?? 0)), and the link "
                + "\(ends) has a bandwidth of \(Bandwidth.text(whole))\(left); \(reason); "
                + "raise the bandwidth, lower the rate, or add links",
            position: link.position ?? wish.position,
            nodeID: node.map { topology.nodes[$0].id }
        )
    }
}

/// Bit/s as topology files have them: `2.5 Mbps`.
enum Bandwidth {
    static func text(_ bitsPerSecond: Double) -> String {
        let units = [("Tbps", 1e12), ("Gbps", 1e9), ("Mbps", 1e6), ("kbps", 1e3)]
        let unit = units.first { bitsPerSecond >= $0.1 } ?? ("bps", 1)
        var digits = NumberText.fixed(bitsPerSecond / unit.1, decimals: 3)
        if digits.contains(".") {
            while digits.hasSuffix("0") { digits.removeLast() }
            if digits.hasSuffix(".") { digits.removeLast() }
        }
        return "\(digits) \(unit.0)"
    }
}
