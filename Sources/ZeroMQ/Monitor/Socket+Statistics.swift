import DataPlane
import NIOCore
public import Transports

/// What passes between a socket and its peers.
extension Socket {
    /// The figures of every connected peer, oldest connection first: messages and octets each way, what waits, what was dropped and why, and
    /// the round trip.
    ///
    ///     for peer in await publisher.peerStatistics() where peer.outgoing.droppedMessageCount > 0 { print(peer) }
    public func peerStatistics() async -> [PeerStatistics] {
        (try? await statistics().get()) ?? []
    }

    /// Tells the same to `events`, as an event for each peer (`zmq_socket_monitor_pipes_stats`).
    public func reportStatistics() async {
        for peer in await peerStatistics() { monitor.publish(.statistics(peer)) }
    }

    private func statistics() -> EventLoopFuture<[PeerStatistics]> {
        let inbox = inbox
        return hub.statistics().map { peers in
            peers.map { peer in
                var peer = peer
                peer.unreadMessageCount =
                    inbox?.messageCount(from: PeerID(rawValue: peer.ends.connection)) ?? 0
                return peer
            }
        }
    }
}
