package import NIOCore

/// A byte stream over a NIO channel; the last handler of its pipeline.
package final class ChannelStream: ChannelInboundHandler, ByteStream, @unchecked Sendable {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    // Confined to `loop`; that is what makes the unchecked conformance true.
    private var context: ChannelHandlerContext?
    private var owner: (any ByteStreamOwner)?
    private var failure: (any Error)?
    package let loop: any EventLoop
    package private(set) var peerDescription = ""

    package init(loop: any EventLoop) {
        self.loop = loop
    }

    /// Must be called before the channel is active.
    package func attach(_ owner: any ByteStreamOwner) {
        self.owner = owner
    }

    package var isWritable: Bool { context?.channel.isWritable ?? false }

    package func write(_ buffer: ByteBuffer) {
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    package func flush() {
        context?.flush()
    }

    package func setReading(_ isReading: Bool) {
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    package func finish() {
        guard let context else { return }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    package func abort() {
        context?.close(promise: nil)
    }
}

extension ChannelStream {
    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { channelActive(context: context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        owner = nil
    }

    package func channelActive(context: ChannelHandlerContext) {
        guard peerDescription.isEmpty else { return }
        peerDescription = Self.describe(context.channel)
        owner?.handleOpen()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        owner?.handleBytes(unwrapInboundIn(data))
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        owner?.handleReadEnd()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { owner?.handleWritable() }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        let owner = owner
        self.owner = nil
        owner?.handleClose(error: failure)
    }

    private static func describe(_ channel: any Channel) -> String {
        guard let address = channel.remoteAddress else { return "local" }
        switch address {
        case .unixDomainSocket: return "local process"
        default:
            let host = address.ipAddress ?? "?"
            let port = address.port.map(String.init) ?? "?"
            return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
