import NIOCore
import ZMTP

/// XSUB: a SUB that passes on whatever publishers send, and can itself send upstream (RFC 29).
public final class XSubscriber: SubscribingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(type: .xsub, options: options, isFiltering: false)
    }

    /// Sends a message to every connected XPUB. Its first octet must not be 0 or 1: those mean subscriptions.
    public func send(_ message: Message) async throws(ZeroMQError) {
        do { try await core.sendUpstream(message).get() } catch { throw ZeroMQError.wrap(error) }
    }
}
