import Testing

@testable import Topology

/// Graphs by chance, written in every format that is read and not written elsewhere: what comes out is
/// what went in.
@Suite struct FormatPropertyTests {
    private static let rounds: UInt64 = 200

    @Test(arguments: GraphForm.allCases) func `a random graph is read as it was written`(
        form: GraphForm
    )
        throws
    {
        for seed in 0..<Self.rounds {
            var random = SplitMix64(state: seed)
            let graph = RandomGraph(form, &random)
            let text = form.text(of: graph, &random)
            let topology = try TopologyReader.read(text, file: form.file)
            let what = "\(form), seed \(seed):\n\(text)"
            // Formats without a list of nodes have them in the order of the links.
            #expect(topology.nodes.map(\.id).sorted() == graph.nodes.map(\.id).sorted(), "\(what)")
            if form.hasLabels {
                let labels = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0.label) })
                #expect(topology.nodes.allSatisfy { labels[$0.id] == $0.label }, "\(what)")
            }
            let links = topology.links.map { link in
                let ends = [topology.nodes[link.a].id, topology.nodes[link.b].id].sorted()
                return "\(ends) \(link.delayMilliseconds)"
            }
            let expected = graph.links.map { link in
                let ends = [graph.nodes[link.a].id, graph.nodes[link.b].id].sorted()
                return "\(ends) \(form.hasDelays ? link.delay : 1)"
            }
            #expect(links.sorted() == expected.sorted(), "\(what)")
            try topology.validate(file: form.file)
        }
    }

    /// Any prefix of a file is read or refused with a place, and never with a crash.
    @Test(arguments: GraphForm.allCases) func `a file cut off anywhere is told`(form: GraphForm) {
        var random = SplitMix64(state: 7)
        let graph = RandomGraph(form, &random)
        let bytes = Array(form.text(of: graph, &random).utf8)
        for count in 0..<bytes.count {
            do throws(TopologyError) {
                let topology = try TopologyReader.read(Array(bytes[..<count]), file: form.file)
                try topology.validate(file: form.file)
            } catch {
                #expect(!error.message.isEmpty && error.file == form.file)
                FuzzTests.checkPosition(of: error, in: Array(bytes[..<count]), seed: UInt64(count))
            }
        }
    }
}

/// A connected graph with delays in tenths of a millisecond.
struct RandomGraph {
    var nodes: [(id: String, label: String)] = []
    var links: [(a: Int, b: Int, delay: Double)] = []

    init(_ form: GraphForm, _ random: inout SplitMix64) {
        let count = Int.random(in: 2...12, using: &random)
        for index in 0..<count {
            let label = ["Oslo", "Bergen", "Tromsø", "Ålesund"].randomElement(using: &random) ?? ""
            nodes.append((form.id(of: index, &random), "\(label)\(form.labelEnd)"))
        }
        var known: Set<Pair> = []
        func add(_ a: Int, _ b: Int, _ random: inout SplitMix64) {
            guard a != b, known.insert(Pair(a, b)).inserted else { return }
            links.append((a, b, Double(Int.random(in: 0...999, using: &random)) / 10))
        }
        for b in 1..<count { add(Int.random(in: 0..<b, using: &random), b, &random) }
        for _ in 0..<count {
            add(
                Int.random(in: 0..<count, using: &random),
                Int.random(in: 0..<count, using: &random),
                &random
            )
        }
    }
}

/// The ways to write a graph that tests know.
enum GraphForm: String, CaseIterable, CustomTestStringConvertible {
    case nodeLink, nodePlaces, netJSON, cytoscape, adjacency, gexf, xgmml, gdf, tgf, sif, dot,
        pajek,
        brite
    case containerlab, rocketfuel, relationships

    var testDescription: String { rawValue }

    var file: String { self == .sif ? "random.sif" : "random" }

    var hasLabels: Bool {
        switch self {
        case .brite, .sif, .relationships, .nodePlaces: false
        default: true
        }
    }

