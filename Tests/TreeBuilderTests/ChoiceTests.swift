import Testing
import Topology

@testable import TreeBuilder

/// What the plan does where nobody told it: mode, fan-out, and which of several equal trees.
@Suite struct ChoiceTests {
    private func plan(_ text: String, _ options: PlanOptions = PlanOptions()) throws -> TreePlan {
        try Planner.plan(try TopologyReader.read(text, file: "net.yaml"), options: options).trees[0]
    }

    // MARK: Mode

    @Test func `links alone make a tree along them`() throws {
        let tree = try plan("{nodes: [a, b, c], links: [a/b, b/c]}")
        #expect(tree.mode == .link)
        #expect(tree.modeReason?.contains("the file has links") == true)
        let told = try plan("{nodes: [a, b, c], links: [a/b, b/c]}", PlanOptions(mode: .mesh))
        #expect(told.mode == .mesh && told.modeReason == nil)
    }

    @Test func `addresses for all make any two nodes neighbours`() throws {
        let all = """
            nodes: {a: {address: 10.0.0.1}, b: {address: 10.0.0.2}, c: {address: 10.0.0.3}}
            links: [a/b, b/c]
            """
        #expect(try plan(all).mode == .mesh)
        let some = all.replacing("c: {address: 10.0.0.3}", with: "c: {}")
        #expect(try plan(some).mode == .link)
        #expect(try plan(some, PlanOptions(mode: .auto)).mode == .link)
    }

    @Test func `a fixed parent without a link needs mesh`() throws {
        let tree = try plan(
            "{nodes: [a, b, c], links: [a/b, b/c], trees: {t: {root: a, parents: {c: a}}}}"
        )
        #expect(tree.mode == .mesh && tree.modeReason?.contains("no link joins them") == true)
    }

    @Test func `a refusal of what was chosen names the other way`() throws {
        let error = #expect(throws: PlanError.self) {
            try plan(
                "{nodes: [h, a, b, c, d], links: [h/a, h/b, h/c, h/d]}",
                PlanOptions(fanOut: 2)
            )
        }
        #expect(error?.message.hasSuffix("; or use mode mesh") == true)
    }

    // MARK: Fan-out

    @Test func `a mesh is no star by default`() throws {
        let topology = SampleTopologies.star(leafCount: 40)
        let tree = try Planner.plan(topology, options: PlanOptions(mode: .mesh, effort: 0.02))
            .trees[0]
        #expect(tree.fanOut == 8 && tree.fanOutReason != nil)
        #expect(tree.nodes.allSatisfy { $0.children.count <= 8 })
        let star = try Planner.plan(
            topology,
            options: PlanOptions(mode: .mesh, fanOut: .unlimited)
        ).trees[0]
        #expect(star.fanOut == nil && star.nodes[0].children.count == 40)
    }

    @Test func `what is known of a node counts instead`() throws {
        var topology = SampleTopologies.star(leafCount: 40)
        topology.trees = [.init(name: "t", root: 0, mode: .mesh, rateBitsPerSecond: 1e6)]
        topology.nodes[0].uplinkBitsPerSecond = 20e6
        let tree = try Planner.plan(topology, options: PlanOptions(effort: 0.02)).trees[0]
        #expect(tree.nodes[0].children.count == 20)
        #expect(tree.nodes.dropFirst().allSatisfy { $0.children.count <= 8 })
        #expect(tree.fanOut == nil && tree.fanOutReason?.contains("not known") == true)
    }

    @Test func `no default stands in the way of a tree`() throws {
        var topology = SampleTopologies.star(leafCount: 20)
        for leaf in 1...20 { topology.nodes[leaf].maxChildren = 0 }
        let tree = try Planner.plan(topology, options: PlanOptions(mode: .mesh, effort: 0.02))
            .trees[0]
        #expect(tree.nodes[0].children.count == 20)
        #expect(tree.fanOutReason == "the least for which a tree was found")
    }

    // MARK: Among equals

    @Test func `among trees of one radius the one of less mean delay is kept`() throws {
        // The far end decides the radius; the near city must not be reached by way of it.
        let tree = try plan(
            """
            nodes: [virginia, oregon, dublin, frankfurt, tokyo]
            links:
              - [virginia, oregon, 31ms]
              - [virginia, dublin, 38ms]
              - [dublin, frankfurt, 11ms]
              - [oregon, tokyo, 47ms]
            trees: {t: {root: virginia, mode: mesh, fan-out: 2}}
            """
        )
        let parents = Dictionary(uniqueKeysWithValues: tree.nodes.map { ($0.id, $0.parent) })
        #expect(parents["dublin"] == "virginia" && parents["frankfurt"] == "dublin")
        #expect(parents["oregon"] == "virginia" && parents["tokyo"] == "oregon")
    }

    @Test func `no single move shortens the mean of a plan that has its radius`() throws {
        for seed in UInt64(1)...8 {
            let topology = SampleTopologies.random(nodeCount: 40, chordCount: 30, seed: seed)
            let options = PlanOptions(mode: .mesh, fanOut: 3, seed: seed, effort: 0.05)
            let tree = try Planner.plan(topology, options: options).trees[0]
            let delays = try #require(try Network(topology).delays)
            let index = Dictionary(
                uniqueKeysWithValues: tree.nodes.enumerated().map { ($1.id, $0) }
            )
            for (position, node) in tree.nodes.enumerated() where node.parent != nil {
                for (other, parent) in tree.nodes.enumerated()
                where parent.children.count < 3 && other != position {
                    var above: String? = parent.id
                    while let id = above, id != node.id {
                        above = tree.nodes[index[id] ?? 0].parent
                    }
                    guard above == nil else { continue }
                    let arrival = parent.delayMs + delays[other, position].milliseconds + 0.2
                    #expect(
                        arrival >= node.delayMs - 1e-6,
                        "seed \(seed): \(node.id) below \(parent.id)"
                    )
                }
            }
        }
    }

    @Test func `without forwarding cost messages cross each link once`() throws {
        let tree = try Planner.plan(
            SampleTopologies.path(count: 6),
            options: PlanOptions(
                root: "n0",
                mode: .mesh,
                fanOut: .unlimited,
                hopDelayMilliseconds: 0
            )
        ).trees[0]
        #expect(tree.nodes.map(\.parent) == [nil, "n0", "n1", "n2", "n3", "n4"])
    }
}
