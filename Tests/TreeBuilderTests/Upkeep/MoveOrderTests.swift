import Testing
import Topology

@testable import TreeBuilder

/// The order of moves, and moves for the better, against looking at everything.
@Suite struct MoveOrderTests {
    private func randomTree(
        _ count: Int,
        _ capacity: ContiguousArray<Int32>,
        _ random: inout SeededGenerator
    ) -> ContiguousArray<Int32>? {
        var parent = ContiguousArray<Int32>(repeating: -1, count: count)
        var slots = capacity
        var inside = [0]
        var outside = Array(1..<count)
        while !outside.isEmpty {
            let open = inside.filter { slots[$0] > 0 }
            guard !open.isEmpty else { return nil }
            let node = outside.remove(at: random.next(below: outside.count))
            let above = open[random.next(below: open.count)]
            parent[node] = Int32(above)
            slots[above] -= 1
            inside.append(node)
        }
        return parent
    }

    /// Whether moves in this order keep every limit at every step.
    private func works(
        _ order: [Int],
        _ old: ContiguousArray<Int32>,
        _ new: ContiguousArray<Int32>,
        _ capacity: ContiguousArray<Int32>
    ) -> Bool {
        var parent = old
        for node in order {
            let to = Int(new[node])
            guard parent.count(where: { $0 == Int32(to) }) < capacity[to] else { return false }
            var current = to
            while current > 0 {
                if current == node { return false }
                current = Int(parent[current])
            }
            parent[node] = Int32(to)
        }
        return true
    }

    private func someOrderWorks(
        _ done: [Int],
        _ left: [Int],
        _ old: ContiguousArray<Int32>,
        _ new: ContiguousArray<Int32>,
        _ capacity: ContiguousArray<Int32>
    ) -> Bool {
        guard works(done, old, new, capacity) else { return false }
        if left.isEmpty { return true }
        return left.contains { node in
            someOrderWorks(done + [node], left.filter { $0 != node }, old, new, capacity)
        }
    }

    @Test func `a spare slot is asked for only where no order does without`() {
        var random = SeededGenerator(seed: 5)
        var (orderly, spare) = (0, 0)
        for _ in 0..<400 {
            let count = 5 + random.next(below: 3)
            let capacity = ContiguousArray(
                (0..<count).map { _ in Int32(1 + random.next(below: 2)) }
            )
            guard let old = randomTree(count, capacity, &random),
                let new = randomTree(count, capacity, &random)
            else { continue }
            let steps = MoveOrder.steps(from: old, to: new, root: 0, capacity: capacity)
            let moved = new.indices.filter { new[$0] != old[$0] }
            if steps.contains(where: \.needsSpareSlot) || steps.count != moved.count {
                spare += 1
                #expect(!someOrderWorks([], moved, old, new, capacity))
            } else {
                orderly += 1
                #expect(works(steps.map(\.node), old, new, capacity))
                #expect(steps.map(\.node).sorted() == moved)
            }
        }
        #expect(orderly > 50 && spare > 50)
    }

    @Test func `one move for the better is the best single move`() throws {
        var better = 0
        for seed in UInt64(1)...40 {
            let topology = SampleTopologies.backbone(nodeCount: 12, ringCount: 4, seed: seed)
            let plan = try Planner.plan(
                topology,
                options: PlanOptions(mode: .mesh, fanOut: 3, effort: 0)
            )
            var upkeep = try Upkeep(plan, of: topology)
            let problem = try upkeep.problem(at: 0)
            let tree = upkeep.states[0].tree
            var least = TreeMeasure(tree, of: problem).radius
            for node in tree.parent.indices where node != problem.root {
                for parent in tree.parent.indices where parent != node {
                    var trial = tree
                    guard let edge = problem.edgeDelay(from: parent, to: node) else { continue }
                    trial.attach(node, to: parent, edge: edge)
                    guard trial.excess(over: problem.capacity) == 0,
                        trial.isSpanning(root: problem.root)
                    else { continue }
                    least = min(least, TreeMeasure(trial, of: problem).radius)
                }
            }
            let change = try upkeep.improve(atMost: 1)
            #expect(change.moveCount <= 1)
            #expect(change.trees[0].radiusMs.after == least.milliseconds, "seed \(seed)")
            if change.trees[0].radiusMs.after < change.trees[0].radiusMs.before { better += 1 }
        }
        #expect(better > 5)
    }

    @Test func `more moves are never worse, and no more than were allowed`() throws {
        for seed in UInt64(1)...6 {
            let topology = SampleTopologies.backbone(nodeCount: 40, ringCount: 12, seed: seed)
            for mode in Topology.Mode.allCases {
                let options = PlanOptions(
                    mode: .init(mode),
                    fanOut: mode == .mesh ? 3 : 8,
                    effort: 0
                )
                let plan = try Planner.plan(topology, options: options)
                for moveCount in [1, 3, 10] {
                    let change = try plan.improve(atMost: moveCount, of: topology)
                    let radius = change.trees[0].radiusMs
                    #expect(change.moveCount <= moveCount && radius.after <= radius.before)
                    MoveReplay(
                        plan.trees[0],
                        change.plan.trees[0],
                        change.trees[0],
                        limit: { _ in mode == .mesh ? 3 : 8 }
                    ).check("seed \(seed), \(mode), \(moveCount) moves")
                }
            }
        }
    }
}
