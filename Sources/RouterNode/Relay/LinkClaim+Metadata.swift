import Routing
import ZMTP

/// A link is two plain ZMTP connections; the child's READY carries its claim as properties.
extension LinkClaim {
    var metadata: Metadata {
        var metadata = Metadata()
        metadata.append("X-Xylem-Node", node.utf8)
        metadata.append("X-Xylem-Tree", tree.utf8)
        metadata.append("X-Xylem-Rank", String(rank).utf8)
        plan?.append(to: &metadata)
        return metadata
    }

    /// `nil` for a plain peer.
    init?(_ peer: RemotePeer) {
        guard let node = peer.metadata.text("X-Xylem-Node"),
            let tree = peer.metadata.text("X-Xylem-Tree"),
            let rank = peer.metadata.text("X-Xylem-Rank").flatMap({ Int($0) })
        else { return nil }
        self.init(node: Self.printable(node), tree: tree, rank: rank, plan: PlanIdentity(peer))
    }
}

/// Both ends of a link say which plan they follow.
extension PlanIdentity {
    func append(to metadata: inout Metadata) {
        metadata.append("X-Xylem-Plan", id.utf8)
        metadata.append("X-Xylem-Epoch", String(epoch).utf8)
    }

    /// `nil` for a plain peer, and for a relay without a plan.
    init?(_ peer: RemotePeer) {
        guard let id = peer.metadata.text("X-Xylem-Plan") else { return nil }
        let epoch = peer.metadata.text("X-Xylem-Epoch").flatMap { Int($0) }
        self.init(id: LinkClaim.printable(id), epoch: epoch ?? 0)
    }
}
