import Testing

@testable import Topology

/// Keys that make trees of a kind: what they may be, and beside what.
@Suite struct TreeKindTests {
    private static func read(_ nodes: String, _ tree: String) throws(TopologyError) -> Topology {
        let text = """
            nodes: {a: {\(nodes)}, b: {region: east}}
            links: [[a, b, 1ms]]
            trees: {t: {\(tree)}}
            """
        return try TopologyReader.read(Array(text.utf8), file: "x.yaml")
    }

    @Test func `the keys are read`() throws {
        let topology = try Self.read("pass-through: true", "redundant: 2")
        #expect(topology.nodes.map(\.isPassThrough) == [true, false])
        #expect(topology.trees[0].redundancy == 2 && topology.trees[0].regionStretch == nil)
        let regional = try Self.read("pass-through: no", "region-stretch: 1.25")
        #expect(regional.nodes.map(\.isPassThrough) == [false, false])
        #expect(regional.trees[0].redundancy == 1 && regional.trees[0].regionStretch == 1.25)
    }

    @Test(arguments: [
        ("pass-through: maybe", "", "must be yes or no"),
        ("", "redundant: 3", "must be 1 or 2"),
        ("", "region-stretch: 0.9", "at least 1"),
        ("", "region-stretch: wide", "at least 1"),
        ("", "redundant: 2, objective: cost", "radius or mean"),
        ("", "redundant: 2, region-stretch: 2", "take out one of them"),
        ("", "redundant: 2, parents: {b: a}", "take out parents or redundant"),
        ("", "objective: cost, region-stretch: 2", "dear by their cost"),
    ])
    func `what makes no sense is refused with the line`(
        nodes: String,
        tree: String,
        reason: String
    ) {
        let error = #expect(throws: TopologyError.self) { try Self.read(nodes, tree) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("x.yaml:") == true)
    }

    @Test func `regions count where there are some`() {
        var topology = Topology(name: "n", nodes: [.init(id: "a")], trees: [.init(name: "t")])
        topology.trees[0].regionStretch = 2
        let error = #expect(throws: TopologyError.self) { try topology.validate(file: "n") }
        #expect(error?.description.contains("no node has a region") == true)
        topology.trees[0].redundancy = 7
        #expect(throws: TopologyError.self) { try topology.validate(file: "n") }
    }
}
