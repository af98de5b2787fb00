import Foundation
import Testing

@testable import Topology

/// The real networks as networkx reads them: the same nodes, links and attributes.
@Suite(
    .enabled(if: Repository.hasShared),
    .enabled(if: Networkx.isThere(), "needs \(Networkx.interpreter) with networkx")
)
struct NetworkxTests {
    private static let keeping: ImportOptions = {
        var options = ImportOptions()
        options.keepsAttributes = true
        return options
    }()

    private static let zoo = [
        "Abilene", "AttMpls", "Cogentco", "Colt", "Deltacom", "Garr201201", "Geant2012", "GtsCe",
        "Interoute", "Kdl", "Nsfnet", "TataNld", "UsCarrier",
    ]

    @Test(arguments: zoo) func `GraphML of the Zoo`(name: String) throws {
        let source = try Self.source("zoo/\(name).graphml")
        let graph = try GraphMLReader.graph(of: source, options: Self.keeping)
        try Networkx.compare(graph, "graphml", "zoo/\(name).graphml")
    }

    @Test(arguments: ["Abilene", "Cogentco", "Geant2012", "Interoute", "Kdl"])
    func `GML of the Zoo`(name: String) throws {
        let source = try Self.source("zoo/\(name).gml")
        let graph = try GMLReader.graph(of: source, options: Self.keeping)
        try Networkx.compare(graph, "gml", "zoo/\(name).gml")
    }

    /// networkx has no reader of SNDlib's: both sides are written after its page, in two languages.
    @Test(arguments: ["abilene", "cost266", "germany50", "zib54"])
    func `SNDlib in both forms`(name: String) throws {
        let native = "sndlib/\(name).native.txt"
        let graph = try SNDlibReader.graph(of: Self.source(native), options: Self.keeping)
        try Networkx.compare(graph, "sndlib-native", native, ["x": "longitude", "y": "latitude"])
        let xml = "sndlib/\(name).xml"
        let other = try SNDlibXMLReader.graph(of: Self.source(xml), options: Self.keeping)
        try Networkx.compare(other, "sndlib-xml", xml, ["x": "longitude", "y": "latitude"])
    }

    @Test func `Rocketfuel's map with its places`() throws {
        let file = "rocketfuel/7018.r0.cch"
        let graph = try RocketfuelReader.graph(of: Self.source(file), options: Self.keeping)
        let other = try Networkx.graph("cch", file)
        #expect(graph.nodes.map(\.id) == other.nodes.map(\.id))
        let regions = graph.nodeAttributes.columns.firstIndex { $0.name == "region" }
        let region = try #require(regions)
        for (node, peer) in zip(graph.nodes, other.nodes) {
            #expect(node.values[region] == peer.attributes["region"] as? String, "\(node.id)")
        }
        // Each of two neighbours lists the other, which is one link here.
        let links = Set(graph.edges.map { Set([$0.source, $0.target]) })
        #expect(links == Set(other.edges.map { Set([$0.source, $0.target]) }))
        #expect(links.count == graph.edges.count)
    }

    /// Lists of links with a value: what networkx says of nodes, links and values is what a plan has.
    @Test(arguments: ["1221", "1239"]) func `Rocketfuel's latencies and weights`(map: String) throws
    {
        for kind in ["latencies", "weights"] {
            let file = "rocketfuel/\(map).\(kind).intra"
            let topology = try TopologyReader.read(Repository.shared(file), file: file)
            let other = try Networkx.graph("edges", file)
            let ids = topology.nodes.map(\.id)
            let known = Set(ids)
            // The largest connected part is taken.
            #expect(other.nodes.map(\.id).filter(known.contains) == ids)
            var values: [Set<String>: Double] = [:]
            for edge in other.edges {
                let ends = Set([edge.source, edge.target])
                let value = (edge.attributes["value"] as? NSNumber)?.doubleValue ?? .nan
                let isFirst = values[ends] == nil
                values[ends] =
                    kind == "latencies" ? min(value, values[ends] ?? value) : values[ends] ?? value
                #expect(!isFirst || values[ends] == value)
            }
            for link in topology.links {
                let ends = Set([ids[link.a], ids[link.b]])
                #expect(values[ends] == (kind == "latencies" ? link.delayMilliseconds : link.cost))
            }
            let inside = values.keys.filter { $0.isSubset(of: known) && $0.count == 2 }
            #expect(inside.count == topology.links.count)
        }
    }

    @Test func `CAIDA's relationships`() throws {
        let file = "aslevel/snap-as-caida20070917.txt"
        let graph = try ASRelationshipReader.graph(of: Self.source(file), options: Self.keeping)
        let other = try Networkx.graph("edges", file)
        #expect(Set(graph.nodes.map(\.id)) == Set(other.nodes.map(\.id)))
        let relationship = try #require(
            graph.edgeAttributes.columns.firstIndex { $0.name == "relationship" }
        )
        let provider = try #require(
            graph.edgeAttributes.columns.firstIndex { $0.name == "provider" }
        )
        var kinds: [Set<String>: String] = [:]
        for edge in other.edges {
            // The file's heading says: -1, the first is a customer of the second.
            let kind: String =
                switch (edge.attributes["value"] as? NSNumber)?.intValue {
                case -1: "customer of \(edge.target)"
                case 1: "customer of \(edge.source)"
                case 0: "peer"
                default: "sibling"
                }
            let ends = Set([edge.source, edge.target])
            #expect(kinds[ends] == nil || kinds[ends] == kind)
            kinds[ends] = kind
        }
        #expect(graph.edges.count == kinds.count)
        for edge in graph.edges {
            var kind = edge.values[relationship] ?? ""
            if let provider = edge.values[provider] { kind += " of \(provider)" }
            #expect(kinds[Set([edge.source, edge.target])] == kind)
        }
    }

    /// What we write as JSON, networkx reads; what it writes, we read.
    @Test(arguments: ["zoo/Geant2012.graphml", "sndlib/germany50.xml"])
    func `node-link JSON of ours`(file: String) throws {
        let topology = try TopologyReader.read(
            Repository.shared(file),
            file: file,
            options: Self.keeping
        )
        let text = TopologyWriter.output(topology, as: .json).text
        let url = FileManager.default.temporaryDirectory
            .appending(path: "xylem-\(UUID().uuidString).json")
        try text.write(to: url, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: url) }
        let other = try Networkx.graph("node-link", at: url.path)
        #expect(other.nodes.map(\.id) == topology.nodes.map(\.id))
        #expect(
            other.nodes.map { $0.attributes["label"] as? String } == topology.nodes.map(\.label)
        )
        #expect(other.edges.count == topology.links.count)
    }

    private static func source(_ file: String) throws -> SourceText {
        try SourceText(Repository.shared(file), file: file)
    }
}

