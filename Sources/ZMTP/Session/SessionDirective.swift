/// What a session asks of its shell.
public enum SessionDirective: Equatable, Sendable {
    /// Write and flush these frames, before whatever waits.
    case send([UInt8])
    /// Ask the authenticator, stop reading, and bring its verdict to `handleVerdict`.
    case authenticate(AuthenticationRequest)
    /// Give the security context this token, stop reading, and bring what it says to `handleProgress`.
    case advanceContext(token: [UInt8])
    /// What leaves from now on leaves by `egress`. Tell the user: messages may pass.
    case establish(RemotePeer)
    /// Give the user this message, as if it had arrived.
    case deliver([UInt8])
    /// Queue this frame before the messages that wait.
    case sendPing([UInt8])
    /// The same for an answer, which a peer that never reads may not pile up.
    case sendPong([UInt8])
    /// The peer has been silent for too long, but may be slow: end the session if the stream is not acknowledged.
    case confirmSilence
    /// Send what was written, then close.
    case finishStream
    /// Close at once.
    case abortStream
}
