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
    package init(local: LocalPeer) {
        self.local = local
    }
}
