import Testing
import Topology

@testable import TreeBuilder

/// The incremental bookkeeping of the search against sums from scratch.
@Suite struct SearchTreeTests {
    private func problem(seed: UInt64, mode: Topology.Mode) throws -> TreeProblem {
        let topology = SampleTopologies.random(nodeCount: 30, chordCount: 40, seed: seed)
        return try Network(topology).problem(
            for: .init(name: "t", fanOut: mode == .mesh ? 3 : 8, mode: .init(mode))
        )
    }

    @Test func movesAndUndosKeepTheSumsRight() throws {
        for seed in UInt64(1)...5 {
            let problem = try problem(seed: seed, mode: .link)
            let start = try #require(FirstTree.tree(for: problem, seed: seed))
            let search = LinkSearch(problem, from: start, bound: 1e9, seed: seed)
            for step in 0..<400 {
                let before = search.tree.arborescence()
                let isPossible = search.proposeLinkMove(limit: .max)
                search.tree.updateWorst()
                guard isPossible, step % 3 != 0 else {
                    search.tree.undo()
                    #expect(search.tree.arborescence() == before, "seed \(seed) step \(step)")
                    check(search.tree, problem, seed: seed, step: step)
                    continue
                }
                search.tree.keep()
                check(search.tree, problem, seed: seed, step: step)
            }
        }
    }

    /// Every kind of move, judged first and then made: the sums that were promised are those of the tree that came out.
    @Test func aProposalIsWhatItsAssessmentSays() throws {
        for seed in UInt64(1)...5 {
            let problem = try problem(seed: seed, mode: .mesh)
            let delays = try #require(problem.delays)
            let start = try #require(FirstTree.tree(for: problem, seed: seed))
            let tree = SearchTree(start, of: problem)
            tree.setDeadline(5_000_000_000)
            tree.findWorst()
            var random = SeededGenerator(seed: seed)
            var madeCount = 0
            delays.delays.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                let table = DelayTable(delays: base, nodeCount: problem.nodeCount)
                let moves = MeshMoves(tree: tree, delays: table, hop: problem.hop)
                for step in 0..<2000 {
                    let node = random.next(below: 30)
                    let other = random.next(below: 30)
                    guard node != problem.root, node != other,
                        moves.propose(node, other, limit: .max, &random),
                        let change = tree.assess(limit: .max)
                    else { continue }
                    let others = tree.highestOfOthers()
                    tree.commit(change)
                    madeCount += 1
                    #expect(tree.radius == max(others, change.highest), "seed \(seed) step \(step)")
                    #expect(tree.excess == 0)
                    check(tree, problem, seed: seed, step: step)
                    let late = (0..<problem.nodeCount).reduce(Picoseconds(0)) {
                        $0 + max(0, tree.delay[$1] - 5_000_000_000)
                    }
                    #expect(tree.lateness == late, "seed \(seed) step \(step)")
                }
            }
            #expect(madeCount > 500)
        }
    }

    private func check(_ tree: SearchTree, _ problem: TreeProblem, seed: UInt64, step: Int) {
        let arborescence = tree.arborescence()
        let measure = TreeMeasure(arborescence, of: problem)
        #expect(arborescence.breadthFirst(root: problem.root).count == problem.nodeCount)
        #expect(tree.radius == measure.radius, "seed \(seed) step \(step)")
        #expect(
            tree.excess == arborescence.excess(over: problem.capacity),
            "seed \(seed) step \(step)"
        )
        for node in 0..<problem.nodeCount {
            #expect(
                tree.delay[node] == measure.delay[node],
                "seed \(seed) step \(step) node \(node)"
            )
            if tree.parent[node] >= 0 {
                let edge = problem.edgeDelay(from: Int(tree.parent[node]), to: node)
                #expect(tree.edge[node] == edge)
            }
        }
        let mean = tree.weightedSum / problem.weightSum
        #expect(abs(mean - measure.mean) <= 1e-9 * measure.mean)
    }

    @Test func theLogarithmIsALogarithm() {
        for (x, ln) in [
            (1.0, 0.0), (2, 0.6931471805599453), (0.5, -0.6931471805599453),
            (10, 2.302585092994046),
        ] {
            #expect(abs(Annealing.naturalLogarithm(x) - ln) < 1e-12)
        }
        // 255 stages lead from 3 % to 0.002 %.
        var annealing = Annealing(scale: 1)
        for _ in 1..<Annealing.stageCount { annealing.cool() }
        #expect(abs(annealing.temperature - 0.00002) < 1e-9)
    }
}
