/// How a session behaves.
public struct SessionOptions: Sendable {
    public var local: LocalPeer
    /// How the connection is secured.
    public var security = Security.null
    /// What an authenticator is told that the socket is for (RFC 27 "domain").
    public var domain = ""
    /// Whether this side greets as soon as the stream is open. Else it waits for the peer's first octets, for a second at most: whoever
    /// has dialled greets at once, and one answer wakes each end less often than two pieces do.
    public var speaksFirst = true
    /// A peer that has not finished the handshake by then is disconnected.
    public var handshakeTimeout: Duration = .seconds(30)
    public var heartbeat = HeartbeatOptions()
    /// A peer that stops inside a message, or takes nothing, for this long is disconnected; `nil` = never.
    public var stallTimeout: Duration? {
        didSet { takeTimeout = stallTimeout }
    }
    /// The same for a peer that takes nothing, where it is not to be as long.
    public var takeTimeout: Duration?
    /// The largest message a peer may send, all frames together, in octets.
    public var messageByteCountMax = Int.max
    /// The largest command, in octets.
    public var commandByteCountMax = 1 << 20
    /// Whether peers are let in by an authenticator's verdict.
    public var asksAuthenticator = false

    public init(local: LocalPeer) {
        self.local = local
    }

    var limits: FrameScanner.Limits {
        FrameScanner.Limits(
            messageByteCountMax: messageByteCountMax,
            commandByteCountMax: commandByteCountMax
        )
    }
}
