import DataPlane
import NIOCore
import Transports
import ZMTP

/// DGRAM: datagrams to and from programs that need not know ZeroMQ, at one `udp://` endpoint (a draft of libzmq).
///
///     let datagrams = RawDatagrams()
///     try await datagrams.bind("udp://*:5556")
///     for await message in datagrams.messages {
///         try datagrams.send([message[0], "got \(message[1].count) octets"])
///     }
///
/// A message has two frames, an address, as in `192.168.1.7:5556` or `[fd00::7]:5556`, and what the datagram holds. One that is received
/// has the address of its sender. A socket that is connected sends to its endpoint what has an empty address. Nothing says whether a
/// datagram has arrived.
public final class RawDatagrams: PeerSocket, ReceivingSocket, @unchecked Sendable {
    private let core: DatagramCore

    public init(options: SocketOptions = SocketOptions()) {
        core = DatagramCore(options: options)
        super.init(core: core, options: options)
    }

    /// Queues a datagram. Never waits; when the socket's own queue is full the message is refused, and counted.
    ///
    /// - Throws: `ZeroMQError`: `multipart` for a message that has not two frames; `unroutable` for what is no address, or an empty one
    ///   where nothing is connected; `tooLong`.
    public func send(_ message: Message) throws(ZeroMQError) {
        try check(message)
        _ = core.tryAppend(message.encoded, isLast: true)
    }

    /// Queues a datagram unless the queue is full.
    ///
    /// - Throws: as `send`.
    public func trySend(_ message: Message) throws(ZeroMQError) -> SendOutcome {
        try check(message)
        return SendOutcome(core.tryAppend(message.encoded))
    }

    /// Queues a datagram, waiting for room as long as needed; a cancelled task queues nothing.
    ///
    /// - Throws: as `send`; `cancelled`; `closed`.
    public func sendWaiting(_ message: Message) async throws(ZeroMQError) {
        try check(message)
        try await core.append(message.encoded)
    }

    /// Whether `trySend` would queue a datagram now.
    public var isWritable: Bool { engine.isWritable }

    /// Messages `send` refused because the socket's own queue was full.
    public var refusedMessageCount: Int { core.outlet?.refusedMessageCount ?? 0 }

    private func check(_ message: Message) throws(ZeroMQError) {
        guard core.fits(message.encoded) else {
            throw ZeroMQError(
                .multipart,
                "a message of a DGRAM has two frames, an address and what is sent there"
            )
        }
        guard core.ports.isOpen else {
            throw ZeroMQError(.unroutable, "the socket has no endpoint yet; bind or connect it")
        }
        let address = message[0]
        if address.count == 0 {
            guard core.ports.hasTarget else {
                throw ZeroMQError(
                    .unroutable,
                    "an empty address is that of the connected endpoint, and there is none"
                )
            }
        } else if SocketAddress(endpointText: address.withUnsafeBytes { DatagramCore.text($0) })
            == nil
        {
            throw ZeroMQError(
                .unroutable,
                "'\(address)' is not an address and a port, as in 192.168.1.7:5556 or [fd00::7]:5556"
            )
        }
        try core.ports.check(byteCount: message[1].count)
    }
}
