public import Vocabulary

/// Whether a relay that claims to be a child may be one: of the same plan, with a place in one of our trees, below us, and proven.
public struct LinkGate {
    private let setup: RelaySetup
    private let access: AccessBook?

    init(_ setup: RelaySetup, _ access: AccessBook?) {
        self.setup = setup
        self.access = access
    }

    /// The tree of the child's link. `mayBeRoot`: whether this relay is a tree's root, or may become it:
    /// orphans of another root come to it, and former roots, whatever their rank (tree-link.md, A1).
    public func tree(
        of claim: LinkClaim,
        from peer: AccessList.Peer,
        mayBeRoot: (TreeID) -> Bool = { _ in false }
    ) throws(Refusal) -> TreeID {
        if let (theirs, ours) = setup.otherPlan(claim.plan) {
            throw .childOfOtherPlan(node: claim.node, theirs: theirs, ours: ours)
        }
        guard let number = setup.seats.firstIndex(where: { $0.name == claim.tree }) else {
            throw .unknownTree(node: claim.node, tree: claim.tree)
        }
        let tree = TreeID(number)
        guard isProven(claim, in: tree, of: peer) else {
            throw .unproven(node: claim.node, key: peer.key)
        }
        let ownRank = setup.seats[number].rank
        guard claim.rank > ownRank || mayBeRoot(tree) else {
            throw .rankTooLow(
                node: claim.node,
                rank: claim.rank,
                tree: claim.tree,
                ownRank: ownRank
            )
        }
        return tree
    }

    /// Whether whoever makes the claim is that node, as far as that is asked for.
    private func isProven(_ claim: LinkClaim, in tree: TreeID, of peer: AccessList.Peer) -> Bool {
        if let key = setup.nodeKeys?[claim.node], key == peer.key { return true }
        if let access { return access.policy.mayBeRelay(peer, in: tree) }
        return setup.nodeKeys == nil
    }
}

extension RelaySetup {
    /// The two plans, when the other end of a link follows another than we do. Who says nothing of a plan was started by hand,
    /// and whoever did that knows the tree.
    func otherPlan(
        _ theirs: PlanIdentity?
    ) -> (theirs: PlanIdentity, ours: PlanIdentity)? {
        guard let ours = plan, let theirs, theirs.id != ours.id else { return nil }
        return (theirs, ours)
    }
}
