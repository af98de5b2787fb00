import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// Every output format of the seven-node sample against its golden file.
///
/// Regenerate with `XYLEM_UPDATE_GOLDENS=1 swift test --filter RenderingTests`, then read the diff.
@Suite struct RenderingTests {
    private func expectGolden(_ text: String, _ name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(components: "Golden", name)
        if ProcessInfo.processInfo.environment["XYLEM_UPDATE_GOLDENS"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(name)")
    }

    private func plan() throws -> Plan { try Planner.plan(SampleTopologies.quickstart) }

    @Test func quickstartLooksLikeItsGoldenFiles() throws {
        let plan = try plan()
        try expectGolden(
            PlanText.render(plan, topology: SampleTopologies.quickstart),
            "quickstart.txt"
        )
        try expectGolden(PlanJSON.render(plan), "quickstart.json")
        try expectGolden(PlanDOT.render(plan), "quickstart.dot")
        try expectGolden(PlanSVG.render(plan), "quickstart.svg")
    }

    @Test func nodesAreSpokenOfByTheirNames() throws {
        // Files of other tools have numbers for ids; two of these places share a name.
        let names = ["Oslo", "Bergen", "Bergen", "Tromsø", "Bodø"]
        let nodes = names.enumerated().map { Topology.Node(id: "\($0)", label: $1) }
        let links = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (1, 2)].map {
            Topology.Link(a: $0, b: $1, delayMilliseconds: 1 + Double($1))
        }
        let topology = Topology(name: "north", nodes: nodes, links: links)
        let plan = try Planner.plan(topology, options: PlanOptions(root: "0"))
        let text = PlanText.render(plan, topology: topology)
        #expect(text.contains(" to Bodø\n"), "\(text)")
        let backups = text.split(separator: "\n").filter { $0.contains("  backups ") }
        #expect(!backups.isEmpty)
        for line in backups {
            let list = line.split(separator: "  backups ")[1].components(separatedBy: ", ")
            #expect(
                list.allSatisfy {
                    ["Oslo", "Bergen (1)", "Bergen (2)", "Tromsø", "Bodø"].contains($0)
                },
                "\(line)"
            )
        }
    }

    @Test func oneNodeIsOneNode() throws {
        let topology = Topology(name: "lone", nodes: [Topology.Node(id: "a")], links: [])
        let text = PlanText.render(try Planner.plan(topology), topology: topology)
        #expect(text.hasPrefix("lone · tree main · 1 node · topics everything\n"), "\(text)")
    }

    @Test func twoPlacesAreAnObjectAndReadBack() throws {
        var plan = try plan()
        plan.epoch = 9
        plan.nodes[0].bind.publishers = "tcp://*:6001"
        plan.nodes[0].bind.control = "eth1:6003"
        plan.trees[0].sinks = [FeedPlan(node: "oslo", endpoint: "tcp://10.0.0.9:5557")]
        let text = PlanJSON.render(plan)
        let place = #"{"bind":"tcp://*:6001","advertise":"tcp://10.0.0.1:6001"}"#
        #expect(text.filter { !$0.isWhitespace }.contains("\"publishers\":\(place)"))
        #expect(try JSONDecoder().decode(Plan.self, from: Data(text.utf8)) == plan)
        let encoded = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(Plan.self, from: encoded) == plan)
        // What older plans lack has its default.
        let older = text.replacingOccurrences(of: "  \"epoch\": 9,\n", with: "")
        #expect(try JSONDecoder().decode(Plan.self, from: Data(older.utf8)).epoch == 1)
    }

    @Test func jsonReadsBackAsTheSamePlan() throws {
        for seed in [0, 1, UInt64.max] {
            var topology = SampleTopologies.random(nodeCount: 20, chordCount: 15, seed: 8)
            topology.name = "quotes \" \\ \n \u{1} é 🌳"
            let plan = try Planner.plan(
                topology,
                options: PlanOptions(seed: seed, effort: 0.02)
            )
            let data = Data(PlanJSON.render(plan).utf8)
            #expect(try JSONDecoder().decode(Plan.self, from: data) == plan)
        }
    }

    @Test func theEncoderWritesTheSameKeysWithNullForAbsentValues() throws {
        let plan = try plan()
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(plan))
        let rendered = try JSONSerialization.jsonObject(with: Data(PlanJSON.render(plan).utf8))
        #expect(encoded as? NSDictionary == rendered as? NSDictionary)
        let trees = (rendered as? [String: Any])?["trees"] as? [[String: Any]]
        let tree = try #require(trees?.first)
        #expect(
            Set(tree.keys) == [
                "name", "root", "mode", "objective", "fanOut", "hopDelayMs", "radiusMs", "meanMs",
                "lowerBoundMs", "gap", "nodes", "topics", "overflow", "seed", "islands", "feeds",
                "sinks",
                "modeReason", "fanOutReason", "cost", "costUnit", "lowerBoundCost", "delayBound",
                "alternatives", "standbys", "unprotected",
            ]
        )
        let node = try #require((tree["nodes"] as? [[String: Any]])?.first)
        #expect(
            Set(node.keys) == [
                "id", "label", "parent", "backups", "rank", "level", "delayMs", "children",
                "segment",
            ]
        )
        #expect(tree["overflow"] is NSNull)
    }

    @Test func decimalsAreRoundedWithoutTheCLibrary() {
        #expect(NumberText.fixed(0, decimals: 3) == "0.000")
        #expect(NumberText.fixed(1.0005, decimals: 3) == "1.001")
        #expect(NumberText.fixed(-2.5, decimals: 0) == "-3")
        #expect(NumberText.fixed(-0.0001, decimals: 3) == "0.000")
        #expect(NumberText.fixed(12.3456, decimals: 2) == "12.35")
        #expect(NumberText.fixed(1e300, decimals: 2) == "1e+300")
    }

    @Test func picturesTellNodesOfOneLabelApart() throws {
        var topology = SampleTopologies.quickstart
        for index in [1, 2] { topology.nodes[index].label = "Berlin" }
        topology.nodes[3].label = "Lisbon"
        let svg = PlanSVG.render(try Planner.plan(topology))
        #expect(svg.contains(">Berlin (\(topology.nodes[1].id))<"))
        #expect(svg.contains(">Berlin (\(topology.nodes[2].id))<"))
        #expect(svg.contains(">Lisbon<"))
    }

    @Test func namesCannotBreakOutOfDOTOrSVG() throws {
        var topology = SampleTopologies.path(count: 3)
        topology.nodes[0].label = "\"];<script>&\u{1}"
        let plan = try Planner.plan(topology)
        #expect(PlanDOT.render(plan).contains("\\\"];<script>"))
        let svg = PlanSVG.render(plan)
        #expect(svg.contains("&quot;];&lt;script&gt;&amp;\u{FFFD}"))
        #expect(!svg.contains("<script"))
    }

    @Test func tidyRowsNeverOverlap() throws {
        for seed in UInt64(1)...5 {
            let topology = SampleTopologies.random(nodeCount: 80, chordCount: 30, seed: seed)
            let plan = try Planner.plan(
                topology,
                options: PlanOptions(mode: .mesh, fanOut: 3, effort: 0.01)
            )
            let outline = try #require(TreeOutline(plan.trees[0]))
            let tidy = TidyTree(outline)
            for level in 0...outline.depth {
                let rows = outline.order.filter { outline.tree.nodes[$0].level == level }
                    .map { tidy.row[$0] }
                #expect(
                    zip(rows, rows.dropFirst()).allSatisfy { $1 - $0 > 1 - 1e-9 },
                    "seed \(seed)"
                )
            }
            #expect(tidy.row.min() == 0)
        }
    }

    @Test func linkLoadCountsCopies() throws {
        // A path under fan-out 1 in mesh mode rooted at its end: each link carries one copy.
        let topology = SampleTopologies.path(count: 4)
        let star = try Planner.plan(topology, options: PlanOptions(root: "n0", mode: .mesh)).trees[
            0
        ]
        let outline = try #require(TreeOutline(star))
        let load = try #require(LinkLoad(outline, topology: topology))
        // Every node is a child of the root: three copies leave n0, two pass n1, one passes n2.
        #expect(load.entries.map(\.copyCount) == [3, 2, 1])
        #expect(load.entries.first == .init(a: 0, b: 1, copyCount: 3))
        #expect(load.mean == 2)
    }
}
