public import Vocabulary
public import ZMTP

/// What happens to a socket's endpoints and connections; a monitor sees these in order.
public enum SocketEvent: Sendable, CustomStringConvertible {
    /// The endpoint has its wildcards resolved.
    case listening(Endpoint)
    /// The endpoint cannot be listened at; the same is thrown by `bind`.
    case bindFailed(Endpoint, reason: String)
    case stoppedListening(Endpoint)
    /// What a connection needs has run out: new ones wait. Told once a minute at most.
    case acceptPaused(Endpoint, AcceptPause)
    /// There is room again after a pause that was told of.
    case acceptResumed(Endpoint)
    /// One connection could not be accepted; others can.
    case acceptFailed(Endpoint, reason: String)
    /// A listener did not close in good order.
    case closeFailed(Endpoint, reason: String)
    /// An endpoint is dialled, for the first time or again.
    case dialling(Endpoint)
    /// A stream is open; the handshake begins.
    case opened(peer: ConnectionEnds, isDialled: Bool)
    case established(peer: ConnectionEnds, RemotePeer)
    case disconnected(peer: ConnectionEnds, DisconnectReason)
    /// What has passed and what waits; told when it is asked for.
    case statistics(PeerStatistics)
    /// A connect failed or its connection was lost; it is tried again after the wait.
    case retrying(Endpoint, reason: String, wait: Duration)
    /// The same, and it is not tried again (`SocketOptions.reconnectStop`).
    case gaveUp(Endpoint, reason: String)
    /// News of a `pgm://` or `epgm://` endpoint.
    case multicast(Endpoint, MulticastEvent)

    public var description: String {
        switch self {
        case .listening(let endpoint): "listening at \(endpoint)"
        case .bindFailed(let endpoint, let reason): "cannot listen at \(endpoint): \(reason)"
        case .acceptFailed(let endpoint, let reason): "\(endpoint): cannot accept: \(reason)"
        case .closeFailed(let endpoint, let reason): "\(endpoint): cannot close: \(reason)"
        case .dialling(let endpoint): "connecting to \(endpoint)"
        case .statistics(let statistics): "\(statistics)"
        case .stoppedListening(let endpoint): "no longer listening at \(endpoint)"
        case .acceptPaused(let endpoint, let pause): "\(endpoint): \(pause)"
        case .acceptResumed(let endpoint): "\(endpoint): there is room for connections again"
        case .opened(let peer, let isDialled):
            isDialled ? "connected to \(peer)" : "accepted \(peer)"
        case .established(let peer, let remote):
            "\(peer) is \(remote.isTypeAssumed ? "taken for " : "")\(remote.socketType.withArticle) (\(remote.versionText))"
        case .disconnected(let peer, let reason): "\(peer) disconnected: \(reason)"
        case .retrying(let endpoint, let reason, let wait):
            "\(endpoint): \(reason); trying again in \(wait)"
        case .gaveUp(let endpoint, let reason): "\(endpoint): \(reason); not tried again"
        case .multicast(let endpoint, let event): "\(endpoint): \(event)"
        }
    }
}
