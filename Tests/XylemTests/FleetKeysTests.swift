import Foundation
import RouterNode
import Testing
import Topology
import TreeBuilder

@testable import xylem

/// `--keys`: pairs for the nodes of a plan.
@Suite struct FleetKeysTests {
    private static func plan(_ names: String...) throws -> Plan {
        let nodes = names.map { Topology.Node(id: $0) }
        let links = nodes.indices.dropFirst().map {
            Topology.Link(a: 0, b: $0, delayMilliseconds: 1)
        }
        return try Planner.plan(Topology(name: "t", nodes: nodes, links: Array(links)))
    }

    private static func folder() -> String {
        NSTemporaryDirectory() + "keys-\(UInt64.random(in: .min ... .max))"
    }

    @Test func `pairs are made once, and the secret ones are their owner's alone`() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var plan = try Self.plan("oslo", "rome")
        #expect(try FleetKeys.assign(to: &plan, in: folder) == 2)
        let keys = plan.nodes.map(\.key)
        #expect(keys.allSatisfy { $0?.utf8.count == 40 } && keys[0] != keys[1])
        var again = try Self.plan("oslo", "rome", "cairo")
        #expect(try FleetKeys.assign(to: &again, in: folder) == 1)
        #expect(again.nodes.map(\.key).prefix(2) == keys[...])
        let path = folder + "/oslo_secret"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect("\(try CurveCertificate(file: path).publicKey)" == keys[0])
        let text = PlanJSON.render(plan)
        #expect(text.contains(try #require(keys[0])))
        #expect(try JSONDecoder().decode(Plan.self, from: Data(text.utf8)) == plan)
    }

    @Test func `names that are no file's, and pairs that are missing, are said`() throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var plan = try Self.plan("a/b")
        #expect(throws: CommandError.self) { try FleetKeys.assign(to: &plan, in: folder) }
        plan = try Self.plan("oslo")
        let error = #expect(throws: CommandError.self) {
            try FleetKeys.assign(to: &plan, in: folder, makesMissing: false)
        }
        #expect(error?.message.contains("xylem plan --keys") == true)
    }

    @Test func `nodes that others reach without a key are noted`() throws {
        var plan = try Self.plan("oslo")
        #expect(plan.openNodesNote == nil)
        plan.nodes[0].subscribersEndpoint = "tcp://127.0.0.1:6002"
        #expect(plan.openNodesNote == nil)
        plan.nodes[0].subscribersEndpoint = "tcp://10.0.0.1:6002"
        #expect(plan.openNodesNote?.contains("security: all") == true)
        plan.security = .all
        #expect(plan.openNodesNote == nil)
    }
}
