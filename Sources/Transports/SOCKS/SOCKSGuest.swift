import NIOCore
import Vocabulary
import Wire

/// Talks to a SOCKS proxy before anything else of the channel hears that it is active; then it goes.
final class SOCKSGuest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var negotiation: SOCKSNegotiation
    private let endpoint: Endpoint
    private let time: TimeAmount
    private let isOpen: EventLoopPromise<Void>
    private var deadline: Scheduled<Void>?

    private init(
        _ negotiation: SOCKSNegotiation,
        endpoint: Endpoint,
        timeout: Duration,
        isOpen: EventLoopPromise<Void>
    ) {
        self.negotiation = negotiation
        self.endpoint = endpoint
        self.isOpen = isOpen
        time = .nanoseconds(timeout.nanoseconds)
    }

    /// Goes first in the pipeline. The future succeeds when the way to the target is open, and fails with what a log can say.
    static func install(
        in channel: any Channel,
        proxy: SOCKSProxy,
        target: TCPAddress,
        endpoint: Endpoint,
        options: TransportOptions
    ) throws -> EventLoopFuture<Void> {
        let guest = SOCKSGuest(
            SOCKSNegotiation(proxy: proxy, host: target.host.description, port: target.port),
            endpoint: endpoint,
            timeout: options.handshakeTimeout,
            isOpen: channel.eventLoop.makePromise(of: Void.self)
        )
        do {
            try channel.pipeline.syncOperations.addHandler(guest, position: .first)
        } catch {
            guest.isOpen.fail(error)
            throw error
        }
        return guest.isOpen.futureResult
    }

    func channelActive(context: ChannelHandlerContext) {
        let (isOpen, endpoint, channel) = (isOpen, endpoint, context.channel)
        deadline = context.eventLoop.scheduleTask(in: time) {
            isOpen.fail(EndpointRefusal(endpoint: endpoint)("the proxy did not answer in time"))
            channel.close(promise: nil)
        }
        send(negotiation.greeting, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch negotiation.handle(unwrapInboundIn(data).readableBytesView) {
        case .wait: break
        case .send(let octets): send(octets, context)
        case .open(let rest):
            deadline?.cancel()
            isOpen.succeed()
            context.fireChannelActive()
            if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: rest))) }
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        case .failed(let problem):
            fail(problem)
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        fail("the proxy closed the connection")
    }

    private func send(_ octets: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: octets)), promise: nil)
    }

    /// Changes nothing once the way is open.
    private func fail(_ problem: String) {
        isOpen.fail(EndpointRefusal(endpoint: endpoint)(problem))
    }
}
