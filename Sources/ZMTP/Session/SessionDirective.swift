/// What the shell of a session must do.
public enum SessionDirective: Equatable, Sendable {
    /// Write and flush these frames, before whatever waits.
    case send([UInt8])
    /// Ask the authenticator, stop reading, and bring its verdict to `handleVerdict`.
    case authenticate(AuthenticationRequest)
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

/// What `Session.next` found.
public enum SessionEvent: Equatable, Sendable {
    /// The handshake went a step on: carry out its directives, then go on.
    case handshake
    /// A verdict is awaited: keep what is left, and give it again after the verdict.
    case wait
    case traffic(FrameScanner.Event)
    /// The session takes nothing more: what is left is nobody's.
    case over
}

extension SessionDirective {
    var isSend: Bool {
        if case .send = self { true } else { false }
    }
}
