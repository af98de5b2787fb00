package import ZMTP

/// How a socket's connections behave.
package struct SessionOptions: Sendable {
    package var local: LocalPeer
    package var handshakeTimeout: Duration = .seconds(30)
    package var heartbeat = HeartbeatOptions()
    /// A peer that stops inside a message, or takes nothing, for this long is disconnected; `nil` = never.
    package var stallTimeout: Duration?
    /// The largest message a peer may send, all frames together, in octets.
    package var messageByteCountMax = Int.max
    package var queueLimit = QueueLimit()
    /// Octets of commands and subscriptions that may wait for a peer which does not read.
    package var controlByteCountMax = PeerLimits().controlByteCount

    package init(local: LocalPeer) {
        self.local = local
    }
}
