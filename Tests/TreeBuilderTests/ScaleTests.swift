import Testing
import Topology

@testable import TreeBuilder

/// Networks beyond the delay matrix, small enough here for a debug build. The figures of a million nodes are those of
/// `tools/bench plan --scale`.
@Suite struct ScaleTests {
    private static let nodeCount = DelayMatrix.nodeCountMax + 2000

    private func problem(
        _ topology: Topology,
        _ mode: Topology.ModeChoice,
        fanOut: Int
    ) throws -> TreeProblem {
        let network = try Network(topology)
        #expect(network.delays == nil)
        let wish = Topology.Tree(
            name: "t",
            fanOut: .atMost(fanOut),
            mode: mode,
            hopDelayMilliseconds: 0.2
        )
        return try network.problem(for: wish)
    }

    /// Checks a tree against its problem, and measures it.
    private func measure(_ tree: Arborescence, of problem: TreeProblem) -> TreeMeasure {
        #expect(tree.isSpanning(root: problem.root))
        #expect(tree.excess(over: problem.capacity) == 0)
        if problem.mode == .link {
            for node in tree.parent.indices where tree.parent[node] >= 0 {
                let edge = problem.edgeDelay(from: Int(tree.parent[node]), to: node)
                #expect(edge == tree.edge[node], "node \(node)")
            }
        }
        return TreeMeasure(tree, of: problem)
    }

    @Test(arguments: [4, 8, 16, 64])
    func `a tree of links reaches all nodes, hardly later than a greedy one that leaves some out`(
        fanOut: Int
    ) throws {
        let topology = SampleTopologies.scaleFree(nodeCount: Self.nodeCount, seed: 11)
        let problem = try problem(topology, .link, fanOut: fanOut)
        let first = try #require(FirstTree.tree(for: problem, seed: 1))
        let start = measure(first, of: problem)
        let bound = LowerBound.value(of: problem)
        let tree = WorstPathSearch.improved(first, of: problem, bound: bound, effort: 1)
        let result = measure(tree, of: problem)
        #expect(result.radius <= start.radius)
        #expect(Double(result.radius) >= bound)
        // Attached over capacity, its last nodes are no later than if it had left them out.
        let greedy = TreeMeasure(CappedShortestPath.tree(for: problem), of: problem)
        #expect(Double(result.radius) <= 1.2 * Double(greedy.radius))
        let again = WorstPathSearch.improved(first, of: problem, bound: bound, effort: 1)
        #expect(tree == again)
    }

    @Test(arguments: [8, 16, 64])
    func `a tree of mesh mode stays near its bound`(fanOut: Int) throws {
        let topology = SampleTopologies.scaleFree(nodeCount: Self.nodeCount, seed: 12)
        let problem = try problem(topology, .mesh, fanOut: fanOut)
        let tree = try #require(StarTree.tree(for: problem))
        let result = measure(tree, of: problem)
        #expect(Double(result.radius) <= 1.3 * LowerBound.value(of: problem))
        // No edge is said to be shorter than the way over the links.
        for parent in [problem.root, 5, 17] {
            let paths = ShortestPaths(from: parent, in: problem.graph)
            for node in tree.parent.indices where tree.parent[node] == parent {
                #expect(tree.edge[node] >= paths.delay[node] + problem.hop)
            }
        }
    }

    @Test func `a plan of a large network holds in both modes`() throws {
        let topology = SampleTopologies.scaleFree(nodeCount: Self.nodeCount, seed: 13)
        for mode in [Topology.ModeChoice.link, .mesh] {
            let options = PlanOptions(mode: mode, fanOut: 16, hopDelayMilliseconds: 0.2)
            let plan = try Planner.plan(topology, options: options).trees[0]
            #expect(plan.nodes.allSatisfy { $0.children.count <= 16 })
            #expect(plan.nodes.count { $0.parent == nil } == 1)
            #expect(plan.radiusMs >= plan.lowerBoundMs)
        }
    }

    @Test func `moves keep delays and heights what the tree says they are`() {
        var random = SeededGenerator(seed: 5)
        let topology = SampleTopologies.random(nodeCount: 60, chordCount: 90, seed: 5)
        guard let network = try? Network(topology),
            let problem = try? network.problem(for: .init(name: "t", mode: .link))
        else {
            Issue.record("this network has a tree")
            return
        }
        let tree = HeightTree(CappedShortestPath.tree(for: problem), of: problem)
        var moveCount = 0
        for _ in 0..<2000 {
            let node = random.next(below: 60)
            let parent = random.next(below: 60)
            guard node != tree.root, !tree.isInSubtree(parent, of: node) else { continue }
            tree.move(node, to: parent, edge: Picoseconds(1 + random.next(below: 50)))
            moveCount += 1
            let measure = TreeMeasure(tree.arborescence(), of: problem)
            #expect(tree.radius == measure.radius)
            #expect(measure.delay.indices.allSatisfy { measure.delay[$0] == tree.delay[$0] })
            #expect(tree.delay[tree.farthest(below: tree.root)] == measure.radius)
        }
        #expect(moveCount > 500)
    }

    @Test func `entries leave a radix heap by key and node, whatever the order they came in`() {
        var random = SeededGenerator(seed: 8)
        for bits in [3, 20, 60] as [UInt64] {
            var heap = RadixHeap()
            var waiting: [(key: UInt64, node: UInt32)] = []
            var last: UInt64 = 0
            for _ in 0..<3000 {
                if random.next(below: 5) < 3 {
                    let key = last + random.next() >> (64 - bits)
                    let node = UInt32(random.next(below: 1000))
                    heap.insert(key: key, node: node)
                    waiting.append((key, node))
                } else if let entry = heap.removeLeast(unless: { _ in false }) {
                    waiting.sort { ($0.key, $0.node) < ($1.key, $1.node) }
                    #expect(entry.key == waiting[0].key && entry.node == waiting[0].node)
                    last = entry.key
                    waiting.removeFirst()
                } else {
                    #expect(waiting.isEmpty)
                }
            }
        }
    }

    @Test func `the root of a large network is its centre`() throws {
        let topology = SampleTopologies.path(count: 5001)
        let network = try Network(topology)
        #expect(try network.problem(for: .init(name: "t")).root == 2500)
        let tree = SampleTopologies.random(nodeCount: 4200, chordCount: 0, seed: 3)
        let other = try Network(tree)
        let root = try other.problem(for: .init(name: "t")).root
        // In a tree of links the centre's eccentricity is half the longest path, up to half a link.
        let graph = other.graph
        let one = Int(ShortestPaths(from: 0, in: graph).order.last ?? 0)
        let diameter = ShortestPaths(from: one, in: graph).eccentricity
        let longest = graph.delay.max() ?? 0
        let eccentricity = ShortestPaths(from: root, in: graph).eccentricity
        #expect(eccentricity <= (diameter + longest) / 2)
    }
}

extension SampleTopologies {
    /// Barabási and Albert's growing network: each new node links to two older ones, drawn by their degree.
    static func scaleFree(nodeCount: Int, seed: UInt64) -> Topology {
        var random = SeededGenerator(seed: seed)
        var links: [(Int, Int, Double)] = [(0, 1, 1)]
        var ends = [0, 1]
        for node in 2..<nodeCount {
            let first = ends[random.next(below: ends.count)]
            var second = first
            while second == first { second = ends[random.next(below: ends.count)] }
            for target in [first, second] {
                links.append((target, node, 1 + Double(random.next(below: 1000)) / 100))
                ends += [target, node]
            }
        }
        return make("scale-free \(seed)", count: nodeCount, links: links)
    }
}
