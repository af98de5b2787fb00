import DataPlane
import DequeModule
import Synchronization
import Transports
import ZMTP

/// Who a socket's connections lead to, by number, for whoever holds a message of theirs. Peers that have gone are kept for a while: their
/// messages may not have been taken yet.
final class PeerDirectory: Sendable {
    private struct State {
        var present: [UInt64: PeerProperties] = [:]
        /// The oldest first.
        var departed = Deque<PeerProperties>()
    }

    private let state = Mutex(State())

    func handle(_ event: SocketEvent) {
        switch event {
        case .established(let ends, let peer):
            state.withLock { $0.present[ends.connection] = PeerProperties(ends: ends, peer: peer) }
        case .disconnected(let ends, _):
            state.withLock { state in
                guard let gone = state.present.removeValue(forKey: ends.connection) else { return }
                if state.departed.count == Self.departedCountMax { state.departed.removeFirst() }
                state.departed.append(gone)
            }
        default: break
        }
    }

    func properties(of peer: PeerID) -> PeerProperties? {
        state.withLock { state in
            state.present[peer.rawValue]
                ?? state.departed.last { $0.ends.connection == peer.rawValue }
        }
    }

    static let departedCountMax = 64
}
