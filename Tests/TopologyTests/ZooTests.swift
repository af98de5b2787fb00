import Testing

@testable import Topology

/// Real networks, from the data set beside the repository.
@Suite(.enabled(if: Repository.hasShared)) struct ZooTests {
    struct Network: CustomTestStringConvertible {
        let name: String
        let nodeCount: Int
        let linkCount: Int
        let greatestDegree: Int
        var testDescription: String { name }
    }

    /// Sizes after import, from the data set's own table.
    static let networks = [
        Network(name: "Abilene", nodeCount: 11, linkCount: 14, greatestDegree: 3),
        Network(name: "AttMpls", nodeCount: 25, linkCount: 56, greatestDegree: 10),
        Network(name: "Cogentco", nodeCount: 186, linkCount: 243, greatestDegree: 9),
        Network(name: "Colt", nodeCount: 149, linkCount: 179, greatestDegree: 18),
        Network(name: "Deltacom", nodeCount: 101, linkCount: 165, greatestDegree: 11),
        Network(name: "Garr201201", nodeCount: 48, linkCount: 62, greatestDegree: 10),
        Network(name: "Geant2012", nodeCount: 37, linkCount: 58, greatestDegree: 10),
        Network(name: "GtsCe", nodeCount: 141, linkCount: 188, greatestDegree: 9),
        Network(name: "Interoute", nodeCount: 96, linkCount: 136, greatestDegree: 6),
        Network(name: "Kdl", nodeCount: 726, linkCount: 890, greatestDegree: 10),
        Network(name: "Nsfnet", nodeCount: 13, linkCount: 15, greatestDegree: 4),
        Network(name: "TataNld", nodeCount: 143, linkCount: 184, greatestDegree: 7),
        Network(name: "UsCarrier", nodeCount: 152, linkCount: 188, greatestDegree: 6),
    ]

    @Test(arguments: networks) func sizesAfterImport(network: Network) throws {
        let topology = try Self.read("zoo/\(network.name).graphml")
        #expect(topology.nodes.count == network.nodeCount)
        #expect(topology.links.count == network.linkCount)
        var degree = Array(repeating: 0, count: topology.nodes.count)
        for link in topology.links {
            degree[link.a] += 1
            degree[link.b] += 1
        }
        #expect(degree.max() == network.greatestDegree)
        #expect(topology.name == network.name)
        #expect(topology.trees == [Topology.Tree(name: network.name)])
        try topology.validate(file: network.name)
    }

    @Test func nodesKeepIdLabelRegionAndPlace() throws {
        let topology = try Self.read("zoo/Geant2012.graphml")
        let node = try #require(topology.nodes.first)
        #expect(node.id == "0")
        #expect(node.label == "NL")
        #expect(node.region == "Netherlands")
        #expect(node.coordinates == .init(latitude: 52.37403, longitude: 4.88969))
        #expect(topology.links.contains { $0.bandwidthBitsPerSecond != nil })
    }

    @Test(arguments: [("1221", 104, 151), ("1239", 315, 972)])
    func rocketfuel(map: String, nodeCount: Int, linkCount: Int) throws {
        let topology = try Self.read("rocketfuel/\(map).latencies.intra")
        #expect(topology.nodes.count == nodeCount)
        #expect(topology.links.count == linkCount)
        try topology.validate(file: map)
    }

    /// Relationship codes are no delays: −1 is refused on its line.
    @Test func relationshipsAreNoDelays() throws {
        #expect(throws: TopologyError.self) { try Self.read("aslevel/snap-as-caida20070917.txt") }
    }

    @Test(arguments: ["sndlib/abilene.xml", "sndlib/abilene.native.txt", "zoo/Abilene.gml"])
    func otherFormatsAreRefused(file: String) {
        #expect(throws: TopologyError.self) { try Self.read(file) }
    }

    private static func read(_ path: String) throws -> Topology {
        try TopologyReader.read(Repository.shared(path), file: path)
    }
}
