import Vocabulary
import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// Segments that become islands: when, under which head, and what the tree looks like with them.
@Suite struct IslandTests {
    /// A hub with `leafCount` leaves that share a segment with it; a root above the hub.
    private static func floor(
        leafCount: Int,
        _ change: (inout Topology) -> Void = { _ in }
    ) -> Topology {
        var topology = SampleTopologies.make(
            "floor",
            count: leafCount + 2,
            links: [(0, 1, 2)] + (2..<(leafCount + 2)).map { (1, $0, 0.1) }
        )
        topology.segments = [
            .init(name: "lan", group: "239.1.1.1:7500", members: Array(1..<(leafCount + 2)))
        ]
        topology.trees = [.init(name: "t", root: 0)]
        change(&topology)
        return topology
    }

    private static func tree(
        _ topology: Topology,
        _ options: PlanOptions = PlanOptions(effort: 0.02)
    ) throws -> TreePlan {
        try Planner.plan(topology, options: options).trees[0]
    }

    // MARK: The rule

    @Test(arguments: [(1, 0, false), (2, 0, false), (3, 0, true), (1, 2, true), (0, 3, true)])
    func `from three receivers on a segment is multicast`(
        relays: Int,
        subscribers: Int,
        isMulticast: Bool
    ) {
        let decision = IslandRule.decision(
            use: .auto,
            relayCount: relays,
            subscriberCount: subscribers,
            overflow: nil
        )
        #expect(decision.isMulticast == isMulticast)
        #expect(decision.reason.contains("\(relays + subscribers) receiver"))
    }

    @Test func `a tree that blocks stays on TCP, unless somebody insists`() throws {
        let blocking = Self.floor(leafCount: 4) { $0.trees[0].overflow = .block }
        let island = try #require(try Self.tree(blocking).islands.first)
        #expect(island.carriage == .tcp && island.reason.contains("block"))
        #expect(try Self.tree(blocking).nodes.allSatisfy { $0.segment == nil })
        var insisting = blocking
        insisting.segments[0].multicast = .always
        #expect(try Self.tree(insisting).islands[0].carriage == .multicast)
    }

    @Test func `the segment's word beats the rule, and the option beats both`() throws {
        let small = Self.floor(leafCount: 1) { $0.segments[0].multicast = .always }
        #expect(try Self.tree(small).islands[0].carriage == .multicast)
        let large = Self.floor(leafCount: 9) { $0.segments[0].multicast = .never }
        #expect(try Self.tree(large).islands[0].carriage == .tcp)
        let forced = PlanOptions(multicast: .always, effort: 0)
        #expect(try Self.tree(large, forced).islands[0].carriage == .multicast)
        let refused = PlanOptions(multicast: .never, effort: 0)
        #expect(try Self.tree(small, refused).islands[0].carriage == .tcp)
    }

    // MARK: The tree

    @Test(arguments: Topology.Mode.allCases)
    func `members hang below the head, and count once against its fan-out`(
        mode: Topology.Mode
    ) throws {
        let topology = Self.floor(leafCount: 6) {
            $0.trees[0].fanOut = 1
            $0.trees[0].mode = .init(mode)
        }
        let tree = try Self.tree(topology)
        let island = try #require(tree.islands.first)
        #expect(island.head == "n1")
        #expect(island.members == ["n2", "n3", "n4", "n5", "n6", "n7"])
        for member in island.members {
            let node = try #require(tree.nodes.first { $0.id == member })
            #expect(node.parent == "n1" && node.segment == "lan")
            #expect(abs(node.delayMs - 2.5) < 1e-9)
        }
        #expect(tree.lowerBoundMs <= tree.radiusMs)
    }

    @Test func `the head is the member next to the root, and of the lowest rank`() throws {
        for seed in UInt64(1)...12 {
            var topology = SampleTopologies.random(nodeCount: 24, chordCount: 20, seed: seed)
            topology.segments = [
                .init(name: "x", group: "239.1.1.1:7500", members: [3, 5, 8, 13, 21]),
                .init(name: "y", group: "239.1.1.2:7500", members: [5, 6, 7, 13, 14, 15]),
            ]
            for mode in Topology.Mode.allCases {
                topology.trees = [.init(name: "t", fanOut: 6, mode: .init(mode))]
                let tree = try Self.tree(topology, PlanOptions(seed: seed, effort: 0.02))
                try check(tree, seed: seed)
            }
        }
    }

    private func check(_ tree: TreePlan, seed: UInt64) throws {
        let node = Dictionary(uniqueKeysWithValues: tree.nodes.map { ($0.id, $0) })
        var fed: Set<String> = []
        for island in tree.islands where island.carriage == .multicast {
            let id = try #require(island.head)
            let head = try #require(node[id])
            for member in island.members {
                let place = try #require(node[member])
                #expect(place.parent == head.id && place.rank > head.rank, "seed \(seed)")
                #expect(place.segment == island.segment, "seed \(seed)")
                #expect(fed.insert(member).inserted, "two feeds of \(member), seed \(seed)")
            }
        }
        #expect(tree.nodes.filter { $0.segment != nil }.count == fed.count, "seed \(seed)")
        for place in tree.nodes {
            let slots =
                place.children.count { node[$0]?.segment == nil }
                + tree.islands.count { $0.head == place.id }
            #expect(slots <= 6, "seed \(seed), node \(place.id)")
        }
        let value = tree.objective == .radius ? tree.radiusMs : tree.meanMs
        #expect(tree.lowerBoundMs <= value, "seed \(seed)")
    }

    @Test func `a root in the segment is its head`() throws {
        let topology = Self.floor(leafCount: 4) { $0.trees[0].root = 3 }
        #expect(try Self.tree(topology).islands[0].head == "n3")
    }

