import Routing
public import Vocabulary
public import TreeBuilder

extension RelayConfiguration {
    /// One node's share of a plan: a seat in every tree that holds the node.
    ///
    /// Without endpoints in the plan the node listens on loopback ports that the system chooses.
    /// Its parents' endpoints must be in the plan, since the node connects to them.
    ///
    /// The node's own overflow policy comes first, then the tree's, then `overflow`.
    public static func planned(
        _ name: String,
        in plan: Plan,
        overflow: OverflowPolicy = .dropNewest
    ) throws(ConfigurationError) -> RelayConfiguration {
        let node = try plan.node(name)
        var seats: [Seat] = []
        for tree in plan.trees {
            guard let place = tree.nodes.first(where: { $0.id == name }) else { continue }
            var seat = Seat(
                tree: tree.name,
                topics: tree.topics,
                rank: place.rank,
                parent: try plan.parent(of: place, in: tree),
                overflow: node.overflow ?? tree.overflow ?? overflow
            )
            seat.stall = node.stall ?? tree.stall
            seat.access = tree.access
            try seat.takeMulticast(of: place, in: tree)
            seats.append(seat)
        }
        guard !seats.isEmpty else {
            throw ConfigurationError("node '\(name)' is in no tree of plan '\(plan.name)'")
        }
        let anyPort = "tcp://127.0.0.1:*"
        var configuration = RelayConfiguration(
            name: name,
            publishers: Side(
                listening: [
                    Place(
                        bind: node.publishersBind ?? anyPort,
                        advertise: node.publishersEndpoint
                    )
                ]
            ),
            subscribers: Side(
                listening: [
                    Place(
                        bind: node.subscribersBind ?? anyPort,
                        advertise: node.subscribersEndpoint
                    )
                ]
            ),
            seats: seats
        )
        if let websocket = node.websocket {
            configuration.subscribers.listening.append(Place(bind: websocket))
        }
        configuration.access = node.access.map { .list($0) }
        configuration.planIdentity = PlanIdentity(plan)
        configuration.control = Place(
            bind: node.controlBind ?? "127.0.0.1:0",
            advertise: node.controlEndpoint
        )
        return configuration
    }
}

extension Plan {
    fileprivate func node(_ id: String) throws(ConfigurationError) -> PlanNode {
        if let node = nodes.first(where: { $0.id == id }) { return node }
        if trees.contains(where: { $0.leftOut.contains(id) }) {
            throw ConfigurationError(
                "node '\(id)' is left out of plan '\(name)': it is pass-through and no tree needs it, so it need not run"
            )
        }
        let known = nodes.prefix(20).map(\.id).joined(separator: ", ")
        throw ConfigurationError(
            "plan '\(name)' has no node '\(id)'; its nodes are \(known)\(nodes.count > 20 ? ", …" : "")"
        )
    }

    fileprivate func parent(
        of place: TreePlan.TreeNode,
        in tree: TreePlan
    ) throws(ConfigurationError) -> RelayConfiguration.Parent? {
        guard let id = place.parent else { return nil }
        guard let seat = tree.nodes.first(where: { $0.id == id }), seat.rank < place.rank else {
            throw ConfigurationError(
                "in tree '\(tree.name)' node '\(place.id)' of rank \(place.rank) cannot have the parent '\(id)': "
                    + "a parent is a node of the tree with a lower rank"
            )
        }
        let parent = try node(id)
        guard let publishers = parent.publishersEndpoint,
            let subscribers = parent.subscribersEndpoint
        else {
            throw ConfigurationError(
                "node '\(place.id)' cannot find its parent '\(id)', which has no endpoints in the plan; "
                    + "give '\(id)' publishers and subscribers, or start all nodes on this machine with 'xylem up'"
            )
        }
        return RelayConfiguration.Parent(
            name: id,
            publishersEndpoint: publishers,
            subscribersEndpoint: subscribers
        )
    }
}
