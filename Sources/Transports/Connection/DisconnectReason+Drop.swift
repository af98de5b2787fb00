import Vocabulary
import ZMTP

extension DisconnectReason {
    /// Why what still waited for the peer is dropped.
    var dropReason: DropReason {
        switch self {
        case .stalled: .expired
        case .peerClosed, .closedHere, .handshake, .framing, .misbehaviour, .heartbeat, .overflow,
            .limit, .network:
            .disconnected
        }
    }
}
