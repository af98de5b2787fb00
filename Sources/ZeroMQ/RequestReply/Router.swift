import DataPlane
import NIOCore
import Patterns
public import Vocabulary
import ZMTP

/// ROUTER: receives from all its peers in turn, with the routing id of the sender as first frame, and sends each message to the peer that its
/// first frame names (RFC 28).
///
///     let router = Router()
///     try await router.bind("tcp://*:5555")
///     for await message in router.messages {
///         try await router.send([message[0], "", answer(to: message)])
///     }
///
/// A message for nobody, or for a peer whose queue is full, is dropped and counted; with `options.router.isMandatory` the first is an
/// error, and the second waits.
public final class Router: PeerSocket, SendingSocket, ReceivingSocket, @unchecked Sendable {
    let core: AddressedCore
    let isMandatory: Bool

    public init(options: SocketOptions = SocketOptions()) {
        core = AddressedCore(type: .router, options: options, naming: .announced)
        isMandatory = options.router.isMandatory
        super.init(core: core, options: options)
    }

    /// Connects to an endpoint whose peer has this routing id here, whatever it says of itself (`ZMQ_CONNECT_ROUTING_ID`), so that it can be
    /// addressed before it has sent anything.
    ///
    /// - Throws: `ZeroMQError`: `option` for an id that is empty or longer than 255 octets; as `connect`.
    public func connect(_ endpoint: Endpoint, as routingID: Frame) async throws(ZeroMQError) {
        try await connect(endpoint, as: routingID, at: core)
    }

    /// Sends a message to the peer that its first frame names.
    ///
    /// - Throws: `ZeroMQError`: with `isMandatory`, `unroutable` when no peer has that routing id; `cancelled`; `closed`.
    public func send(_ message: Message) async throws(ZeroMQError) {
        guard isMandatory else {
            if case .queued = trySend(message) { return }
            return try await engine.append(message.encoded)
        }
        try await core.sendWaiting(message.encoded)
    }
}
