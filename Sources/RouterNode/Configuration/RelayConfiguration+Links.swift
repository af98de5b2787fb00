import Routing
public import TreeBuilder
import Vocabulary

extension RelayConfiguration {
    /// Lets the relay speak the tree link in each tree of the plan that can have it (`TreePlan.mayBeLinked`).
    ///
    /// - Parameters:
    ///   - reigns: who is root under a supervisor that decides on it; a tree that is not named has its plan's root.
    ///   - epoch: of roots that nobody decides on. It must be higher each time, or children would take a root that has forgotten everything
    ///     for one that is behind; seconds since 1970 are.
    public mutating func linkRelays(
        of plan: Plan,
        reigns: [ArbiterLine.Reign],
        epoch: UInt64
    ) {
        for index in seats.indices {
            guard let tree = plan.trees.first(where: { $0.name == seats[index].tree }),
                tree.mayBeLinked(in: plan),
                let place = tree.nodes.first(where: { $0.id == name })
            else { continue }
            let reign = reigns.first { $0.tree == tree.name }
            var root = LinkRoot(node: tree.root, epoch: tree.root == name ? epoch : 0)
            if let reign { root = LinkRoot(node: reign.root, epoch: reign.epoch) }
            var link = LinkSettings(root: root)
            link.backups = place.backups
            link.standbys = tree.standbys
            link.relays = plan.relays(of: tree)
            seats[index].link = link
        }
    }
}

extension TreePlan {
    /// Whether relays of the tree can speak the tree link. Under `block` and on islands connections are plain.
    public func mayBeLinked(in plan: Plan) -> Bool {
        guard islands.isEmpty, overflow != .block else { return false }
        let ids = Set(nodes.map(\.id))
        return !plan.nodes.contains { ids.contains($0.id) && $0.overflow == .block }
    }
}

extension Plan {
    fileprivate func relays(of tree: TreePlan) -> [RelayConfiguration.Parent] {
        let ids = Set(tree.nodes.map(\.id))
        return nodes.compactMap { node in
            guard ids.contains(node.id), let publishers = node.publishersEndpoint,
                let subscribers = node.subscribersEndpoint
            else { return nil }
            return RelayConfiguration.Parent(
                name: node.id,
                publishersEndpoint: publishers,
                subscribersEndpoint: subscribers
            )
        }
    }
}
