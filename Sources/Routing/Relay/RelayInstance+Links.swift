/// Trees whose messages go through a tree link: what the shell of its core and the relay's instance say to each other.
extension RelayInstance {
    /// Whether a child may be one.
    public var linkGate: LinkGate { LinkGate(setup, access) }

    /// The link wants messages of a topic from this relay's publishers, or no more.
    public mutating func handleLinkDemand(_ topic: [UInt8], isWanted: Bool, in tree: TreeID) {
        topic.withUnsafeBytes { interest.handleDemand($0, isSubscribe: isWanted, in: tree) }
    }

    /// The parent speaks no link: there are plain connections to it from now on.
    public mutating func fallBackToPlain(_ tree: TreeID) {
        guard linked.remove(tree) else { return }
        interest.handleParentConnected(tree)
        interest.handleDemandSettled(tree)
        for opening in setup.openings(of: tree) where opening.isConnect { add(opening) }
    }
}
