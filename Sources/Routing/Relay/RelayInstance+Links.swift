public import Vocabulary

/// Trees whose messages go through a tree link: what the shell of its core and the relay's instance say to each other.
extension RelayInstance {
    /// Whether a tree's messages go through a link now.
    public func isLinked(_ tree: TreeID) -> Bool { linked[tree.rawValue] }

    /// The tree of a child that speaks the link. A root, and who may become one, is not looked at for its rank: orphans of another root
    /// come to it, and former roots (tree-link.md, A1).
    public func treeOfLink(
        _ claim: LinkClaim,
        of peer: AccessList.Peer,
        mayBeRoot: (TreeID) -> Bool
    ) throws(Refusal) -> TreeID {
        try LinkGate(setup, access).tree(of: claim, from: peer, mayBeRoot: mayBeRoot)
    }

    /// The link wants messages of a topic from this relay's publishers, or no more.
    public mutating func handleLinkDemand(_ topic: [UInt8], isWanted: Bool, in tree: TreeID) {
        topic.withUnsafeBytes { interest.handleDemand($0, isSubscribe: isWanted, in: tree) }
    }

    /// The parent speaks no link: there are plain connections to it from now on.
    public mutating func fallBackToPlain(_ tree: TreeID) {
        guard linked[tree.rawValue] else { return }
        linked[tree.rawValue] = false
        interest.handleParentConnected(tree)
        interest.handleDemandSettled(tree)
        for opening in setup.openings(of: tree) {
            if case .connect = opening { add(opening) }
        }
    }
}
