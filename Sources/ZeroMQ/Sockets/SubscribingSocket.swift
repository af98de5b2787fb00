import DataPlane
import NIOCore
public import Transports
import ZMTP

/// What SUB and XSUB share: asking publishers for topics and receiving what they send (RFC 29).
public class SubscribingSocket: Socket, @unchecked Sendable {
    let core: SubscribeCore

    init(type: SocketType, options: SocketOptions) {
        let home = options.eventLoop ?? SharedEventLoops.standard
        core = SubscribeCore(type: type, home: home, options: options)
        super.init(core: core, options: options)
    }

    /// Asks for every message that begins with the topic. Subscribing twice needs two cancellations.
    public func subscribe(to topic: String) async throws(ZeroMQError) {
        try await subscribe(to: [Array(topic.utf8)])
    }

    /// Asks for many topics at once; they never count against a queue limit, and survive every reconnect.
    public func subscribe(to topics: [[UInt8]]) async throws(ZeroMQError) {
        do { try await core.subscribe(to: topics).get() } catch { throw ZeroMQError.wrap(error) }
    }

    /// Cancels one subscription.
    public func unsubscribe(from topic: String) async throws(ZeroMQError) {
        try await unsubscribe(from: [Array(topic.utf8)])
    }

    public func unsubscribe(from topics: [[UInt8]]) async throws(ZeroMQError) {
        do { try await core.cancel(topics).get() } catch { throw ZeroMQError.wrap(error) }
    }

    /// The oldest message that has arrived, if there is one.
    public func tryReceive() -> Message? {
        core.mailbox.tryTake().map { Message(encoded: $0) }
    }

    /// The oldest message, as soon as there is one. A cancelled task takes none.
    // Inlinable, so that a message that is there already costs no async call.
    @inlinable
    public func receive() async throws(ZeroMQError) -> Message {
        if !Task.isCancelled, let message = tryReceive() { return message }
        return try await receiveLater()
    }

    @usableFromInline
    func receiveLater() async throws(ZeroMQError) -> Message {
        guard let message = await core.mailbox.take() else {
            throw Task.isCancelled ? .cancelled : .closed
        }
        return Message(encoded: message)
    }

    /// The oldest message, as soon as there is one; `nil` when none has come for as long as `timeout`.
    ///
    ///     while let message = try await subscriber.receive(timeout: .seconds(5)) { … }
    ///
    /// - Throws: `ZeroMQError`: `cancelled`, after which no message was taken; `closed`.
    public func receive(timeout: Duration) async throws(ZeroMQError) -> Message? {
        try await core.take(within: timeout).map { Message(encoded: $0) }
    }

    /// The oldest message or loss, if there is one. Multicast messages that nobody could repair are reported as a loss, in
    /// their place in the order.
    public func tryReceiveDelivery() -> Delivery? {
        core.mailbox.tryTakeItem().map { Delivery($0) }
    }

    /// All messages and losses until the socket is closed; `messages` and `receive` skip losses.
    public var deliveries: Deliveries { Deliveries(socket: self) }

    public struct Deliveries: AsyncSequence, Sendable {
        public typealias Failure = Never

        let socket: SubscribingSocket

        public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

        public struct Iterator: AsyncIteratorProtocol {
            let socket: SubscribingSocket

            public mutating func next() async -> Delivery? {
                await socket.core.mailbox.takeItem().item.map { Delivery($0) }
            }
        }
    }

    /// Whether `tryReceive` would give a message now.
    public var isReadable: Bool { core.mailbox.isReadable }

    /// Called on some event loop whenever a message arrives after there was none; for front ends that poll.
    public func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        core.mailbox.setReadableHandler(handler)
    }

    /// All messages until the socket is closed. Iterating twice means two consumers that share the messages. Iterating
    /// keeps the socket open.
    public var messages: Messages { Messages(socket: self) }

    public struct Messages: AsyncSequence, Sendable {
        public typealias Failure = Never

        let socket: SubscribingSocket

        public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

        public struct Iterator: AsyncIteratorProtocol {
            @usableFromInline let socket: SubscribingSocket

            @inlinable
            public mutating func next() async -> Message? {
                if !Task.isCancelled, let message = socket.tryReceive() { return message }
                return await nextLater()
            }

            @usableFromInline
            func nextLater() async -> Message? {
                await socket.core.mailbox.take().map { Message(encoded: $0) }
            }
        }
    }
}

/// What a subscriber gets, in order.
public enum Delivery: Sendable, Equatable {
    case message(Message)
    /// Messages from a multicast source are missing at this point and will not come.
    case loss(MulticastLoss)

    init(_ item: Mailbox.Item) {
        switch item {
        case .message(let buffer, _): self = .message(Message(encoded: buffer))
        case .loss(let loss): self = .loss(loss)
        }
    }
}
