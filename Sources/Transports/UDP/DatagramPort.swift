import Glibc
package import NIOCore
import NIOPosix
package import Vocabulary

/// A socket for datagrams at one `udp://` endpoint: the carrier of RADIO and DISH, and of DGRAM. There is no connection, no
/// handshake and no session.
///
///     send(octets) ──▶ datagram ──▶ the endpoint's place, or whoever was named
///     owner ◀── octets, sender ◀── datagram
///
/// NIO's channel owns the descriptor and reads. What is sent goes around its pipeline: a datagram channel that cannot send, because a
/// cable was pulled, closes (docs/decisions/0008-packets-go-around-the-pipeline.md), and datagrams have no errors that concern the next one.
/// Confined to its loop.
package final class DatagramPort: @unchecked Sendable {
    package enum Arrival: Sendable {
        case datagram(ByteBuffer, from: SocketAddress)
        /// One that was longer than `DatagramOptions.datagramByteCountMax`: half a message is none.
        case tooLong
    }

    package typealias Receive = @Sendable (Arrival) -> Void

    /// What became of a datagram that was to be sent.
    package enum Outcome: Equatable, Sendable {
        /// With the kernel.
        case sent
        /// The kernel takes no more for now.
        case full
        /// The kernel knows no way there.
        case unroutable
        /// Longer than `DatagramOptions.datagramByteCountMax`.
        case tooLong
        case closed
    }

    package let loop: any EventLoop
    /// Where it sends to, or receives from, with wildcards resolved.
    package let endpoint: Endpoint
    private let channel: any Channel
    private let descriptor: CInt
    private let target: SocketAddress?
    private let byteCountMax: Int

    private init(
        channel: any Channel,
        descriptor: CInt,
        endpoint: Endpoint,
        target: SocketAddress?,
        byteCountMax: Int
    ) {
        self.channel = channel
        self.descriptor = descriptor
        self.endpoint = endpoint
        self.target = target
        self.byteCountMax = byteCountMax
        loop = channel.eventLoop
    }

    /// Opens a port that sends to the endpoint. What comes back is received, too. A name is looked up here and now, on this thread.
    package static func connect(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        receive: @escaping Receive
    ) -> EventLoopFuture<DatagramPort> {
        open(endpoint, on: loop, options, isBound: false, receive)
    }

    /// Opens a port that receives at the endpoint; one of a group joins it. `send` needs a target.
    package static func bind(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        receive: @escaping Receive
    ) -> EventLoopFuture<DatagramPort> {
        open(endpoint, on: loop, options, isBound: true, receive)
    }

    private static func open(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        _ options: TransportOptions,
        isBound: Bool,
        _ receive: @escaping Receive
    ) -> EventLoopFuture<DatagramPort> {
        let refuse = EndpointRefusal(endpoint: endpoint)
        let plan: DatagramPlan
        let descriptor: CInt
        do {
            plan = try DatagramPlan(endpoint, isBound: isBound)
            descriptor = try plan.makeSocket(options)
        } catch let error as IOError {
            let isUnknown = error.errnoCode == ENODEV
            return loop.makeFailedFuture(
                refuse(
                    isUnknown
                        ? "this machine has no such interface; " + LocalInterfaces.known
                        : error.explanation
                )
            )
        } catch {
            return loop.makeFailedFuture(error)
        }
        let byteCountMax = options.datagrams.datagramByteCountMax
        return DatagramBootstrap(group: loop)
            .channelOption(.maxMessagesPerRead, value: 16)
            .channelOption(
                .recvAllocator,
                // One octet more, to know what was too long.
                value: FixedSizeRecvByteBufferAllocator(capacity: byteCountMax + 1)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DatagramReceiver(byteCountMax: byteCountMax, receive: receive)
                    )
                }
            }
            .withBoundSocket(descriptor)
            .map { channel in
                var resolved = endpoint
                if isBound, plan.group == nil, let text = channel.localAddress?.endpointText {
                    resolved.address = text
                }
                return DatagramPort(
                    channel: channel,
                    descriptor: descriptor,
                    endpoint: resolved,
                    target: plan.target,
                    byteCountMax: byteCountMax
                )
            }
    }

    /// Sends one datagram; `target`: to whom, else to the endpoint's place.
    package func send(
        _ datagram: UnsafeRawBufferPointer,
        to target: SocketAddress? = nil
    ) -> Outcome {
        loop.assertInEventLoop()
        guard datagram.count <= byteCountMax else { return .tooLong }
        guard channel.isActive else { return .closed }
        guard let address = target ?? self.target else {
            preconditionFailure("a datagram from a bound port needs a target")
        }
        let sentByteCount = address.withSockAddr {
            sendto(descriptor, datagram.baseAddress, datagram.count, 0, $0, socklen_t($1))
        }
        guard sentByteCount < 0 else { return .sent }
        switch errno {
        case EAGAIN, ENOBUFS, ENOMEM: return .full
        case EMSGSIZE: return .tooLong
        default: return .unroutable
        }
    }

    /// How many datagrams the kernel has dropped because this side did not read them fast enough.
    package var kernelDropCount: Int {
        loop.assertInEventLoop()
        guard channel.isActive else { return 0 }
        // SO_MEMINFO, of which the last number is SK_MEMINFO_DROPS (linux/sock_diag.h).
        var numbers = [UInt32](repeating: 0, count: 9)
        var byteCount = socklen_t(numbers.count * MemoryLayout<UInt32>.size)
        let outcome = getsockopt(descriptor, SOL_SOCKET, 55, &numbers, &byteCount)
        return outcome == 0 ? Int(numbers[8]) : 0
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
        guard envelope.data.readableBytes <= byteCountMax else { return receive(.tooLong) }
        receive(.datagram(envelope.data, from: envelope.remoteAddress))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
