import NIOCore
import Routing
import Transports
import ZMTP

/// One of the two connections to a relay above. They live on the home loop.
final class LinkPort: ConnectionHandler, @unchecked Sendable {
    private weak var link: LinkedTree?
    private let id: ParentLinkID
    private let isFeed: Bool

    init(_ link: LinkedTree, _ id: ParentLinkID, isFeed: Bool) {
        self.link = link
        self.id = id
        self.isFeed = isFeed
    }

    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        connection.allowPauses()
        link?.handleEstablished(connection, peer, of: id, isFeed: isFeed)
    }

    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {
        guard !isFeed else {
            link?.fail(id, "messages came down outside of batches")
            return
        }
        link?.relay.handleUpstream(run, from: connection)
    }

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        if let hasReaders = ReadersCommand.hasReaders(command) {
            link?.relay.handleReaders(hasReaders, from: connection)
            return
        }
        do throws(LinkFault) {
            link?.handle(try LinkInput(command), from: id, isFeed: isFeed)
        } catch {
            link?.fail(id, "\(error)")
        }
    }

    func connectionDidEndRead(_ connection: Connection) {
        link?.relay.flush()
    }

    func connectionDidDrain(_ connection: Connection) {
        guard let link else { return }
        let lane = isFeed ? link.parents.feed(of: id) : link.parents.uplink(of: id)
        lane?.handleDrain(waitingByteCount: connection.outbox.queuedPieceByteCount)
        link.handleTaken()
    }

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        link?.lose(id, reason.description)
    }
}

extension RemotePeer {
    /// The highest version of the tree link that a relay speaks; `nil` for who speaks none.
    var linkVersion: Int? {
        metadata.text("X-Xylem-Link").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
}

extension Metadata {
    /// Says that the tree link is spoken.
    func appendingLink(incarnation: UInt64) -> Metadata {
        var metadata = self
        metadata.append("X-Xylem-Link", "1".utf8)
        metadata.append("X-Xylem-Incarnation", String(incarnation, radix: 16).utf8)
        return metadata
    }
}