    var hasDelays: Bool {
        switch self {
        case .sif, .rocketfuel, .relationships: false
        default: true
        }
    }

    /// Names of routers hold no blanks.
    var labelEnd: String { self == .rocketfuel ? "" : " S" }

    func id(of index: Int, _ random: inout SplitMix64) -> String {
        switch self {
        case .pajek: "\(index + 1)"
        case .brite, .rocketfuel, .relationships: "\(index * 7 + 3)"
        case .tgf, .containerlab: "n\(index)"
        case .sif, .gdf: "n-\(index)'"
        case .nodeLink, .nodePlaces, .netJSON, .cytoscape, .adjacency, .gexf, .xgmml, .dot:
            "\(index)" + (["", " b", "ø", ": c", "/d"].randomElement(using: &random) ?? "")
        }
    }

    func text(of graph: RandomGraph, _ random: inout SplitMix64) -> String {
        switch self {
        case .nodeLink, .nodePlaces, .netJSON, .cytoscape, .adjacency: json(graph, &random)
        case .gexf, .xgmml: xml(graph)
        default: lines(graph, &random)
        }
    }

    // MARK: JSON

    private func json(_ graph: RandomGraph, _ random: inout SplitMix64) -> String {
        let gap = ["", " ", "\n  "].randomElement(using: &random) ?? ""
        func ends(_ link: (a: Int, b: Int, delay: Double)) -> String {
            let ids =
                self == .nodePlaces
                ? ["\(link.a)", "\(link.b)"]
                : ["\"\(graph.nodes[link.a].id)\"", "\"\(graph.nodes[link.b].id)\""]
            return "\"source\":\(gap)\(ids[0]), \"target\": \(ids[1]), \"delay\": \(link.delay)"
        }
        let nodes = graph.nodes.map { "\"id\": \"\($0.id)\", \"label\": \"\($0.label)\"" }
        let links = graph.links.map(ends)
        func list(_ items: [String], _ open: String, _ close: String) -> String {
            "[" + items.map { open + $0 + close }.joined(separator: ",\(gap)") + "]"
        }
        switch self {
        case .netJSON:
            return
                "{\"type\": \"NetworkGraph\", \"protocol\": \"static\", \"version\": null, \"metric\": null,"
                + " \"nodes\": \(list(nodes, "{", "}")), \"links\": \(list(links, "{\"cost\": 1, ", "}"))}"
        case .cytoscape:
            return "{\"elements\": {\"nodes\": \(list(nodes, "{\"data\": {", "}}")),"
                + " \"edges\": \(list(links, "{\"data\": {", "}}"))}}"
        case .adjacency:
            let lists = graph.nodes.indices.map { index in
                let items = graph.links.filter { $0.a == index || $0.b == index }.map { link in
                    "{\"delay\": \(link.delay), \"id\": \"\(graph.nodes[link.a == index ? link.b : link.a].id)\"}"
                }
                return "[" + items.joined(separator: ", ") + "]"
            }
            return "{\"multigraph\": false, \"graph\": [], \"nodes\": \(list(nodes, "{", "}")),"
                + " \"adjacency\": [\(lists.joined(separator: ", "))]}"
        case .nodePlaces:
            let ids = graph.nodes.map { "\"id\": \"\($0.id)\"" }
            return
                "{\"nodes\": \(list(ids, "{", "}")), \"links\": \(list(links, "{", "}")), \"edges\": []}"
        default:
            let key = Bool.random(using: &random) ? "links" : "edges"
            let parts = [
                "\"nodes\": \(list(nodes, "{", "}"))", "\"\(key)\": \(list(links, "{", "}"))",
            ].shuffled(using: &random)
            return "{\"multigraph\": false, \(parts[0]),\(gap) \(parts[1])}"
        }
    }

    // MARK: XML

    private func xml(_ graph: RandomGraph) -> String {
        let nodes = graph.nodes.map { "<node id=\"\($0.id)\" label=\"\($0.label)\"/>" }.joined()
        let links = graph.links.map { link in
            let ends = "source=\"\(graph.nodes[link.a].id)\" target=\"\(graph.nodes[link.b].id)\""
            return self == .gexf
                ? "<edge \(ends)><attvalues><attvalue for=\"d\" value=\"\(link.delay)\"/></attvalues></edge>"
                : "<edge \(ends)><att name=\"delay\" value=\"\(link.delay)\" type=\"real\"/></edge>"
        }.joined(separator: "\n")
        return self == .gexf
            ? "<gexf><graph><attributes class=\"edge\"><attribute id=\"d\" title=\"delay\"/></attributes>"
                + "<nodes>\(nodes)</nodes><edges>\(links)</edges></graph></gexf>"
            : "<graph label=\"net\">\(nodes)\(links)</graph>"
    }

    // MARK: Lines

    private func lines(_ graph: RandomGraph, _ random: inout SplitMix64) -> String {
        let nodes = graph.nodes
        let links = graph.links.map { (nodes[$0.a].id, nodes[$0.b].id, $0.delay) }
        let end = Bool.random(using: &random) ? "\n" : "\r\n"
        var rows: [String]
        switch self {
        case .gdf:
            rows = ["nodedef>name VARCHAR,label VARCHAR"]
            rows += nodes.map { "\"\($0.id)\",'\($0.label)'" }
            rows += ["edgedef>node1 VARCHAR,node2 VARCHAR,delay DOUBLE"]
            rows += links.map { "\"\($0.0)\",\"\($0.1)\",\($0.2)" }
        case .tgf:
            rows = nodes.map { "\($0.id) \($0.label)" }
            rows.append("#")
            rows += links.map { "\($0.0) \($0.1) \($0.2) ms" }
        case .sif: rows = links.map { "\($0.0) x \($0.1)" }
        case .dot:
            rows = ["graph g {"]
            rows += nodes.map { "  \"\($0.id)\" [label=\"\($0.label)\"];" }
            rows += links.map { "  \"\($0.0)\" -- \"\($0.1)\" [delay=\($0.2)];" }
            rows.append("}")
        case .pajek:
            rows = ["*Vertices \(nodes.count)"]
            rows += nodes.map { "\($0.id) \"\($0.label)\" 0.5 0.5" }
            rows.append("*Edges")
            rows += links.map { "\($0.0) \($0.1) \($0.2)" }
        case .brite:
            rows = [
                "Topology: ( \(nodes.count) Nodes, \(links.count) Edges )",
                "Nodes: ( \(nodes.count) )",
            ]
            rows += nodes.map { "\($0.id) 1.0 2.0 1 1 -1 RT_NODE" }
            rows.append("Edges: ( \(links.count) )")
            rows += links.enumerated().map {
                "\($0.offset) \($0.element.0) \($0.element.1) 5.0 \($0.element.2) 10.0 -1 -1 E_RT U"
            }
        case .containerlab:
            rows = ["name: lab", "topology:", "  nodes:"]
            rows += nodes.map { "    \($0.id): {kind: linux, labels: {label: \"\($0.label)\"}}" }
            rows += ["  links:"]
            rows += links.enumerated().map { number, link in
                "    - {endpoints: [\"\(link.0):eth\(number)\", \"\(link.1):eth\(number)\"], vars: {delay: \(link.2)ms}}"
            }
        case .rocketfuel:
            rows = nodes.enumerated().map { index, node in
                let others = graph.links.filter { $0.a == index || $0.b == index }.map { link in
                    "<\(nodes[link.a == index ? link.b : link.a].id)>"
                }
                return
                    "\(node.id) @Oslo,+NO + \t(\(others.count)) -> \(others.joined(separator: " "))  =\(node.label)! r0"
            }
        default:
            rows = ["# <provider-as>|<customer-as>|-1"]
            for link in links {
                rows.append("\(link.0)|\(link.1)|\(Bool.random(using: &random) ? -1 : 0)")
            }
        }
        return rows.joined(separator: end) + end
    }
}
