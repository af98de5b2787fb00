import Topology

/// A network with what was measured in it.
enum MeasuredNetwork {
    /// The topology with what was measured in place of what it says, where that has changed.
    ///
    /// Between nodes that a link joins it is the link's delay. Between others it is that of a connection, which in mesh mode goes by
    /// ways nobody else knows; it counts up to `DelayMatrix.nodeCountMax` nodes.
    ///
    /// - Throws: `PlanError` for nodes that do not exist, and as `Network`.
    static func make(
        _ topology: Topology,
        _ measured: Measurements?
    ) throws(PlanError) -> Network {
        guard let measured else { return try Network(topology) }
        var index: [String: Int] = [:]
        for (position, node) in topology.nodes.enumerated() { index[node.id] = position }
        var linksByEnds: [[Int]: [Int]] = [:]
        for (position, link) in topology.links.enumerated() {
            linksByEnds[[min(link.a, link.b), max(link.a, link.b)], default: []].append(position)
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
            guard let joining = linksByEnds[ends.sorted()] else {
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
        var network = try Network(topology)
        for (a, b, pair) in others {
            guard let known = network.delays?[a, b].milliseconds,
                let changed = pair.change(from: known),
                let delay = Picoseconds(milliseconds: changed)
            else { continue }
            network.delays?.set(a, b, to: delay)
        }
        return network
    }
}
