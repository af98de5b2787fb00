import Foundation
import Testing

@testable import Topology

/// Files as people's tools write them, from the folder beside the repository: the right values are those of its README.
@Suite(.enabled(if: Repository.hasCases)) struct ToolCaseTests {
    private static func read(
        _ file: String,
        options: ImportOptions = ImportOptions()
    ) throws -> Topology {
        let topology = try TopologyReader.read(
            Repository.sharedCase(file),
            file: file,
            options: options
        )
        try topology.validate(file: file)
        return topology
    }

    /// `a–b 4.0` for each link, ends and links in the order of the file.
    private static func links(_ topology: Topology) -> [String] {
        topology.links.map { link in
            let delay = (link.delayMilliseconds * 1000).rounded() / 1000
            return "\(topology.nodes[link.a].id)–\(topology.nodes[link.b].id) \(delay)"
        }
    }

    @Test(arguments: [ImportOptions(), ImportOptions(delayKey: "weight", delayUnit: .milliseconds)])
    func cytoscape(options: ImportOptions) throws {
        let topology = try Self.read("cytoscape.graphml", options: options)
        #expect(topology.nodes.map(\.label) == ["alpha", "beta", "gamma"])
        #expect(Self.links(topology) == ["70–71 40.0", "71–72 90.0"])
        #expect(topology.notes.contains { $0.contains("delays from \"weight\", in ms") })
    }

    @Test func gephi() throws {
        let topology = try Self.read("gephi.graphml")
        #expect(topology.nodes.map(\.label) == ["Oslo", "Rome", "Paris"])
        #expect(topology.nodes[0].coordinates == .init(latitude: 59.91, longitude: 10.75))
        #expect(topology.nodes[2].coordinates == .init(latitude: 48.86, longitude: 2.35))
        // Great circles at 200 km per ms; the weights, all 1, are none.
        #expect(Self.links(topology) == ["1–2 10.031", "2–3 5.53"])
    }

    @Test func yEd() throws {
        let topology = try Self.read("yed.graphml")
        #expect(topology.nodes.map(\.label) == ["alpha", "beta", "gamma"])
        #expect(topology.nodes.allSatisfy { $0.coordinates == nil && $0.region == nil })
        #expect(Self.links(topology) == ["n0–n1 4.0", "n1–n2 9.0"])
    }

    @Test func yEdGroups() throws {
        let topology = try Self.read("yed-group.graphml")
        #expect(topology.nodes.map(\.id) == ["n0::n0", "n0::n1", "n1"])
        #expect(topology.nodes.map(\.label) == ["alpha", "beta", "gamma"])
        #expect(topology.nodes.map(\.region) == ["Rack 1", "Rack 1", nil])
        #expect(Self.links(topology) == ["n0::n0–n0::n1 1.0", "n0::n1–n1 1.0"])
    }

    @Test func igraph() throws {
        let topology = try Self.read("igraph.graphml")
        #expect(topology.nodes.map(\.label) == ["alpha", "beta", "gamma"])
        #expect(Self.links(topology) == ["n0–n1 4.0", "n1–n2 9.0"])
    }

    @Test func oneKeyIDForNodesAndEdges() throws {
        let topology = try Self.read("key-id-node-and-edge.graphml")
        #expect(topology.nodes.map(\.label) == ["alpha", "b"])
        #expect(Self.links(topology) == ["a–b 7.0"])
    }

    @Test(arguments: [
        ("quoted3.csv", ["oslo–bergen 4.0", "oslo–tromso 9.0"]),
        ("excel-de.csv", ["Oslo–Bergen 4.5", "Oslo–Tromsø 9.0"]),
        ("header-ms.csv", ["oslo–bergen 4.0", "oslo–tromso 9.0"]),
        ("gephi.csv", ["oslo–bergen 4.0", "oslo–tromso 9.0"]),
        ("tab-names.tsv", ["New York–Boston 5.0", "New York–Miami 12.0"]),
        ("nx-default.edgelist", ["oslo–bergen 1.0", "oslo–tromso 1.0"]),
        ("brackets.txt", ["oslo–bergen 1.0", "oslo–tromso 1.0"]),
    ])
    func tables(file: String, links: [String]) throws {
        #expect(Self.links(try Self.read(file)) == links)
    }

    @Test func zooGML() throws {
        let topology = try Self.read("zoo.gml")
        #expect(topology.nodes.map(\.label) == ["New \"York\"", "Chicago"])
        #expect(topology.nodes[0].coordinates == .init(latitude: 40.7, longitude: -74))
        #expect(Self.links(topology) == ["0–1 5.733"])
        #expect(topology.links[0].bandwidthBitsPerSecond == 1e9)
    }

    @Test func sndlib() throws {
        let topology = try Self.read("sndlib.txt")
        #expect(topology.nodes.map(\.id) == ["OSLO", "ROME"])
        #expect(topology.nodes[0].coordinates == .init(latitude: 59.91, longitude: 10.75))
        #expect(Self.links(topology) == ["OSLO–ROME 10.031"])
    }
}