    @Test func `who has a fixed parent elsewhere stays out`() throws {
        let topology = Self.floor(leafCount: 5) {
            $0.trees[0].fixedParents = [.init(child: 4, parent: 0)]
        }
        let tree = try Self.tree(topology)
        #expect(tree.islands[0].members == ["n2", "n3", "n5", "n6"])
        #expect(tree.nodes[4].parent == "n0" && tree.nodes[4].segment == nil)
    }

    @Test func `a segment none of whose members may have children stays on TCP`() throws {
        var topology = SampleTopologies.star(leafCount: 5)
        for leaf in 1...5 { topology.nodes[leaf].maxChildren = 0 }
        topology.segments = [.init(name: "lan", group: "239.1.1.1:7500", members: [1, 2, 3, 4, 5])]
        topology.trees = [.init(name: "t", root: 0)]
        let tree = try Self.tree(topology)
        #expect(tree.islands[0].carriage == .tcp)
        #expect(tree.nodes[0].children.count == 5)
    }

    @Test func `an island makes a tree possible that fan-out forbids`() throws {
        let topology = Self.floor(leafCount: 8) {
            $0.trees[0].fanOut = 2
            $0.trees[0].mode = .link
        }
        #expect(try Self.tree(topology).nodes[1].children.count == 8)
        #expect(throws: PlanError.self) {
            try Self.tree(topology, PlanOptions(multicast: .never, effort: 0))
        }
    }

    @Test func `subscribers alone make an island of its head`() throws {
        let topology = Self.floor(leafCount: 1) {
            $0.trees[0].fixedParents = [.init(child: 2, parent: 0)]
            $0.segments[0].subscriberCount = 40
        }
        let island = try Self.tree(topology).islands[0]
        #expect(island.carriage == .multicast && island.head == "n1" && island.members.isEmpty)
        #expect(island.subscribers == 40)
    }

    // MARK: Groups

    @Test func `each tree has its own port, also when only one is planned`() throws {
        let topology = Self.floor(leafCount: 4) {
            $0.trees = [
                .init(name: "a", root: 0, topics: ["a"]), .init(name: "b", root: 0, topics: ["b"]),
                .init(name: "c", root: 0, topics: ["c"]),
            ]
            $0.segments[0].treeGroups = [.init(tree: "b", group: "239.9.9.9:9000")]
            $0.segments[0].interface = "eth1"
            $0.segments[0].memberInterfaces = [.init(member: 2, interface: "10.0.0.2")]
        }
        let plan = try Planner.plan(topology, options: PlanOptions(effort: 0))
        #expect(
            plan.trees.map { $0.islands[0].group } == [
                "239.1.1.1:7500", "239.9.9.9:9000", "239.1.1.1:7502",
            ]
        )
        let island = plan.trees[2].islands[0]
        #expect(island.endpoint(at: "n1") == "epgm://eth1;239.1.1.1:7502")
        #expect(island.endpoint(at: "n2") == "epgm://10.0.0.2;239.1.1.1:7502")
        let alone = try Planner.plan(topology, options: PlanOptions(tree: "c", effort: 0))
        #expect(alone.trees[0].islands[0].group == "239.1.1.1:7502")
    }

    // MARK: Files

    @Test func `a plan file gives back its islands and feeds`() throws {
        let topology = Self.floor(leafCount: 4) {
            $0.trees[0].feeds = [.init(node: 1, endpoint: "epgm://eth1;239.2.2.2:7600")]
            $0.segments[0].rateBitsPerSecond = 5e6
        }
        let plan = try Planner.plan(topology, options: PlanOptions(effort: 0))
        let rendered = Data(PlanJSON.render(plan).utf8)
        #expect(try JSONDecoder().decode(Plan.self, from: rendered) == plan)
        let encoded = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(Plan.self, from: encoded) == plan)
        #expect(plan.trees[0].feeds == [.init(node: "n1", endpoint: "epgm://eth1;239.2.2.2:7600")])
    }

    @Test func `a plan from before there were islands is read`() throws {
        let plan = try Planner.plan(SampleTopologies.quickstart)
        let old = PlanJSON.render(plan).split(separator: "\n").filter {
            !$0.contains("\"segment\"") && !$0.contains("\"feeds\"")
        }.map { $0.contains("\"islands\"") ? "" : $0 }.joined(separator: "\n")
            .replacing("],\n\n    }", with: "]\n    }")
        #expect(!old.contains("islands"))
        #expect(try JSONDecoder().decode(Plan.self, from: Data(old.utf8)) == plan)
    }

    @Test func `the drawings show what goes by multicast`() throws {
        let topology = Self.floor(leafCount: 4) { $0.segments[0].subscriberCount = 2 }
        let plan = try Planner.plan(topology, options: PlanOptions(effort: 0))
        let text = PlanText.render(plan, topology: topology)
        #expect(text.contains("╘═ n5") && text.contains("by segment lan"))
        #expect(
            text.contains(
                "lan: multicast from n1 to n2, n3, n4, n5, 2 subscribers, epgm 239.1.1.1:7500; "
                    + "6 receivers (4 relays, 2 subscribers): one transmission in place of 6"
            )
        )
        // One link carries a copy: the one above the island.
        #expect(text.contains("1 of 5 links in use"))
        let dot = PlanDOT.render(plan)
        #expect(dot.contains("\"n1\" -> \"segment\\nlan\" [style=bold];"))
        #expect(dot.contains("\"segment\\nlan\" -> \"n2\""))
        #expect(PlanSVG.render(plan).components(separatedBy: "stroke-dasharray").count == 5)
    }
}
