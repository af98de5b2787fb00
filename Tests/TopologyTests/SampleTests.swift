import Foundation
import Testing

@testable import Topology

/// The files that the repository offers to newcomers.
@Suite struct SampleTests {
    static let files =
        (try? FileManager.default.contentsOfDirectory(atPath: Repository.samples.path))?
        .filter { TopologyFormat.named(by: $0) != nil }.sorted() ?? []

    @Test func thereAreSamples() {
        #expect(Self.files.contains("quickstart.yaml"))
        #expect(Self.files.count >= 3)
    }

    @Test(arguments: files) func everySampleParses(file: String) throws {
        let topology = try TopologyReader.read(
            Repository.sample(file),
            file: file
        )
        #expect(topology.nodes.count >= 7)
        #expect(!topology.trees.isEmpty)
    }

    /// The first example of the documentation, and its defaults: what it shows must work.
    @Test func documentedExamplesParse() throws {
        let page = Repository.root.appending(path: "docs/topology-format.md")
        let blocks = try String(contentsOf: page, encoding: .utf8).components(
            separatedBy: "```yaml\n"
        )
        .dropFirst().compactMap { $0.components(separatedBy: "```").first }
        #expect(blocks.count >= 7)
        _ = try TopologyReader.read(try #require(blocks.first), file: "first.yaml")
        let defaults = try #require(blocks.first { $0.hasPrefix("defaults:") })
        _ = try TopologyReader.read(
            defaults + "nodes: [a, b]\nlinks: [[a, b]]\n",
            file: "defaults.yaml"
        )
    }

    @Test func quickstartIsABinaryTree() throws {
        let file = "quickstart.yaml"
        let topology = try TopologyReader.read(Repository.sample(file), file: file)
        #expect(topology.nodes.count == 7)
        #expect(topology.links.count == 6)
        #expect(topology.trees.map(\.root) == [0])
        #expect(topology.nodes.allSatisfy { $0.publishersEndpoint == nil })
    }
}
