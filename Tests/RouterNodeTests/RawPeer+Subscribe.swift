import Vocabulary
import SocketTestSupport
import Transports

extension RawPeer {
    /// A subscriber that asks for a topic and then never reads.
    static func subscribe(_ topic: String, at endpoint: Endpoint) async throws -> RawPeer {
        let peer = try await RawPeer.connect(to: endpoint, isReading: false)
        try await peer.send(
            Octets.greeting() + Octets.ready("SUB")
                + Octets.command("SUBSCRIBE", Array(topic.utf8))
        )
        return peer
    }
}
