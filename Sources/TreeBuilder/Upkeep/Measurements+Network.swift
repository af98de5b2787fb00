import Topology

extension Network {
    /// The topology with what was measured in place of what it says, where that has changed.
    ///
    /// Between nodes that a link joins it is the link's delay. Between others it is that of a connection, which in mesh mode goes by
    /// ways nobody else knows; it counts up to `DelayMatrix.nodeCountMax` nodes.
    ///
    /// - Throws: `PlanError` for nodes that do not exist, and as the other initialiser.
    init(_ topology: Topology, measured: Measurements?) throws(PlanError) {
        guard let measured else {
            try self.init(topology)
            return
        }
        var index: [String: Int] = [:]
        for (position, node) in topology.nodes.enumerated() { index[node.id] = position }
        var links: [[Int]: [Int]] = [:]
        for (position, link) in topology.links.enumerated() {
            links[[min(link.a, link.b), max(link.a, link.b)], default: []].append(position)
        }
        var topology = topology
        var others: [(a: Int, b: Int, pair: Measurements.Pair)] = []
        for pair in measured.pairs {
            var ends: [Int] = []
            for id in [pair.a, pair.b] {
                guard let node = index[id] else {
                    let line = pair.position.map { "line \($0.line) of " } ?? ""
                    throw PlanError(
                        code: .unknownNode,
                        message:
                            "\(line)the measurements names a node '\(id)' that the topology does not have; "
                            + "give ids of its nodes",
                        nodeID: id
                    )
                }
                ends.append(node)
            }
            guard let joining = links[ends.sorted()] else {
                others.append((ends[0], ends[1], pair))
                continue
            }
            for link in joining {
                let known = topology.links[link].delayMilliseconds
                if let delay = pair.change(from: known) {
                    topology.links[link].delayMilliseconds = delay
                }
            }
        }
        try self.init(topology)
        for (a, b, pair) in others {
            guard let known = delays?[a, b].milliseconds, let changed = pair.change(from: known),
                let delay = Picoseconds(milliseconds: changed)
            else { continue }
            delays?.set(a, b, to: delay)
        }
    }
}
