import Foundation
import Topology
import TreeBuilder

/// Where the nodes of a fleet run: in which network namespace, and with which addresses. `tools/lab` writes such files.
/// The JSON keys are the property names.
struct Placement: Codable, Equatable, Sendable {
    struct Node: Codable, Equatable, Sendable {
        var id: String
        /// A name of `ip netns`.
        var namespace: String
        /// Endpoints, in place of those of the topology.
        var publishers: String
        var subscribers: String
        /// `host:port`.
        var control: String
    }

    struct Segment: Codable, Equatable, Sendable {
        var name: String
        var interfaces: [IslandPlan.Interface]
    }

    var nodes: [Node]
    var segments: [Segment]

    static func read(_ path: String) throws(CommandError) -> Placement {
        let bytes = try InputFile.read(path)
        do {
            return try JSONDecoder().decode(Placement.self, from: Data(bytes))
        } catch {
            throw .badInput("\(path) is not a placement, as tools/lab writes it: \(error)")
        }
    }

    /// By node id.
    var namespaces: [String: String] {
        Dictionary(nodes.map { ($0.id, $0.namespace) }) { first, _ in first }
    }
}

extension Plan {
    /// The plan with the endpoints and interfaces of a placement, which must have a place for every node.
    func placed(by placement: Placement) throws(CommandError) -> Plan {
        var plan = self
        let places = Dictionary(placement.nodes.map { ($0.id, $0) }) { first, _ in first }
        for index in plan.nodes.indices {
            let id = plan.nodes[index].id
            guard let place = places[id] else {
                throw .badInput("the placement has no node '\(id)'; it is of another topology")
            }
            plan.nodes[index].publishersEndpoint = place.publishers
            plan.nodes[index].subscribersEndpoint = place.subscribers
            plan.nodes[index].controlEndpoint = place.control
            plan.nodes[index].bind = .init()
        }
        for tree in plan.trees.indices {
            for index in plan.trees[tree].islands.indices {
                let island = plan.trees[tree].islands[index]
                guard let head = island.head,
                    let segment = placement.segments.first(where: { $0.name == island.segment })
                else { continue }
                let used = Set([head] + island.members)
                plan.trees[tree].islands[index].interfaces = segment.interfaces.filter {
                    used.contains($0.node)
                }
            }
        }
        return plan
    }

    /// The plan for a machine that all nodes share: islands are on its loopback interface, each at a port of its own, because
    /// two heads on one machine that share a port would take each other's repair requests.
    func sharingOneMachine(
        nextPort: () throws(CommandError) -> UInt16
    ) throws(CommandError) -> Plan {
        var plan = self
        for tree in plan.trees.indices {
            for index in plan.trees[tree].islands.indices {
                let island = plan.trees[tree].islands[index]
                guard let head = island.head, let group = island.group,
                    let colon = group.lastIndex(of: ":")
                else { continue }
                let loopback = group.hasPrefix("[") ? "[::1]" : "127.0.0.1"
                plan.trees[tree].islands[index].group = "\(group[..<colon]):\(try nextPort())"
                plan.trees[tree].islands[index].interfaces = ([head] + island.members).map {
                    IslandPlan.Interface(node: $0, interface: loopback)
                }
            }
        }
        return plan
    }
}
