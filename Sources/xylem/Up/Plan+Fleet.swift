import Topology
import TreeBuilder

extension Plan {
    /// The plan of a fleet that is nowhere yet.
    var withoutAddresses: Plan {
        var plan = self
        for index in plan.nodes.indices {
            plan.nodes[index].publishersEndpoint = nil
            plan.nodes[index].subscribersEndpoint = nil
            plan.nodes[index].controlEndpoint = nil
            plan.nodes[index].bind = .init()
            plan.nodes[index].websocket = nil
        }
        return plan
    }

    /// The plan with these nodes only, by id; with all if none is named.
    func nodes(named ids: [String]) throws(CommandError) -> Plan {
        guard !ids.isEmpty else { return self }
        if let unknown = ids.first(where: { id in !nodes.contains { $0.id == id } }) {
            guard !trees.contains(where: { $0.leftOut.contains(unknown) }) else {
                throw .badInput(
                    "node '\(unknown)' is left out of the plan: it is pass-through and no tree needs it, so it need not run"
                )
            }
            let known = nodes.prefix(20).map(\.id).joined(separator: ", ")
            throw .badInput(
                "the topology has no node '\(unknown)'; its nodes are \(known)\(nodes.count > 20 ? ", …" : "")"
            )
        }
        var plan = self
        plan.nodes.removeAll { !ids.contains($0.id) }
        return plan
    }

    /// For a fleet on several machines, where nobody may choose ports as he likes.
    func requireAddresses() throws(CommandError) {
        let missing = nodes.filter {
            $0.publishersEndpoint == nil || $0.subscribersEndpoint == nil
        }.map(\.id)
        guard missing.isEmpty else {
            throw .badInput(
                "--only is for a fleet on several machines: the file must say of every node where its publishers and "
                    + "subscribers connect, and does not of \(missing.prefix(20).joined(separator: ", "))"
            )
        }
    }

    /// The plan with an endpoint wherever it has none, at the loopback ports that `nextPort` gives.
    func resolved(
        nextPort: () throws(CommandError) -> UInt16
    ) throws(CommandError) -> Plan {
        var plan = self
        for index in plan.nodes.indices {
            if plan.nodes[index].publishersEndpoint == nil {
                plan.nodes[index].publishersEndpoint = "tcp://127.0.0.1:\(try nextPort())"
            }
            if plan.nodes[index].subscribersEndpoint == nil {
                plan.nodes[index].subscribersEndpoint = "tcp://127.0.0.1:\(try nextPort())"
            }
            if plan.nodes[index].controlEndpoint == nil {
                plan.nodes[index].controlEndpoint = "127.0.0.1:\(try nextPort())"
            }
        }
        return plan
    }
}

extension FleetState {
    /// The state of a fleet that is about to start.
    init(
        resolved plan: Plan,
        topologyFile: String,
        planFile: String,
        supervisorPID: Int,
        startedAt: Double
    ) {
        self.init(
            name: plan.name,
            topologyFile: topologyFile,
            planFile: planFile,
            supervisorPID: supervisorPID,
            startedAt: startedAt,
            nodes: plan.nodes.map { node in
                Node(
                    id: node.id,
                    label: node.label,
                    pid: nil,
                    publishers: node.publishersEndpoint ?? "",
                    subscribers: node.subscribersEndpoint ?? "",
                    control: node.controlEndpoint ?? ""
                )
            },
            trees: plan.trees.map { tree in
                Tree(
                    name: tree.name,
                    topics: tree.topics,
                    root: tree.root,
                    seats: tree.nodes.sorted { $0.rank < $1.rank }.map {
                        Seat(node: $0.id, parent: $0.parent, rank: $0.rank, level: $0.level)
                    }
                )
            }
        )
    }
}
