/// Why a relay disconnects a peer. The description is for the peer, and for the log.
public enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// A relay that wants to be our child in a tree where we have no seat.
    case unknownTree(node: String, tree: String)
    /// A relay that wants to be our child and does not rank below us: links that lead down only make no loop.
    case rankTooLow(node: String, rank: Int, tree: String, ownRank: Int)
    /// A relay that wants to be our child and has not proved to be that node.
    case unproven(node: String, key: String?)
    /// A child that follows another plan.
    case childOfOtherPlan(node: String, theirs: PlanIdentity, ours: PlanIdentity)
    /// A parent that does. It finds that out itself, and is told nothing.
    case parentOfOtherPlan(theirs: PlanIdentity, ours: PlanIdentity)
    /// The child has made a new connection, so the old one is of no use any more.
    case superseded(node: String)
    /// Subscriptions go from subscribers towards publishers.
    case subscriptionFromPublisher
    /// More subscriptions than `RelaySetup.subscriptionLimit` allows one subscriber.
    case tooManySubscriptions

    public var description: String {
        switch self {
        case .unknownTree(let node, let tree):
            "node \(node) belongs to tree '\(LinkClaim.printable(tree))', which is not served here"
        case .rankTooLow(let node, let rank, let tree, let ownRank):
            "node \(node) has rank \(rank) in tree '\(tree)' and cannot be a child of rank \(ownRank)"
        case .unproven(let node, let key?):
            "key \(key) is not that of node \(node), which its owner claims to be; plan anew with the node's present key"
        case .unproven(let node, nil):
            "whoever claims to be node \(node) has proved no key; give it the node's certificate, or a rule with 'relay: yes' in the access list"
        case .childOfOtherPlan(let node, let theirs, let ours):
            "node \(node) follows plan \(theirs), and its parent plan \(ours); \(Self.cure(theirs, ours))"
        case .parentOfOtherPlan(let theirs, let ours):
            "it follows plan \(theirs), and this node plan \(ours); \(Self.cure(theirs, ours))"
        case .superseded(let node):
            "node \(node) has connected anew"
        case .subscriptionFromPublisher:
            "a publisher sent a subscription"
        case .tooManySubscriptions:
            "a subscriber holds more subscriptions than the limit on their number or octets allows"
        }
    }

    private static func cure(_ theirs: PlanIdentity, _ ours: PlanIdentity) -> String {
        if theirs.epoch == ours.epoch { return "start both from one plan" }
        return "restart the one of epoch \(min(theirs.epoch, ours.epoch)) with the newer plan"
    }
}
