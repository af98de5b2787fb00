import Vocabulary
import SocketTestSupport
import Transports

extension RawPeer {
    /// A raw peer that has sent its side of the handshake and a subscription to everything.
    static func subscriber(of endpoint: Endpoint, isReading: Bool = true) async throws -> RawPeer {
        let peer = try await connect(to: endpoint, isReading: isReading)
        try await peer.send(
            Octets.greeting() + Octets.ready("SUB") + Octets.command("SUBSCRIBE")
        )
        return peer
    }
}
