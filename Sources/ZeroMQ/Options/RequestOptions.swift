/// How a REQ behaves (RFC 28).
public struct RequestOptions: Sendable {
    /// Whether a request may be sent before the last one was answered, which is abandoned then (`ZMQ_REQ_RELAXED`).
    public var isRelaxed = false
    /// Whether requests carry a number in a frame of its own, so that a late reply is not taken for that to another request
    /// (`ZMQ_REQ_CORRELATE`). Peers that copy the envelope, as every REP does, need not know. Without, a connection on which a reply is
    /// still to come is closed when the request is abandoned.
    public var correlates = false

    public init() {}
}
