import Testing
import Topology

@testable import TreeBuilder

/// Times and latest times of the deadline search's trees and pieces, against sums from scratch.
@Suite struct DeadlineForestTests {
    private func withForest(seed: UInt64, _ body: (DeadlineForest, TreeProblem) -> Void) throws {
        let topology = SampleTopologies.random(nodeCount: 30, chordCount: 40, seed: seed)
        let problem = try Network(topology).problem(for: .init(name: "t", fanOut: 3, mode: .mesh))
        let start = try #require(FirstTree.tree(for: problem, seed: seed))
        let delays = try #require(problem.delays)
        delays.delays.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let table = DelayTable(delays: base, nodeCount: problem.nodeCount)
            body(DeadlineForest(start, of: problem, delays: table), problem)
        }
    }

    @Test func changesKeepTimesRight() throws {
        for seed in UInt64(1)...5 {
            try withForest(seed: seed) { forest, _ in
                var random = SeededGenerator(seed: seed)
                var pieces = forest.setDeadline(forest.radius * 3 / 4)
                #expect(!pieces.isEmpty)
                check(forest, "seed \(seed), late nodes out")
                for step in 0..<400 {
                    let node = random.next(below: 30)
                    if step % 3 > 0, !pieces.isEmpty {
                        put(Int(pieces.removeLast()), at: node, in: forest, &pieces)
                    } else if node != forest.root, forest.isInTree(node) {
                        if step.isMultiple(of: 2) {
                            forest.cut(node)
                            pieces.append(Int32(node))
                        } else {
                            forest.pluck(node, pieces: &pieces)
                        }
                    }
                    check(forest, "seed \(seed), step \(step)")
                }
            }
        }
    }

    /// Hangs a piece at the node, or above it, when it arrives there in time; else splits it.
    private func put(_ top: Int, at node: Int, in forest: DeadlineForest, _ pieces: inout [Int32]) {
        let above = forest.isInTree(node) ? Int(forest.parent[node]) : -1
        if forest.isInTree(node), forest.hasRoom(node),
            forest.time[node] + forest.edge(node, top) <= forest.latest[top]
        {
            forest.attach(top, to: node)
        } else if above >= 0, forest.hasRoom(top),
            forest.time[above] + forest.edge(above, top) <= forest.latest[top],
            forest.time[above] + forest.edge(above, top) + forest.edge(top, node)
                <= forest.latest[node]
        {
            forest.insert(top, above: node)
        } else {
            forest.split(top, pieces: &pieces)
            pieces.insert(Int32(top), at: 0)
        }
    }

    private func check(_ forest: DeadlineForest, _ comment: Comment) {
        for node in 0..<forest.nodeCount {
            let above = Int(forest.parent[node])
            if above >= 0 {
                #expect(forest.isInTree(above) == forest.isInTree(node), comment)
                #expect(
                    forest.time[node] == forest.time[above] + forest.edge(above, node),
                    comment
                )
            } else {
                #expect(forest.isInTree(node) == (node == forest.root), comment)
            }
            var latest = forest.deadline
            var childCount = 0
            forest.forEachChild(of: node) {
                latest = min(latest, forest.latest[$0] - forest.edge(node, $0))
                childCount += 1
            }
            #expect(forest.latest[node] == latest, comment)
            #expect(forest.childCount[node] == childCount, comment)
            #expect(childCount <= Int(forest.capacity[node]), comment)
            if forest.isInTree(node) { #expect(forest.time[node] <= forest.latest[node], comment) }
        }
    }

    @Test func restoringTakesChangesBack() throws {
        try withForest(seed: 3) { forest, problem in
            _ = forest.setDeadline(forest.radius)
            let before = forest.arborescence()
            forest.save()
            var pieces: [Int32] = []
            for node in 0..<10 where node != problem.root && forest.isInTree(node) {
                forest.pluck(node, pieces: &pieces)
            }
            #expect(!pieces.isEmpty)
            forest.restore()
            #expect(forest.arborescence() == before)
            check(forest, "restored")
        }
    }

    @Test func aTreeInTimeLosesNobody() throws {
        try withForest(seed: 4) { forest, _ in
            #expect(forest.setDeadline(forest.radius).isEmpty)
            #expect(!forest.setDeadline(forest.radius - 1).isEmpty)
        }
    }

    @Test func whereNothingTakesTimeNothingIsLate() throws {
        let links = (1..<10).map { ($0 - 1, $0, 0.0) }
        let topology = SampleTopologies.make("zero", count: 10, links: links)
        let options = PlanOptions(mode: .mesh, fanOut: 2, hopDelayMilliseconds: 0)
        #expect(try Planner.plan(topology, options: options).trees[0].radiusMs == 0)
    }

    @Test func limitsThatTheSearchDoesNotKnowAreLeftToAnnealing() throws {
        let topology = SampleTopologies.random(nodeCount: 10, chordCount: 5, seed: 1)
        let network = try Network(topology)
        func isApplicable(_ tree: Topology.Tree) throws -> Bool {
            DeadlineSearch.isApplicable(to: try network.problem(for: tree))
        }
        #expect(try isApplicable(.init(name: "t", fanOut: 2, mode: .mesh)))
        #expect(try !isApplicable(.init(name: "t", fanOut: 8, mode: .link)))
        #expect(try !isApplicable(.init(name: "t", fanOut: 2, objective: .mean, mode: .mesh)))
        var problem = try network.problem(for: .init(name: "t", fanOut: 2, mode: .mesh))
        problem.fixedParent[3] = problem.root == 0 ? 1 : 0
        #expect(!DeadlineSearch.isApplicable(to: problem))
    }
}
