import DataPlane
import NIOCore
public import Transports
import ZMTP

/// What SUB and XSUB share: asking publishers for topics and receiving what they send (RFC 29).
public class SubscribingSocket: Socket, ReceivingSocket, @unchecked Sendable {
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

    /// Distinct topics that are asked for (`ZMQ_TOPICS_COUNT`).
    public func topicCount() async -> Int { (try? await core.countTopics().get()) ?? 0 }

    /// The oldest message or loss, if there is one. Multicast messages that nobody could repair are reported as a loss, in
    /// their place in the order.
    public func tryReceiveDelivery() -> Delivery? {
        core.mailbox.tryTakeItem().flatMap { Delivery($0) }
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
                await socket.core.mailbox.takeItem().item.flatMap { Delivery($0) }
            }
        }
    }
}

/// What a subscriber gets, in order.
public enum Delivery: Sendable, Equatable {
    case message(Message)
    /// Messages from a multicast source are missing at this point and will not come.
    case loss(MulticastLoss)

    init?(_ item: Mailbox.Item) {
        switch item {
        case .message(let buffer, let peer): self = .message(Message(encoded: buffer, from: peer))
        case .loss(let loss): self = .loss(loss)
        // Nobody is asked for anything here.
        case .gone: return nil
        }
    }
}
