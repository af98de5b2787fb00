/// What a session keeps of a peer once the handshake is over.
struct Conversation: Sendable {
    let peer: RemotePeer
    /// Whether silence alone does not mean that the peer is gone.
    let mayBeSlow: Bool

    init(_ peer: RemotePeer, _ options: SessionOptions) {
        self.peer = peer
        let isSubscriber = peer.socketType == .sub || peer.socketType == .xsub
        mayBeSlow = options.heartbeat.sparesSlowSubscribers && isSubscriber && !peer.isRelay
    }
}
