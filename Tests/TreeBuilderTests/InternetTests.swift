import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// The Internet's networks as CAIDA saw them in 2007: hubs with hundreds of neighbours that have no other.
@Suite struct InternetTests {
    static let file = SamplePlanTests.root.appending(
        path: "../shared/topologies/aslevel/snap-as-caida20070917.txt"
    )
    static let isPresent = FileManager.default.fileExists(atPath: file.path)

    /// The links without their third column, which is no delay.
    private func topology() throws -> Topology {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let pairs = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: "\t").prefix(2).joined(separator: " ") + "\n"
        }
        var reader = EdgeTableReader(file: "caida.txt")
        var bytes = Array(pairs.joined().utf8)
        bytes.withUnsafeMutableBytes { reader.read(UnsafeRawBufferPointer($0)) }
        let table = reader.finish()
        return try #require(table).topology()
    }

    @Test(
        .enabled(
            if: isPresent,
            "SKIPPED: the folder with networks of the Internet is not beside the repository"
        )
    )
    func `a fan-out of 16 has a tree in mesh mode, and in link mode a proof that there is none`()
        throws
    {
        let topology = try topology()
        let mesh = try Planner.plan(
            topology,
            options: PlanOptions(mode: .mesh, fanOut: 16, hopDelayMilliseconds: 0.2)
        ).trees[0]
        #expect(mesh.nodes.allSatisfy { $0.children.count <= 16 })
        // All links take 1 ms here, so a helper is as far as any neighbour: a round trip for each level of a hub's tree.
        #expect(mesh.radiusMs >= mesh.lowerBoundMs)
        #expect(mesh.radiusMs <= 1.6 * mesh.lowerBoundMs)

        var refused: PlanError?
        do throws(PlanError) {
            _ = try Planner.plan(topology, options: PlanOptions(mode: .link, fanOut: 16))
        } catch {
            refused = error
        }
        let refusal = try #require(refused)
        #expect(refusal.message.contains("is the only way to"))
        // The proof, by hand: the node named has more pendant neighbours than slots.
        let hub = try #require(topology.nodes.firstIndex { $0.id == refusal.nodeID })
        var neighbours = [Set<Int>](repeating: [], count: topology.nodes.count)
        for link in topology.links {
            neighbours[link.a].insert(link.b)
            neighbours[link.b].insert(link.a)
        }
        #expect(neighbours.count { $0 == [hub] } > 16)
        let least = try #require(refusal.smallestFanOut)
        let tree = try Planner.plan(
            topology,
            options: PlanOptions(mode: .link, fanOut: .atMost(least))
        )
        #expect(tree.trees[0].nodes.allSatisfy { $0.children.count <= least })
    }
}
