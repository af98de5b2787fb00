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
    private let core: AddressedCore
    private let isMandatory: Bool

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
        guard (1...255).contains(routingID.count) else {
            throw ZeroMQError(.option, "a routing id has 1 to 255 octets, not \(routingID.count)")
        }
        do { try await core.name(endpoint, routingID.bytes).get() } catch {
            throw ZeroMQError.wrap(error)
        }
        try await connect(endpoint)
    }

    /// Sends a message to the peer that its first frame names.
    ///
    /// - Throws: `ZeroMQError`: with `isMandatory`, `unroutable` when no peer has that routing id; `cancelled`; `closed`.
    public func send(_ message: Message) async throws(ZeroMQError) {
        guard isMandatory else {
            if case .queued = trySend(message) { return }
            return try await engine.append(message.encoded)
        }
        try await sendMandatory(message)
    }

    private func sendMandatory(_ message: Message) async throws(ZeroMQError) {
        while true {
            let route: AddressedCore.Route
            do { route = try await core.sendNow(message.encoded).get() } catch {
                throw ZeroMQError.wrap(error)
            }
            switch route {
            case .sent: return
            case .unroutable:
                throw ZeroMQError(
                    .unroutable,
                    "no peer has the routing id \(message[0]); it is not connected, or has left"
                )
            case .full(let room):
                try? await room.get()
                if Task.isCancelled { throw .cancelled }
            }
        }
    }
}
