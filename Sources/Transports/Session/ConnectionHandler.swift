package import NIOCore
package import ZMTP

/// Who a connection works for: a socket. Every call comes on the connection's loop.
package protocol ConnectionHandler: AnyObject, Sendable {
    /// The stream is open, the handshake begins.
    func connectionDidOpen(_ connection: Connection)
    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer)
    /// Whole messages, exactly as they came.
    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int)
    /// A SUBSCRIBE or CANCEL command.
    func connection(
        _ connection: Connection,
        didReceiveSubscription topic: ByteBuffer,
        isSubscribe: Bool
    )
    /// What one wake-up brought is delivered: flush what it caused.
    func connectionDidEndRead(_ connection: Connection)
    /// The outbox handed more to the stream.
    func connectionDidDrain(_ connection: Connection)
    /// The last call.
    func connectionDidClose(_ connection: Connection, reason: DisconnectReason)
}
