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

    /// SNAP names its columns in a comment; relationship codes are no delays.
    @Test func relationshipsAreNoDelays() throws {
        let topology = try Self.read("aslevel/snap-as-caida20070917.txt")
        #expect(topology.nodes.count == 8020)
        #expect(topology.links.count == 18203)
        var degree = Array(repeating: 0, count: topology.nodes.count)
        for link in topology.links {
            degree[link.a] += 1
            degree[link.b] += 1
        }
        #expect(degree.max() == 1452)
        #expect(topology.links.allSatisfy { $0.delayMilliseconds == 1 })
        #expect(
            topology.notes == [
                "column 3 holds relationships of networks, no delays, in rows with -1 the provider is on the right",
                "no coordinates in this file; links without a delay count 1 ms",
            ]
        )
    }

    /// The same network in both formats is the same topology, but for lines, and for the order and
    /// direction of edges in the files.
    @Test(arguments: ["Abilene", "Cogentco", "Geant2012", "Interoute", "Kdl"])
    func gmlIsTheSameAsGraphML(name: String) throws {
        let gml = try Self.withoutPositions(Self.read("zoo/\(name).gml"))
        let graphML = try Self.withoutPositions(Self.read("zoo/\(name).graphml"))
        #expect(gml.nodes == graphML.nodes)
        #expect(Self.sortedLinks(gml) == Self.sortedLinks(graphML))
        #expect(gml.notes == graphML.notes)
    }

    struct SNDlibNetwork: CustomTestStringConvertible {
        let name: String
        let nodeCount: Int
        let linkCount: Int
        let isGeographical: Bool
        var testDescription: String { name }
    }

    static let sndlib = [
        SNDlibNetwork(name: "abilene", nodeCount: 12, linkCount: 15, isGeographical: true),
        SNDlibNetwork(name: "cost266", nodeCount: 37, linkCount: 57, isGeographical: true),
        SNDlibNetwork(name: "germany50", nodeCount: 50, linkCount: 88, isGeographical: true),
        // 81 links in the file, two of them between the same nodes.
        SNDlibNetwork(name: "zib54", nodeCount: 54, linkCount: 80, isGeographical: false),
    ]

    @Test(arguments: sndlib) func sndlibInBothForms(network: SNDlibNetwork) throws {
        let native = try Self.withoutPositions(Self.read("sndlib/\(network.name).native.txt"))
        #expect(native.nodes.count == network.nodeCount)
        #expect(native.links.count == network.linkCount)
        #expect(native.nodes.allSatisfy { ($0.coordinates != nil) == network.isGeographical })
        let xml = try Self.withoutPositions(Self.read("sndlib/\(network.name).xml"))
        #expect(xml.nodes == native.nodes)
        #expect(xml.links == native.links)
        #expect(xml.notes == native.notes)
    }

    @Test func sndlibCapacitiesAndPlaces() throws {
        let topology = try Self.read("sndlib/abilene.native.txt")
        #expect(topology.nodes[0].id == "ATLAM5")
        #expect(topology.nodes[0].coordinates == .init(latitude: 33.75, longitude: -84.3833))
        #expect(topology.links[0].bandwidthBitsPerSecond == 9920e6)
    }

    /// Routers without links to others in the map are not of the network that is left.
    @Test func rocketfuelRoutersHaveNamesAndRegions() throws {
        let topology = try Self.read("rocketfuel/7018.r0.cch")
        let node = try #require(topology.nodes.first)
        #expect(node.id == "4626")
        #expect(node.label == "12.123.195.18")
        #expect(node.region == "San Francisco, CA")
        #expect(topology.links.allSatisfy { $0.delayMilliseconds == 1 })
        #expect(!topology.nodes.contains { $0.region == "T" || $0.region == "?" })
        try topology.validate(file: "7018.r0.cch")
    }

    /// The weights of routes are no delays.
    @Test(arguments: [("1221", 104, 151), ("1239", 315, 972)])
    func rocketfuelWeightsAreCosts(map: String, nodeCount: Int, linkCount: Int) throws {
        let topology = try Self.read("rocketfuel/\(map).weights.intra")
        #expect(topology.nodes.count == nodeCount)
        #expect(topology.links.count == linkCount)
        #expect(topology.links.allSatisfy { $0.delayMilliseconds == 1 })
        #expect(Set(topology.links.map(\.cost)).count > 5)
        #expect(topology.notes.contains { $0.contains("weights of routes, no delays") })
    }

    /// What a node sends and receives; germany50 lists each pair once, cost266 in both directions.
    @Test func sndlibDemandsAreWeights() throws {
        let topology = try Self.read("sndlib/germany50.native.txt")
        let aachen = try #require(topology.nodes.first { $0.id == "Aachen" })
        #expect(aachen.weight == 55)
        let coster = try Self.read("sndlib/cost266.native.txt")
        #expect(coster.nodes.allSatisfy { $0.weight > 0 })
        #expect(coster.notes.contains { $0.contains("weights from \"demand\"") })
    }

    private static func sortedLinks(_ topology: Topology) -> [String] {
        topology.links.map { link in
            // A way back is as long, but for the last bits.
            let microseconds = (link.delayMilliseconds * 1000).rounded()
            return "\(min(link.a, link.b)) \(max(link.a, link.b)) \(microseconds) "
                + "\(link.bandwidthBitsPerSecond ?? 0)"
        }.sorted()
    }

    private static func withoutPositions(_ topology: Topology) throws -> Topology {
        var topology = topology
        for index in topology.nodes.indices { topology.nodes[index].position = nil }
        for index in topology.links.indices { topology.links[index].position = nil }
        return topology
    }

    private static func read(_ path: String) throws -> Topology {
        try TopologyReader.read(Repository.shared(path), file: path)
    }
}
