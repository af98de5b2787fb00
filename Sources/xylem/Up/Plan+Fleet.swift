import TreeBuilder

extension Plan {
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
