import DataPlane
import NIOCore
import Transports

/// The link by which the only peer of a socket takes from its outlet, if it does. Confined to the socket's loop.
///
///     drain ─▶ offer ─▶ open, and the loop takes nothing ─▶ end, here or there ─▶ drain
struct OutletLink {
    private var current: (link: QueueLink, connection: Connection)?
    /// The number of the only peer, if it takes no link.
    private var unlinkedPeer: UInt64?

    /// Whether the outlet is not for the loop to take from.
    var isOpen: Bool { current != nil }

    /// Whether the only peer may take one, as far as is known; asked at every drain.
    func mayBeOffered(to connection: Connection) -> Bool {
        connection.id != unlinkedPeer && connection.outbox.isEmpty
    }

    /// Lets the only peer, if it is in this process, take from the outlet by itself. `onEnd` is called on any thread.
    mutating func offer(
        _ outlet: SendQueue,
        to connection: Connection,
        rewrite: (@Sendable (SendQueue.Chunk) -> SendQueue.Chunk?)? = nil,
        onEnd: @escaping @Sendable (QueueLink) -> Void
    ) -> Bool {
        let link = QueueLink(from: outlet, rewrite: rewrite, onEnd: onEnd)
        guard outlet.offer(link), connection.offer(link) else {
            unlinkedPeer = connection.id
            _ = outlet.detach(link)
            return false
        }
        current = (link, connection)
        return true
    }

    /// Ends it from this side. `false`: there is none. Otherwise a drain is due.
    mutating func end() -> Bool {
        guard let link = current?.link else { return false }
        current = nil
        link.end()
        return true
    }

    /// The peer has ended it, or something here that needs to see the messages: gives whose it was, if that is news. A drain is due.
    mutating func handleEnd(of link: QueueLink) -> Connection? {
        guard let known = current, known.link === link else { return nil }
        current = nil
        unlinkedPeer = known.connection.id
        return known.connection
    }

    /// Other peers than before: any of them may take a link.
    mutating func handleDeparture() { unlinkedPeer = nil }
}
