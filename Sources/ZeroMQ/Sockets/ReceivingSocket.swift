import DataPlane
import NIOCore
import Transports

/// A socket whose application receives messages.
public protocol ReceivingSocket: Socket {}

extension ReceivingSocket {
    /// The oldest message that has arrived, if there is one; of several peers, one of each in turn.
    public func tryReceive() -> Message? {
        takeMessage()
    }

    /// The oldest message, as soon as there is one. A cancelled task takes none, or at most the 64 that were taken out of the queue before.
    ///
    /// - Throws: `ZeroMQError`: `cancelled`; `closed`.
    // Inlinable, so that a message that is there already costs no async call.
    @inlinable
    public func receive() async throws(ZeroMQError) -> Message {
        if let message = takeMessageAhead() { return message }
        if !Task.isCancelled, let message = tryReceive() { return message }
        return try await receiveLater()
    }

    @usableFromInline
    func receiveLater() async throws(ZeroMQError) -> Message {
        guard let message = await takeMessageLater() else {
            throw Task.isCancelled ? .cancelled : .closed
        }
        return message
    }

    /// The oldest message, as soon as there is one; `nil` when none has come for as long as `timeout`.
    ///
    ///     while let message = try await subscriber.receive(timeout: .seconds(5)) { … }
    ///
    /// - Throws: `ZeroMQError`: `cancelled`, after which no message was taken; `closed`.
    public func receive(timeout: Duration) async throws(ZeroMQError) -> Message? {
        try await engine.takeItem(within: timeout).flatMap { Message($0) }
    }

    /// Whether `tryReceive` would give a message now.
    public var isReadable: Bool { engine.isReadable }

    /// Called whenever a message arrives after there was none, on some event loop, and at the close; for front ends that poll.
    public func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        engine.setReadableHandler(handler)
    }

    /// All messages until the socket is closed. Iterating twice means two consumers that share the messages. Iterating
    /// keeps the socket open.
    public var messages: Messages { Messages(socket: self) }
}

/// The messages of a socket as they come, until it is closed.
public struct Messages: AsyncSequence, Sendable {
    public typealias Failure = Never

    let socket: Socket

    public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

    public struct Iterator: AsyncIteratorProtocol {
        @usableFromInline let socket: Socket

        @inlinable
        public mutating func next() async -> Message? {
            if let message = socket.takeMessageAhead() { return message }
            if !Task.isCancelled, let message = socket.takeMessage() { return message }
            return await nextLater()
        }

        @usableFromInline
        func nextLater() async -> Message? {
            await socket.takeMessageLater()
        }
    }
}
