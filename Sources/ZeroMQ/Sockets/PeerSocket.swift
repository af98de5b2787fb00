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

    /// Connects to an endpoint whose peer has this routing id here.
    func connect(
        _ endpoint: Endpoint,
        as routingID: Frame,
        at core: AddressedCore
    ) async throws(ZeroMQError) {
        guard (1...255).contains(routingID.count) else {
            throw ZeroMQError(.option, "a routing id has 1 to 255 octets, not \(routingID.count)")
        }
        do { try await core.name(endpoint, routingID.bytes).get() } catch {
            throw ZeroMQError.wrap(error)
        }
        try await connect(endpoint)
    }

    /// Messages that were dropped, by reason: present peers' and past ones'.
    public func drops() async -> DropCounts {
        (try? await peers.countDrops().get()) ?? DropCounts()
    }
}
