package import NIOCore
package import ZMTP

/// Who a connection works for: a socket. Every call comes on the connection's loop.
package protocol ConnectionHandler: AnyObject, Sendable {
    /// Why a connection that has just opened is closed before anything is said: a peer that is told only after the handshake may have
    /// sent messages by then. `nil`: it may go on.
    func refusal(ofOpening connection: Connection) -> DisconnectReason?
    /// The handshake is over: what follows is traffic.
    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer)
    /// Whole messages, exactly as they came.
    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int)
    /// A command, in its place between the runs: all but PING, PONG and READY, which are the session's own business. What
    /// the handler does not know it ignores (RFC 37). After an ERROR the connection closes.
    func connection(_ connection: Connection, didReceive command: PeerCommand)
    /// The peer, in this process, offers a way for its messages beside the stream, after all that it has sent. `false`: it is not taken.
    func connection(_ connection: Connection, isOffered bypass: any StreamBypass) -> Bool
    /// What one wake-up brought is delivered: flush what it caused.
    func connectionDidEndRead(_ connection: Connection)
    /// The outbox handed more to the stream.
    func connectionDidDrain(_ connection: Connection)
    /// The last call.
    func connectionDidClose(_ connection: Connection, reason: DisconnectReason)
}

extension ConnectionHandler {
    package func refusal(ofOpening connection: Connection) -> DisconnectReason? { nil }

    package func connection(
        _ connection: Connection,
        isOffered bypass: any StreamBypass
    ) -> Bool { false }
}

/// Who keeps the connections of a socket: hears of their beginning and end. Traffic goes past it.
protocol ConnectionKeeper: AnyObject, Sendable {
    /// The stream is open. `false`: the connection is not wanted any more.
    func keep(_ connection: Connection) -> Bool
    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer)
    func connectionDidClose(_ connection: Connection, reason: DisconnectReason)
}
