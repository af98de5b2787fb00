package import NIOCore
import NIOPosix
package import Vocabulary

/// A socket for datagrams at one `udp://` endpoint: the carrier of RADIO and DISH, and of DGRAM. There is no connection, no
/// handshake and no session.
///
///     send(octets) ──▶ datagram ──▶ the endpoint's place, or whoever was named
///     owner ◀── octets, sender ◀── datagram
///
/// Confined to its loop.
package final class DatagramPort: @unchecked Sendable {
    package typealias Receive = @Sendable (ByteBuffer, _ sender: SocketAddress) -> Void

    /// What became of a datagram that was to be sent.
    package enum Outcome: Equatable, Sendable {
        /// With the kernel, or on its way there.
        case sent
        /// The kernel takes no more for now: dropped, as datagrams are.
        case dropped
        /// Longer than `DatagramOptions.datagramByteCountMax`: `byteCount` octets.
        case tooLong(byteCount: Int)
        case closed
    }

    package let loop: any EventLoop
    /// Where it sends to, or receives from, with wildcards resolved.
    package let endpoint: Endpoint
    private let channel: any Channel
    private let target: SocketAddress?
    private let byteCountMax: Int

    private init(
        channel: any Channel,
        endpoint: Endpoint,
        target: SocketAddress?,
        byteCountMax: Int
    ) {
        self.channel = channel
        self.endpoint = endpoint
        self.target = target
        self.byteCountMax = byteCountMax
        loop = channel.eventLoop
    }

    /// Opens a port that sends to the endpoint. What comes back is received, too.
    package static func connect(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: DatagramOptions,
        receive: @escaping Receive
    ) -> EventLoopFuture<DatagramPort> {
        open(endpoint, on: loop, options, isBound: false, receive)
    }

    /// Opens a port that receives at the endpoint; one of a group joins it. `send` needs a target.
    package static func bind(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: DatagramOptions,
        receive: @escaping Receive
    ) -> EventLoopFuture<DatagramPort> {
        open(endpoint, on: loop, options, isBound: true, receive)
    }

    private static func open(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        _ options: DatagramOptions,
        isBound: Bool,
        _ receive: @escaping Receive
    ) -> EventLoopFuture<DatagramPort> {
        let plan: DatagramPlan
        do {
            plan = try DatagramPlan(endpoint, isBound: isBound)
        } catch {
            return loop.makeFailedFuture(error)
        }
        let byteCountMax = options.datagramByteCountMax
        let bootstrap = DatagramBootstrap(group: loop)
            .channelOption(.socketOption(.so_reuseaddr), value: plan.group == nil ? 0 : 1)
            .channelOption(
                .recvAllocator,
                // One octet more, to know what was too long.
                value: FixedSizeRecvByteBufferAllocator(capacity: byteCountMax + 1)
            )
            .channelOption(.writeBufferWaterMark, value: .init(low: 256 << 10, high: 1 << 20))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try plan.configure(channel, options)
                    try channel.pipeline.syncOperations.addHandler(
                        DatagramReceiver(byteCountMax: byteCountMax, receive: receive)
                    )
                }
            }
        return bootstrap.bind(to: plan.local).flatMap { channel in
            plan.join(channel).map { channel }
        }.flatMapErrorThrowing { error in
            throw EndpointRefusal(endpoint: endpoint)(
                (error as? IOError)?.explanation ?? "\(error)"
            )
        }.map { channel in
            var resolved = endpoint
            if isBound, plan.group == nil, let text = channel.localAddress?.endpointText {
                resolved.address = text
            }
            return DatagramPort(
                channel: channel,
                endpoint: resolved,
                target: plan.target,
                byteCountMax: byteCountMax
            )
        }
    }

    /// Sends one datagram; `target`: to whom, else to the endpoint's place.
    package func send(_ datagram: ByteBuffer, to target: SocketAddress? = nil) -> Outcome {
        loop.assertInEventLoop()
        guard datagram.readableBytes <= byteCountMax else {
            return .tooLong(byteCount: datagram.readableBytes)
        }
        guard channel.isActive else { return .closed }
        guard let address = target ?? self.target else {
            preconditionFailure("a datagram from a bound port needs a target")
        }
        guard channel.isWritable else { return .dropped }
        channel.writeAndFlush(
            AddressedEnvelope(remoteAddress: address, data: datagram),
            promise: nil
        )
        return .sent
    }

    package func close() -> EventLoopFuture<Void> {
        channel.close()
    }
}

/// Gives datagrams to the port's owner. Errors of single ones, such as nobody listening there, are nobody's.
private final class DatagramReceiver: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let byteCountMax: Int
    private let receive: DatagramPort.Receive

    init(byteCountMax: Int, receive: @escaping DatagramPort.Receive) {
        self.byteCountMax = byteCountMax
        self.receive = receive
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        // The kernel has cut it; half a message is none.
        guard envelope.data.readableBytes <= byteCountMax else { return }
        receive(envelope.data, envelope.remoteAddress)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
