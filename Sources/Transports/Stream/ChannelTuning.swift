import NIOCore
import NIOPosix
import Wire

/// The channel options every kernel-socket transport shares.
struct ChannelTuning {
    let options: TransportOptions

    /// Large enough that one `writev` carries many runs, small enough that a stuck subscriber pins little.
    static let writeWaterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: 64 << 10,
        high: 256 << 10
    )

    /// A subscriber's connection only ever reads subscriptions; thousands of them must stay small.
    var readAllocator: any RecvByteBufferAllocator {
        options.expectsBulkReads
            ? AdaptiveRecvByteBufferAllocator(
                minimum: 2 << 10,
                initial: 64 << 10,
                maximum: 256 << 10
            )
            : AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 64 << 10)
    }

    /// Several reads per wake-up make one flush per subscriber carry more.
    var readCountPerWake: UInt { options.expectsBulkReads ? 8 : 2 }

    func apply(to channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.writeBufferWaterMark, value: Self.writeWaterMark)
        try options.setOption(.recvAllocator, value: readAllocator)
        try options.setOption(.maxMessagesPerRead, value: readCountPerWake)
        try options.setOption(.allowRemoteHalfClosure, value: false)
        if let byteCount = self.options.kernelSendByteCount {
            try options.setOption(.socketOption(.so_sndbuf), value: .init(byteCount))
        }
        if let byteCount = self.options.kernelReceiveByteCount {
            try options.setOption(.socketOption(.so_rcvbuf), value: .init(byteCount))
        }
    }
}

/// A listening NIO channel.
struct ChannelListener: Listener {
    let endpoint: Endpoint
    let channel: any Channel
    /// A file to remove afterwards, for ipc.
    var cleanUp: @Sendable () -> Void = {}

    func close() -> EventLoopFuture<Void> {
        let cleanUp = cleanUp
        return channel.close().always { _ in cleanUp() }
    }
}

extension ServerBootstrap {
    /// A bootstrap whose children become `ChannelStream`s.
    static func streams(
        on loops: LoopSet,
        options: TransportOptions,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner,
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> ServerBootstrap {
        ServerBootstrap(group: loops.home, childGroup: loops.group)
            .serverChannelOption(.backlog, value: Int32(options.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try configure(channel)
                    try ChannelTuning(options: options).apply(to: channel)
                    let stream = ChannelStream(
                        loop: channel.eventLoop,
                        farewellTime: options.farewellTime
                    )
                    stream.attach(accept(stream))
                    try channel.pipeline.syncOperations.addHandler(stream)
                }
            }
    }
}

extension ClientBootstrap {
    static func stream(
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner,
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(options.connectTimeout.nanoseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try configure(channel)
                    try ChannelTuning(options: options).apply(to: channel)
                    let stream = ChannelStream(
                        loop: channel.eventLoop,
                        farewellTime: options.farewellTime
                    )
                    stream.attach(attach(stream))
                    try channel.pipeline.syncOperations.addHandler(stream)
                }
            }
    }
}
