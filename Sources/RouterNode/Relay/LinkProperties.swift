import Routing
import ZMTP

/// What a child says of itself in READY when it connects to its parent, and how a parent reads it.
///
/// A link is two plain ZMTP connections: the child is a subscriber of its parent (messages come down) and a publisher
/// to it (messages go up). The properties only say for which tree, and prove that the child ranks below.
struct LinkProperties: Equatable {
    var node: String
    var tree: String
    var rank: Int

    var metadata: Metadata {
        var metadata = Metadata()
        metadata.append("X-Xylem-Node", node.utf8)
        metadata.append("X-Xylem-Tree", tree.utf8)
        metadata.append("X-Xylem-Rank", String(rank).utf8)
        return metadata
    }

    init(node: String, tree: String, rank: Int) {
        self.node = node
        self.tree = tree
        self.rank = rank
    }

    /// `nil` for a plain peer.
    init?(_ peer: RemotePeer) {
        guard let node = peer.metadata.text("X-Xylem-Node"),
            let tree = peer.metadata.text("X-Xylem-Tree"),
            let rank = peer.metadata.text("X-Xylem-Rank").flatMap({ Int($0) })
        else { return nil }
        self.init(node: Self.printable(node), tree: tree, rank: rank)
    }

    /// A stranger's text for a log line: short, and nothing in it ends the line or drives a terminal.
    static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(textCountMax).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : scalar
        }
        var printable = String.UnicodeScalarView()
        printable.append(contentsOf: scalars)
        return String(printable)
    }

    private static let textCountMax = 64
}
