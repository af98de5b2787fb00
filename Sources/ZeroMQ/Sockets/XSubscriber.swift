import NIOCore
import ZMTP

/// XSUB: a SUB that passes on whatever publishers send, and can itself send upstream (RFC 29).
public final class XSubscriber: SubscribingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(type: .xsub, options: options)
    }

    /// Sends a message to every connected XPUB, after waiting for room in the socket's own queue if need be. Its first octet
    /// must not be 0 or 1: those mean subscriptions. A publisher whose queue is full misses the message.
    public func send(_ message: Message) async throws(ZeroMQError) {
        try await core.append(message.encoded)
    }

    /// Messages that publishers missed because their queue was full, including publishers that have left.
    public func droppedMessageCount() async -> Int {
        (try? await core.droppedMessageCount().get()) ?? 0
    }

    /// Messages that were sent while no publisher was connected, so that they went nowhere.
    public func unsentMessageCount() async -> Int {
        (try? await core.countUnsentMessages().get()) ?? 0
    }
}
