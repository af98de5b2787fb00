import Glibc
package import NIOCore
import Wire
package import ZMTP

/// A byte stream over a NIO channel; the last handler of its pipeline. Where nothing in the pipeline changes what is written, writes
/// go around it (decision 0040).
package final class ChannelStream: ChannelInboundHandler, ByteStream, @unchecked Sendable {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    // Confined to `loop`; that is what makes the unchecked conformance true.
    private var context: ChannelHandlerContext?
    private var owner: (any ByteStreamOwner)?
    private var failure: (any Error)?
    private var isFlushing = false
    /// What the channel said last: to ask it costs four reference counts.
    private var hasRoom = true
    /// Open while writes go around the pipeline.
    private var writer = DirectWriter()
    private let writesDirectly: Bool
    private var channelFlushCount = 0
    /// Whether the channel has what the kernel did not take at once, and so what follows it.
    private var isHandedOver = false
    /// Octets that arrived inside a flush, until the stack of the one who flushed is unwound.
    private var deferred: [ByteBuffer] = []
    private var farewell: Scheduled<Void>?
    private let farewellTime: TimeAmount
    package let loop: any EventLoop
    package let carriage: Carriage
    package private(set) var peerDescription = ""

    /// `writesDirectly`: nothing else in the pipeline changes what is written once the channel is active.
    package init(
        loop: any EventLoop,
        carriage: Carriage = .octets,
        writesDirectly: Bool = false,
        farewellTime: Duration
    ) {
        self.loop = loop
        self.carriage = carriage
        self.writesDirectly = writesDirectly
        self.farewellTime = .nanoseconds(farewellTime.nanoseconds)
    }

    /// Must be called before the channel is active.
    package func attach(_ owner: any ByteStreamOwner) {
        self.owner = owner
    }

    package var localDescription: String {
        guard let address = context?.channel.localAddress else { return "" }
        return address.endpointText ?? address.pathname ?? ""
    }

    package var isWritable: Bool {
        hasRoom && context != nil && writer.byteCount < ChannelTuning.writeWaterMark.high
    }

    /// By the kernel's count of what it has sent again and again: `struct tcp_info` begins with state, congestion state,
    /// retransmissions, probes, an octet each. A machine that is there but takes no more answers every probe.
    package var isAcknowledged: Bool {
        guard
            let head = try? context?.channel.syncOptions?.getOption(
                .tcpOption(.init(rawValue: TCP_INFO))
            )
        else { return true }
        return withUnsafeBytes(of: head) { octets in
            octets[2] < Self.retransmissionCountMax && octets[3] < Self.probeCountMax
        }
    }

    private static let retransmissionCountMax: UInt8 = 3
    private static let probeCountMax: UInt8 = 4

    package func write(_ buffer: ByteBuffer) {
        loop.assertInEventLoop()
        if writer.isOpen, !isHandedOver { return writer.append(buffer) }
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    package func flush() {
        loop.assertInEventLoop()
        if writer.isOpen, !isHandedOver {
            guard case .stopped = writer.flush() else { return }
            isHandedOver = true
            for piece in writer.takeRest() {
                context?.write(wrapOutboundOut(piece), promise: nil)
            }
        }
        flushChannel()
        if isHandedOver {
            isHandedOver = hasWaiting
        } else if writesDirectly {
            channelFlushCount += 1
            if channelFlushCount == Self.openingFlushCount { openWriter() }
        }
    }

    /// Whether the channel holds what it was given.
    private var hasWaiting: Bool {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) != 0
    }

    private func openWriter() {
        guard let context, context.channel.isActive else { return }
        try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { writer.open($0) }
        isHandedOver = hasWaiting
    }

    /// To find the descriptor costs about as much as a write: it is not done for a peer that is greeted and says nothing more.
    private static let openingFlushCount = 3

    private func flushChannel() {
        // A write that fails makes NIO read what is left, in the middle of the flush; the one who flushes may be in
        // the middle of an earlier read, so those octets wait their turn.
        isFlushing = true
        context?.flush()
        isFlushing = false
    }

    package func setReading(_ isReading: Bool) {
        loop.assertInEventLoop()
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    package func finish() {
        loop.assertInEventLoop()
        flush()
        guard let context else { return }
        let channel = context.channel
        // Only the outgoing half: a socket that is closed with octets it has not read resets the connection, and the
        // peer loses what was on its way. So the peer closes the other half, or time does.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            guard channel.isActive, self.farewell == nil else { return }
            self.setReading(true)
            self.farewell = self.loop.scheduleTask(in: self.farewellTime) {
                channel.close(promise: nil)
            }
            channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
        }
    }

    package func abort() {
        loop.assertInEventLoop()
        writer.close()
        context?.close(promise: nil)
    }
}

extension ChannelStream {
    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { channelActive(context: context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        writer.close()
        self.context = nil
        if deferred.isEmpty { owner = nil }
    }

    package func channelActive(context: ChannelHandlerContext) {
        guard peerDescription.isEmpty else { return }
        peerDescription = Self.describe(context.channel)
        owner?.handleOpen()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard isFlushing || !deferred.isEmpty else {
            owner?.handleBytes(buffer)
            return
        }
        deferred.append(buffer)
        if deferred.count == 1 { loop.execute { self.deliverDeferred() } }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if deferred.isEmpty { owner?.handleReadEnd() }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        hasRoom = context.channel.isWritable
        if hasRoom { owner?.handleWritable() }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        farewell?.cancel()
        writer.close()
        hasRoom = false
        if deferred.isEmpty { finishOwner() }
    }

    private func deliverDeferred() {
        let buffers = deferred
        deferred = []
        for buffer in buffers { owner?.handleBytes(buffer) }
        owner?.handleReadEnd()
        if context?.channel.isActive != true { finishOwner() }
    }

    private func finishOwner() {
        let owner = owner
        self.owner = nil
        owner?.handleClose(error: failure)
    }

    private static func describe(_ channel: any Channel) -> String {
        guard let address = channel.remoteAddress else { return "local" }
        switch address {
        case .unixDomainSocket: return "local process"
        case .v4, .v6: return address.endpointText ?? "?"
        }
    }
}
