public import Transports
public import ZMTP

/// What is known of the peer that a message came from.
public struct PeerProperties: Equatable, Sendable {
    public let ends: ConnectionEnds
    /// What the peer said of itself, and what an authenticator said of it.
    public let peer: RemotePeer

    /// A property by its name (`zmq_msg_gets`): `Socket-Type`, `Routing-Id` or `Identity`, `User-Id`, `Peer-Address`, whatever the peer
    /// announced, names beginning with `X-` among it, and whatever an authenticator added. Names compare without case (RFC 37
    /// "Metadata").
    ///
    /// The user id and the address are what this side knows, never what the peer says of itself.
    public subscript(name: String) -> [UInt8]? {
        switch name.lowercased() {
        case "socket-type": Array(peer.socketType.rawValue.utf8)
        case "routing-id", "identity": peer.metadata["Identity"]
        case "user-id": peer.userID.map { Array($0.utf8) }
        case "peer-address": Array(ends.remote.utf8)
        // An authenticator's word counts for more than the peer's.
        default: peer.admissionMetadata[name] ?? peer.metadata[name]
        }
    }

    /// The property as text, where it is valid UTF-8.
    public func text(_ name: String) -> String? {
        self[name].flatMap { String(validating: $0, as: UTF8.self) }
    }
}

extension Socket {
    /// What is known of the peer that a received message came from: its properties of the handshake, its address, its user id.
    ///
    ///     let message = try await puller.receive()
    ///     if puller.properties(of: message)?.text("User-Id") == "ann" { … }
    ///
    /// - Returns: `nil` for a message that was not received by this socket, for one that multicast brought, and once the peer and 64
    ///   more after it have gone.
    public func properties(of message: Message) -> PeerProperties? {
        directory.properties(of: message.source)
    }
}
