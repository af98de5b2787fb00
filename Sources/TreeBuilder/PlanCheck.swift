import Topology

/// What a plan promises of itself, looked at from the plan alone. Debug builds look at every plan they make.
struct PlanCheck {
    private let tree: TreePlan
    private let index: [String: Int]
    private(set) var faults: [String] = []

    /// In debug builds, ends the program when a plan does not hold what it promises.
    static func verify(_ plan: Plan, of topology: Topology) {
        assert(
            faults(of: plan, topology).isEmpty,
            "plan '\(plan.name)' does not hold what it promises: \(faults(of: plan, topology))"
        )
    }

    /// Each a sentence; none for a plan as it should be.
    static func faults(of plan: Plan, _ topology: Topology) -> [String] {
        var limits: [String: Int] = [:]
        for node in topology.nodes { limits[node.id] = node.maxChildren }
        let known = Set(plan.nodes.map(\.id))
        return plan.trees.flatMap { tree in
            var check = PlanCheck(tree)
            check.checkNodes(known, limits)
            guard check.faults.isEmpty else { return check.faults }
            check.checkWays()
            check.checkFigures()
            check.checkBackups()
            check.checkSecond()
            return check.faults
        }
    }

    private init(_ tree: TreePlan) {
        self.tree = tree
        var index: [String: Int] = [:]
        for (position, node) in tree.nodes.enumerated() { index[node.id] = position }
        self.index = index
    }

    private mutating func expect(_ holds: Bool, _ fault: String) {
        if !holds { faults.append("tree '\(tree.name)': " + fault) }
    }

    /// Everybody has one place and one rank, and children and parents name each other.
    private mutating func checkNodes(_ known: Set<String>, _ limits: [String: Int]) {
        expect(index.count == tree.nodes.count, "a node has two places")
        expect(
            tree.nodes.filter { $0.parent == nil }.map(\.id) == [tree.root],
            "'\(tree.root)' is not the only root"
        )
        expect(
            tree.nodes.map(\.rank).sorted() == Array(0..<tree.nodes.count),
            "ranks are not 0 to \(tree.nodes.count - 1)"
        )
        for id in tree.leftOut { expect(index[id] == nil, "'\(id)' is left out and has a place") }
        var parentOf: [String: String] = [:]
        for node in tree.nodes {
            for child in node.children { parentOf[child] = node.id }
        }
        for (position, node) in tree.nodes.enumerated() {
            expect(known.contains(node.id), "'\(node.id)' is in no list of nodes")
            for child in node.children {
                expect(
                    index[child].map { tree.nodes[$0].parent } == node.id,
                    "'\(child)' is not of '\(node.id)'"
                )
            }
            if let parent = node.parent {
                expect(parentOf[node.id] == parent, "'\(parent)' does not know '\(node.id)'")
            }
            guard let limit = limits[node.id] else { continue }
            // What hears one transmission is one child.
            let segments = Set(
                node.children.compactMap { index[$0].flatMap { tree.nodes[$0].segment } }
            )
            let single = node.children.count {
                index[$0].map { tree.nodes[$0].segment == nil } ?? true
            }
            let places = tree.redundancy?.nodes ?? []
            let second = position < places.count ? places[position].children.count : 0
            expect(
                single + segments.count + second <= limit,
                "'\(node.id)' has more children than the \(limit) it may have"
            )
        }
    }

    /// Who stands lower is later, one level down and of higher rank.
    private mutating func checkWays() {
        for node in tree.nodes {
            guard let above = node.parent.flatMap({ index[$0] }).map({ tree.nodes[$0] }) else {
                expect(
                    node.level == 0 && node.delayMs == 0 && node.rank == 0,
                    "the root is not first"
                )
                continue
            }
            expect(above.rank < node.rank, "'\(node.id)' has a lower rank than its parent")
            expect(above.level + 1 == node.level, "the level of '\(node.id)' is wrong")
            expect(above.delayMs <= node.delayMs, "'\(node.id)' is earlier than its parent")
        }
    }

    private mutating func checkFigures() {
        expect(
            tree.nodes.map(\.delayMs).max() == tree.radiusMs,
            "the radius is not the latest delay"
        )
        expect(tree.gap >= 0, "the gap is negative")
        let value = tree.objective == .mean ? tree.meanMs : tree.radiusMs
        expect(tree.lowerBoundMs <= value, "the bound is above the tree")
        if let bound = tree.lowerBoundCost, let cost = tree.cost {
            expect(bound <= cost, "the bound on the cost is above the tree")
        }
        if let regions = tree.regions {
            expect(
                regions.leastCopies <= regions.copies,
                "fewer copies between regions than can be"
            )
        }
    }

    /// Lists lead to lower ranks, and who has no place of its own is named.
    private mutating func checkBackups() {
        var unprotected = Set(tree.unprotected.map(\.node))
        for standby in tree.standbys {
            expect(
                index[standby].map { tree.nodes[$0].parent } == tree.root,
                "standby '\(standby)' is no child of the root"
            )
        }
        if let first = tree.standbys.first { unprotected.insert(first) }
        for node in tree.nodes where node.parent != nil {
            for backup in node.backups {
                let rank = index[backup].map { tree.nodes[$0].rank } ?? .max
                expect(
                    rank < node.rank && backup != node.parent,
                    "'\(node.id)' cannot turn to '\(backup)'"
                )
            }
            guard tree.nodes.count > 2 else { continue }
            expect(
                !node.backups.isEmpty || unprotected.contains(node.id),
                "'\(node.id)' has no place when its parent dies, and is not named"
            )
        }
    }

    /// No node stands on both ways to another, unless it is named.
    private mutating func checkSecond() {
        guard let second = tree.redundancy else { return }
        guard second.nodes.map(\.id) == tree.nodes.map(\.id) else {
            return expect(false, "the second tree has other nodes")
        }
        let parents = [tree.nodes.map(\.parent), second.nodes.map(\.parent)]
        let cutNodes = Set(second.cutNodes)
        for node in tree.nodes {
            var ways: [Set<String>] = []
            for parent in parents {
                var way: Set<String> = []
                var position = index[node.id] ?? 0
                while let above = parent[position], let next = index[above], above != tree.root {
                    guard way.insert(above).inserted else {
                        return expect(false, "the second tree closes a circle at '\(above)'")
                    }
                    position = next
                }
                ways.append(way)
            }
            let shared = ways[0].intersection(ways[1]).subtracting(cutNodes)
            expect(shared.isEmpty, "'\(node.id)' has both feeds by way of one node")
        }
    }
}
