import DataPlane
import NIOCore
import Patterns
public import Vocabulary
import ZMTP

/// STREAM: talks to peers that do not speak ZMTP, over plain TCP or IPC (libzmq `zmq_socket(3)` "Native pattern").
///
///     let stream = RawStream()
///     try await stream.bind("tcp://*:8080")
///     for await message in stream.messages where message[1].count > 0 {
///         try await stream.send([message[0], "HTTP/1.0 200 OK\r\n\r\nHello"])
///         try await stream.send([message[0], ""])
///     }
///
/// A message that is received has two frames: the routing id of the peer, and the octets that one read has brought; their bounds mean nothing.
/// Empty octets tell that a peer has connected, and that it has gone (`options.streamNotifications`). A message that is sent begins with a
/// routing id, too; with one empty frame after it, it closes the connection when all has been sent, and an endpoint that was
/// dialled is dialled no more.
public final class RawStream: PeerSocket, SendingSocket, ReceivingSocket, @unchecked Sendable {
    let core: StreamCore

    public init(options: SocketOptions = SocketOptions()) {
        core = StreamCore(options: options)
        super.init(core: core, options: options)
        let (hub, core, linger) = (hub, core, linger)
        core.setHangUpHandler { [weak hub, weak core] endpoint in
            guard let hub, hub.disconnect(endpoint, linger: linger) else { return }
            _ = core?.handleDial(endpoint, -1)
        }
    }

    /// Connects to an endpoint whose peer has this routing id here (`ZMQ_CONNECT_ROUTING_ID`).
    ///
    /// - Throws: `ZeroMQError`: `option` for an id that is empty or longer than 255 octets; as `connect`.
    public func connect(_ endpoint: Endpoint, as routingID: Frame) async throws(ZeroMQError) {
        try await connect(endpoint, as: routingID, at: core)
    }

    /// Sends octets to the peer that the first frame names, waiting for room there as long as needed.
    ///
    /// - Throws: `ZeroMQError`: `unroutable` when no peer has that routing id; `cancelled`; `closed`.
    public func send(_ message: Message) async throws(ZeroMQError) {
        try await core.sendWaiting(message.encoded)
    }
}
