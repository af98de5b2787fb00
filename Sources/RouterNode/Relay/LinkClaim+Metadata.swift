import Routing
import ZMTP

/// A link is two plain ZMTP connections; the child's READY carries its claim as properties.
extension LinkClaim {
    var metadata: Metadata {
        var metadata = Metadata()
        metadata.append("X-Xylem-Node", node.utf8)
        metadata.append("X-Xylem-Tree", tree.utf8)
        metadata.append("X-Xylem-Rank", String(rank).utf8)
        return metadata
    }

    /// `nil` for a plain peer.
    init?(_ peer: RemotePeer) {
        guard let node = peer.metadata.text("X-Xylem-Node"),
            let tree = peer.metadata.text("X-Xylem-Tree"),
            let rank = peer.metadata.text("X-Xylem-Rank").flatMap({ Int($0) })
        else { return nil }
        self.init(node: Self.printable(node), tree: tree, rank: rank)
    }
}
