import Testing
import Topology

@testable import TreeBuilder

/// The incremental bookkeeping of the search against sums from scratch.
@Suite struct SearchTreeTests {
    private func problem(seed: UInt64, mode: Topology.Mode) throws -> TreeProblem {
        let topology = SampleTopologies.random(nodeCount: 30, chordCount: 40, seed: seed)
        return try Network(topology).problem(
            for: .init(name: "t", fanOut: mode == .mesh ? 3 : 8, mode: mode)
        )
    }

    @Test(arguments: Topology.Mode.allCases)
    func movesAndUndosKeepTheSumsRight(mode: Topology.Mode) throws {
        for seed in UInt64(1)...5 {
            let problem = try problem(seed: seed, mode: mode)
            let start = try #require(FirstTree.tree(for: problem, seed: seed))
            let search = LocalSearch(problem, from: start, bound: 1e9, seed: seed)
            for step in 0..<400 {
                let before = search.tree.arborescence()
                let isPossible =
                    mode == .mesh
                    ? search.proposeMeshMove(limit: .max) : search.proposeLinkMove(limit: .max)
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

    @Test func latenessIsWhatExceedsTheDeadline() throws {
        let problem = try problem(seed: 3, mode: .mesh)
        let start = try #require(FirstTree.tree(for: problem, seed: 3))
        let search = LocalSearch(problem, from: start, bound: 1e9, seed: 3)
        search.tree.setDeadline(5_000_000_000)
        for _ in 0..<200 {
            if search.proposeMeshMove(limit: .max) {
                search.tree.keep()
            } else {
                search.tree.undo()
            }
        }
        let expected = (0..<problem.nodeCount).reduce(Picoseconds(0)) {
            $0 + max(0, search.tree.delay[$1] - 5_000_000_000)
        }
        #expect(search.tree.lateness == expected)
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
