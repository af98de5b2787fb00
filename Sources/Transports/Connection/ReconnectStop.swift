/// After which failures an endpoint is dialled no more. Without any, a connection is kept up for as long as the socket wants it; a `disconnect`
/// always ends it.
public struct ReconnectStop: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Nobody listens at the endpoint (`ZMQ_RECONNECT_STOP_CONN_REFUSED`).
    public static let refused = ReconnectStop(rawValue: 1)
    /// Whoever is there does not speak ZMTP, does not let this side in, or does not fit (`ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED`).
    public static let handshakeFailed = ReconnectStop(rawValue: 2)
    /// Anything else, such as the loss of a connection that stood.
    public static let lost = ReconnectStop(rawValue: 4)
    /// Every endpoint is dialled once (`ZMQ_RECONNECT_IVL` -1).
    public static let always: ReconnectStop = [.refused, .handshakeFailed, .lost]
}
