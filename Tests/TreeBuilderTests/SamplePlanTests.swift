import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// The topologies that newcomers start from, each with its plan beside it.
///
/// Regenerate with `XYLEM_UPDATE_GOLDENS=1 swift test --filter SamplePlanTests`, then read the diff.
@Suite struct SamplePlanTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let samples = root.appending(path: "topologies")
    static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: samples.path)) ?? [])
        .filter { $0.hasSuffix(".yaml") }.sorted()

    @Test func thereAreSamples() {
        #expect(Self.files.count >= 3)
    }

    @Test(arguments: files) func thePlanIsTheOneBesideTheFile(_ file: String) throws {
        let bytes = try Data(contentsOf: Self.samples.appending(path: file))
        let topology = try TopologyReader.read([UInt8](bytes), file: file)
        let json = PlanJSON.render(try Planner.plan(topology))
        let golden = Self.samples.appending(path: file.replacing(".yaml", with: ".plan.json"))
        if ProcessInfo.processInfo.environment["XYLEM_UPDATE_GOLDENS"] != nil {
            try json.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: golden, encoding: .utf8) == json)
    }

    @Test func anUplinkLimitsTheChildren() throws {
        let text = """
            name: star
            nodes:
              - {id: hub, uplink: 2Mbps}
              - a
              - b
              - c
            links: [[hub, a], [hub, b], [hub, c]]
            trees: [{name: t, root: hub, rate: 1Mbps, mode: mesh}]
            """
        let plan = try Planner.plan(try TopologyReader.read(text, file: "star.yaml"))
        let hub = try #require(plan.trees[0].nodes.first { $0.id == "hub" })
        #expect(hub.children.count == 2)
    }
}
