import Wire

/// What a session keeps of a peer once the handshake is over: who it is, whether it lives, whether it makes progress.
struct Conversation: Sendable {
    let peer: RemotePeer
    var heartbeat: Heartbeat
    var stallWatch: StallWatch
    /// Whether silence alone does not mean that the peer is gone.
    let mayBeSlow: Bool

    init(
        _ peer: RemotePeer,
        _ options: SessionOptions,
        hasHeartbeat: Bool,
        at now: Instant
    ) {
        self.peer = peer
        var heartbeatOptions = options.heartbeat
        // ZMTP 3.0 knows no PING, and neither do its ancestors.
        if peer.minorVersion == 0, !hasHeartbeat { heartbeatOptions = .silent }
        let isSubscriber = peer.socketType == .sub || peer.socketType == .xsub
        mayBeSlow = options.heartbeat.sparesSlowSubscribers && isSubscriber && !peer.isRelay
        heartbeat = Heartbeat(options: heartbeatOptions, at: now)
        stallWatch = StallWatch(timeout: options.stallTimeout, takeTimeout: options.takeTimeout)
    }
}
