import Topology

/// What `auto` came to for one tree, and why; `docs/decisions/0028` gives the reasons.
struct TreeChoices: Equatable {
    /// How many children a relay gets where nothing is known of it.
    ///
    /// Measured (docs/PERFORMANCE.md, relay, 1 KB), a relay on one core spends some 660 ns on taking a message in and 163 ns on each
    /// copy. With eight children two thirds of its work are copies, and it passes on 500,000 messages a second, 4 Gbit/s; with more,
    /// that falls as their number grows, and hardly anything is gained.
    static let fanOutDefault = 8

    var mode: Topology.Mode
    /// A clause that ends no sentence; `nil` = the mode was told.
    var modeReason: String?
    /// The most children of any node of which nothing else is known; `nil` = no limit.
    var fanOut: Int?
    /// `nil` = the fan-out was told.
    var fanOutReason: String?

    init(_ tree: Topology.Tree, of topology: Topology, graph: Graph) {
        switch tree.mode {
        case .link: mode = .link
        case .mesh: mode = .mesh
        case .auto:
            let reason = Self.reasonForMesh(tree, of: topology, graph: graph)
            mode = reason == nil ? .link : .mesh
            modeReason =
                reason ?? "the file has links, and not for every node an address to connect to"
        }
        switch tree.fanOut {
        case .atMost(let count): fanOut = count
        case .unlimited: fanOut = nil
        case .auto: chooseFanOut(tree, of: topology)
        }
    }

    private static func reasonForMesh(
        _ tree: Topology.Tree,
        of topology: Topology,
        graph: Graph
    ) -> String? {
        guard !topology.links.isEmpty else { return "the file has no links" }
        if topology.nodes.allSatisfy({ $0.subscribersEndpoint != nil }) {
            return "the file gives every node an address that all others can connect to"
        }
        let nodes = topology.nodes
        for fixed in tree.fixedParents
        where nodes.indices.contains(fixed.child) && nodes.indices.contains(fixed.parent)
            && fixed.child != fixed.parent && graph.arc(from: fixed.parent, to: fixed.child) == nil
        {
            return "it fixes '\(nodes[fixed.parent].id)' as the parent of "
                + "'\(nodes[fixed.child].id)', and no link joins them"
        }
        return nil
    }

    private mutating func chooseFanOut(_ tree: Topology.Tree, of topology: Topology) {
        guard mode == .mesh else {
            fanOutReason = "a tree along links has no more children at a node than links"
            return
        }
        let known = topology.nodes.map { tree.childLimit(at: $0) }
        guard known.contains(where: { $0 == nil }) else {
            fanOutReason = "every node's own limit is known"
            return
        }
        fanOut = Self.fanOutDefault
        fanOutReason =
            known.contains { $0 != nil }
            ? "what a relay does well, for nodes whose own limit is not known"
            : "what a relay does well; neither max-children nor uplink and rate are known"
    }

    /// For a network that has no tree otherwise.
    mutating func raiseFanOut(to count: Int) {
        fanOut = count
        fanOutReason = "the least for which a tree was found"
    }

    /// The most children of a node: what is stated of it, or else what was chosen.
    func limit(at node: Topology.Node, in tree: Topology.Tree, fixedChildCount: Int) -> Int? {
        let stated = tree.childLimit(at: node)
        guard tree.fanOut == .auto else { return stated }
        return stated ?? fanOut.map { max($0, fixedChildCount) }
    }
}
