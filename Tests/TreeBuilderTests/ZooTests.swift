import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// Real networks, where they are at hand beside the repository.
@Suite struct ZooTests {
    static let folder = SamplePlanTests.root.appending(path: "../shared/topologies/zoo")
    static let isPresent = FileManager.default.fileExists(atPath: folder.path)

    static let networks: [(String, Int)] = [
        ("Nsfnet", 13), ("Abilene", 11), ("Geant2012", 37), ("Interoute", 96), ("Cogentco", 186),
    ]

    @Test(
        .enabled(
            if: isPresent,
            "SKIPPED: the folder with the Topology Zoo is not beside the repository"
        ),
        arguments: networks
    )
    func realNetworksGetTreesWithinTheirBounds(_ name: String, nodeCount: Int) throws {
        let file = Self.folder.appending(path: "\(name).graphml")
        let topology = try TopologyReader.read([UInt8](Data(contentsOf: file)), file: name)
        for mode in Topology.Mode.allCases {
            // The debug build is slow: little effort, the same rules.
            let options = PlanOptions(
                mode: .init(mode),
                fanOut: 4,
                hopDelayMilliseconds: 0.2,
                effort: 0.02
            )
            let tree = try Planner.plan(topology, options: options).trees[0]
            #expect(tree.nodes.count == nodeCount)
            #expect(tree.nodes.allSatisfy { $0.children.count <= 4 })
            #expect(tree.radiusMs >= tree.lowerBoundMs)
            let rank = Dictionary(uniqueKeysWithValues: tree.nodes.map { ($0.id, $0.rank) })
            for node in tree.nodes {
                guard let parent = node.parent else { continue }
                #expect((rank[parent] ?? .max) < node.rank)
                #expect(node.backups.allSatisfy { (rank[$0] ?? .max) < node.rank && $0 != parent })
            }
        }
    }
}
