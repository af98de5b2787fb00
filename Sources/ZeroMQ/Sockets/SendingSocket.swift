import DataPlane
import NIOCore
import Transports

/// A socket whose application sends messages to single peers. Publishers, which never wait, have calls of their own.
public protocol SendingSocket: Socket {}

extension SendingSocket {
    /// Queues a message if there is room for it. There is none while no peer is connected or dialled, and while all peers' queues are full.
    public func trySend(_ message: Message) -> SendOutcome {
        SendOutcome(offer(message.encoded))
    }

    /// Queues a message, waiting for room as long as needed. A cancelled task queues nothing.
    ///
    /// - Throws: `ZeroMQError`: `cancelled`; `closed`.
    // Inlinable, so that a message there is room for costs no async call.
    @inlinable
    public func send(_ message: Message) async throws(ZeroMQError) {
        if case .queued = trySend(message) { return }
        try await sendLater(message)
    }

    @usableFromInline
    func sendLater(_ message: Message) async throws(ZeroMQError) {
        try await engine.append(message.encoded)
    }

    /// Queues a message; throws when there was no room for it for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError`: `timedOut`, after which nothing was queued; `cancelled`; `closed`.
    public func send(_ message: Message, timeout: Duration) async throws(ZeroMQError) {
        try await engine.append(message.encoded, within: timeout)
    }

    /// Whether `trySend` would queue a message now.
    public var isWritable: Bool { engine.isWritable }

    /// Called when there is room again after there was none, on some event loop, and at the close; for front ends that poll.
    public func setWritableHandler(_ handler: (@Sendable () -> Void)?) {
        engine.setWritableHandler(handler)
    }
}
