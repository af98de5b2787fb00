import Wire

/// Whether a peer lives, and whether it makes progress.
struct Liveness: Sendable {
    var heartbeat: Heartbeat
    var stallWatch: StallWatch

    /// Before there is a peer: nothing is watched.
    init() {
        heartbeat = Heartbeat(options: .silent, at: Instant(nanoseconds: 0))
        stallWatch = StallWatch(timeout: nil)
    }

    mutating func allowPauses(_ options: HeartbeatOptions?, at now: Instant) {
        stallWatch.allowPauses()
        if let options { heartbeat = Heartbeat(options: options, at: now) }
    }

    init(_ peer: RemotePeer, _ options: SessionOptions, hasHeartbeat: Bool, at now: Instant) {
        var heartbeatOptions = options.heartbeat
        // ZMTP 3.0 knows no PING, and neither do its ancestors.
        if peer.minorVersion == 0, !hasHeartbeat { heartbeatOptions = .silent }
        heartbeat = Heartbeat(options: heartbeatOptions, at: now)
        stallWatch = StallWatch(timeout: options.stallTimeout, takeTimeout: options.takeTimeout)
    }
}
