import DataPlane
import NIOCore
import Transports
public import Vocabulary

/// What sockets share whose messages go from one peer to one peer.
public class PeerSocket: Socket, @unchecked Sendable {
    let peers: PeerCore

    init(core: PeerCore, options: SocketOptions) {
        peers = core
        super.init(core: core, options: options)
    }

    /// How many peers are connected.
    public func peerCount() async -> Int { (try? await peers.countPeers().get()) ?? 0 }

    /// Messages that were dropped, by reason: present peers' and past ones'.
    public func drops() async -> DropCounts {
        (try? await peers.countDrops().get()) ?? DropCounts()
    }
}
