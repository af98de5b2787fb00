package import NIOCore
package import ZMTP

/// Who decides which peers may connect: the shell's side of a mechanism's `authenticate` step, what ZAP calls a handler
/// (RFC 27).
package protocol Authenticator: Sendable {
    /// Judges a peer at `address`. The verdict may take as long as the handshake may; a future that fails is a temporary
    /// fault.
    func authenticate(
        _ request: AuthenticationRequest,
        from address: String,
        on loop: any EventLoop
    ) -> EventLoopFuture<AuthenticationVerdict>
}
