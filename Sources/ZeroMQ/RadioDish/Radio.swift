import DataPlane
import NIOCore
import ZMTP

/// RADIO: sends each message to everybody who has joined its group (RFC 48): a PUB for messages of one frame, with groups that match exactly
/// where topics match as prefixes.
///
///     let radio = Radio()
///     try await radio.bind("tcp://*:5556")
///     try radio.send("-4 °C", to: "weather.oslo")
///
/// A DISH whose queue is full misses the message, or what `options.overflow` says. To `udp://` endpoints, which a RADIO connects to and a DISH
/// binds to, each message goes as one datagram, whoever listens there.
public final class Radio: PeerSocket, @unchecked Sendable {
    private let core: RadioCore

    public init(options: SocketOptions = SocketOptions()) {
        core = RadioCore(options: options)
        super.init(core: core, options: options)
    }

    /// Queues a message of one frame for everybody in the group. Never waits; when the socket's own queue is full the message is refused,
    /// and counted.
    ///
    /// - Throws: `ZeroMQError`: `group` for one that cannot be; `multipart`; `tooLong` for what no datagram holds, with `udp://` endpoints.
    public func send(_ message: Message, to group: Frame) throws(ZeroMQError) {
        let encoded = try encode(message, to: group)
        if case .multipart = core.tryAppend(encoded, isLast: true) { throw .multipart }
    }

    /// Queues a message of one frame unless the queue is full. With the `block` policy it is full while any member's is.
    ///
    /// - Throws: `ZeroMQError`: `group` for one that cannot be; `tooLong` as for `send`.
    public func trySend(_ message: Message, to group: Frame) throws(ZeroMQError) -> SendOutcome {
        SendOutcome(core.tryAppend(try encode(message, to: group)))
    }

    /// Queues a message of one frame, waiting for room as long as needed; a cancelled task queues nothing.
    ///
    /// - Throws: `ZeroMQError`: `group`, `multipart`, `tooLong`; `cancelled`; `closed`.
    public func sendWaiting(_ message: Message, to group: Frame) async throws(ZeroMQError) {
        try await core.append(try encode(message, to: group))
    }

    private func encode(_ message: Message, to group: Frame) throws(ZeroMQError) -> ByteBuffer {
        try GroupMessage.check(group)
        // RFC 48 has no datagrams; libzmq puts an octet before the group.
        try core.ports.check(byteCount: 1 + group.count + message.byteCount)
        return GroupMessage(group: group, message: message).encoded
    }

    /// Whether `trySend` would queue a message now.
    public var isWritable: Bool { engine.isWritable }

    /// Messages `send` refused because the socket's own queue was full.
    public var refusedMessageCount: Int { core.outlet?.refusedMessageCount ?? 0 }

    /// How many dishes are in the group.
    public func memberCount(of group: Frame) async -> Int {
        (try? await core.countMembers(of: group.bytes).get()) ?? 0
    }

    /// How many dishes are in any group.
    public func memberCount() async -> Int { (try? await core.countMembers().get()) ?? 0 }

    /// Messages of groups that nobody was in, so that they went nowhere.
    public func unmatchedMessageCount() async -> Int {
        (try? await core.countUnmatchedMessages().get()) ?? 0
    }
}
