import DataPlane
import NIOCore
import Patterns
import ZMTP

/// What SERVER and PEER share: each message comes with the routing id of its sender, and goes to the peer whose routing id is given with it.
public class RoutedSocket: PeerSocket, @unchecked Sendable {
    let core: AddressedCore

    init(type: SocketType, options: SocketOptions) {
        core = AddressedCore(
            type: type,
            options: options,
            naming: .numbered,
            allowsMultipart: false
        )
        super.init(core: core, options: options)
    }

    /// Sends a message of one frame to one peer, waiting for room there as long as needed.
    ///
    /// - Throws: `ZeroMQError`: `unroutable` when no peer has that routing id; `multipart`; `cancelled`; `closed`.
    public func send(_ message: Message, to peer: RoutingID) async throws(ZeroMQError) {
        try await core.sendWaiting(peer.addressing(message))
    }

    /// Sends a message of one frame to one peer, if there is room for it within that time.
    ///
    /// - Throws: `ZeroMQError`: `timedOut`, after which nothing was sent; as without a time.
    public func send(
        _ message: Message,
        to peer: RoutingID,
        timeout: Duration
    ) async throws(ZeroMQError) {
        try await core.sendWaiting(peer.addressing(message), timeout: timeout)
    }

    /// The oldest message that has arrived, if there is one; of several peers, one of each in turn.
    public func tryReceive() -> RoutedMessage? {
        engine.tryTake().flatMap { RoutedMessage($0) }
    }

    /// The oldest message, as soon as there is one. A cancelled task takes none.
    ///
    /// - Throws: `ZeroMQError`: `cancelled`; `closed`.
    public func receive() async throws(ZeroMQError) -> RoutedMessage {
        while let item = await inbox?.takeItem(wantsNotes: false).item {
            if let message = RoutedMessage(item) { return message }
        }
        throw Task.isCancelled ? .cancelled : .closed
    }

    /// The oldest message, as soon as there is one; `nil` when none has come for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError`: `cancelled`, after which no message was taken; `closed`.
    public func receive(timeout: Duration) async throws(ZeroMQError) -> RoutedMessage? {
        try await engine.takeItem(within: timeout).flatMap { RoutedMessage($0) }
    }

    /// Whether `tryReceive` would give a message now.
    public var isReadable: Bool { engine.isReadable }

    /// Called whenever a message arrives after there was none, on some event loop, and at the close; for front ends that poll.
    public func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        engine.setReadableHandler(handler)
    }

    /// All messages until the socket is closed. Iterating twice means two consumers that share the messages. Iterating keeps the socket open.
    public var messages: RoutedMessages { RoutedMessages(socket: self) }
}

/// The messages of a SERVER or PEER as they come, until it is closed.
public struct RoutedMessages: AsyncSequence, Sendable {
    public typealias Failure = Never

    let socket: RoutedSocket

    public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

    public struct Iterator: AsyncIteratorProtocol {
        let socket: RoutedSocket

        public mutating func next() async -> RoutedMessage? { try? await socket.receive() }
    }
}
