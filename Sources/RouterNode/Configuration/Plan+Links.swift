import Routing
public import TreeBuilder
import Vocabulary

extension Plan {
    /// Has a relay of the plan speak the tree link in each tree that can have it (`TreePlan.mayBeLinked`). `reigns` says who is root
    /// under a supervisor that decides on it; a tree that is not named has its plan's root.
    ///
    /// `epoch` is of roots that nobody decides on. It must be higher each time, or children would take a root that has forgotten everything
    /// for one that is behind; seconds since 1970 are. `configure` is called with each link.
    public func link(
        _ relay: inout RelayConfiguration,
        reigns: [ArbiterLine.Reign],
        epoch: UInt64,
        configure: (inout TreeLinkSettings) -> Void = { _ in }
    ) {
        for index in relay.seats.indices {
            guard let tree = trees.first(where: { $0.name == relay.seats[index].tree }),
                tree.mayBeLinked(in: self),
                let place = tree.nodes.first(where: { $0.id == relay.name })
            else { continue }
            var root = LinkRoot(node: tree.root, epoch: tree.root == relay.name ? epoch : 0)
            if let reign = reigns.first(where: { $0.tree == tree.name }) {
                root = LinkRoot(node: reign.root, epoch: reign.epoch)
            }
            var link = TreeLinkSettings(root: root)
            link.backups = place.backups
            link.standbys = tree.standbys
            link.relays = relays(of: tree)
            // A supervisor knows whether it is the first life; without one it may be another.
            let isFirst = reigns.contains { $0.tree == tree.name } && relay.restartCount == 0
            if root.node == relay.name, !isFirst { link.predecessorsChildren = place.children }
            configure(&link)
            relay.seats[index].link = link
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