/// Python with networkx, as a peer.
enum Networkx {
    struct Graph {
        var nodes: [(id: String, attributes: [String: Any])] = []
        var edges: [(source: String, target: String, attributes: [String: Any])] = []
    }

    /// `XYLEM_PYTHON` names another one.
    static let interpreter =
        ProcessInfo.processInfo.environment["XYLEM_PYTHON"] ?? "/usr/bin/python3"

    private static let version = try? run(["-c", "import networkx; print(networkx.__version__)"])

    /// Says so loudly when it is not.
    static func isThere() -> Bool {
        if version != nil { return true }
        FileHandle.standardError.write(
            Data(
                "SKIPPED: comparison with networkx; install python3-networkx (tools/setup --test)\n"
                    .utf8
            )
        )
        return false
    }

    static func graph(_ format: String, _ file: String) throws -> Graph {
        try graph(format, at: Repository.shared.appending(path: file).path)
    }

    static func graph(_ format: String, at path: String) throws -> Graph {
        let script = Repository.root.appending(path: "Tests/TopologyTests/Peers/networkx_graph.py")
        let output = try run([script.path, format, path])
        let value = try JSONSerialization.jsonObject(with: output) as? [String: [[Any]]]
        var graph = Graph()
        for node in value?["nodes"] ?? [] {
            graph.nodes.append((node[0] as? String ?? "", node[1] as? [String: Any] ?? [:]))
        }
        for edge in value?["edges"] ?? [] {
            graph.edges.append(
                (
                    edge[0] as? String ?? "", edge[1] as? String ?? "",
                    edge[2] as? [String: Any] ?? [:]
                )
            )
        }
        return graph
    }

    private struct Failure: Error {
        let arguments: [String]
    }

    private static func run(_ arguments: [String]) throws -> Data {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(arguments: arguments) }
        return data
    }

    /// Nodes in their order, and links in any, with all attributes. `names` are those that differ.
    static func compare(
        _ graph: ImportedGraph,
        _ format: String,
        _ file: String,
        _ names: [String: String] = [:]
    ) throws {
        let other = try Self.graph(format, file)
        #expect(graph.nodes.map(\.id) == other.nodes.map(\.id), "\(file)")
        var valueCount = 0
        for (node, peer) in zip(graph.nodes, other.nodes) {
            let ours = attributes(node.values, of: graph.nodeAttributes)
            for (name, value) in peer.attributes where !isNothing(value) {
                let text = ours[name] ?? names[name].flatMap { ours[$0] }
                #expect(
                    isSame(text, value),
                    "\(file), node \(node.id), \(name): \(text ?? "-"), \(value)"
                )
                valueCount += 1
            }
            #expect(
                ours.count == peer.attributes.count { !isNothing($0.value) },
                "\(file), \(node.id)"
            )
        }
        #expect(valueCount > 0)
        #expect(
            edges(of: graph)
                == other.edges.map { line($0.source, $0.target, $0.attributes) }.sorted(),
            "\(file)"
        )
    }

    private static func attributes(
        _ values: AttributeValues,
        of table: AttributeTable
    ) -> [String: String] {
        Dictionary(
            values.pairs.map { (table.columns[$0.column].name, $0.text) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// A line for each edge: its ends and what has a value.
    private static func edges(of graph: ImportedGraph) -> [String] {
        graph.edges.map { edge in
            line(edge.source, edge.target, attributes(edge.values, of: graph.edgeAttributes))
        }.sorted()
    }

    private static func line(_ a: String, _ b: String, _ attributes: [String: Any]) -> String {
        var words = [min(a, b), max(a, b)]
        // networkx numbers parallel edges itself, and takes the ids of edges for that.
        for name in attributes.keys.sorted() where name != "key" && name != "id" {
            guard let value = attributes[name], !isNothing(value) else { continue }
            // Capacities of ours are bit/s where the file names the unit.
            words.append("\(name == "capacity (bps)" ? "capacity" : name)=\(normal(value))")
        }
        return words.joined(separator: "\t")
    }

    private static func normal(_ value: Any) -> String {
        if let number = value as? NSNumber { return "\(number.doubleValue)" }
        let text = "\(value)".split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return Double(text).map { "\($0)" } ?? text
    }

    private static func isNothing(_ value: Any) -> Bool { normal(value).isEmpty || value is NSNull }

    private static func isSame(_ text: String?, _ value: Any) -> Bool {
        text.map { normal($0) == normal(value) } ?? false
    }
}
