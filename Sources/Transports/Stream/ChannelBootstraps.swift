import Vocabulary
import NIOCore
import NIOPosix
import Wire

/// A listening NIO channel.
struct ChannelListener: Listener {
    let endpoint: Endpoint
    let channel: any Channel
    /// Removes the file that ipc made, while it is still known to be ours.
    var cleanUp: @Sendable () -> Void = {}

    func close() -> EventLoopFuture<Void> {
        cleanUp()
        return channel.close()
    }
}

extension ChannelStream {
    /// Makes a new channel a stream; `owner` is told of it and gets its call-backs.
    fileprivate static func install(
        in channel: any Channel,
        options: TransportOptions,
        owner: (any ByteStream) -> any ByteStreamOwner,
        configure: (any Channel) throws -> Void
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try configure(channel)
            try ChannelTuning(options: options).apply(to: channel)
            let stream = ChannelStream(
                loop: channel.eventLoop,
                farewellTime: options.farewellTime
            )
            stream.attach(owner(stream))
            try channel.pipeline.syncOperations.addHandler(stream)
        }
    }
}

extension ServerBootstrap {
    /// A bootstrap whose children become `ChannelStream`s.
    static func streams(
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner,
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> ServerBootstrap {
        ServerBootstrap(group: loops.home, childGroup: loops.group)
            .serverChannelOption(.backlog, value: Int32(options.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Few, because a burst is not stopped in its middle when descriptors run out.
            .serverChannelOption(.maxMessagesPerRead, value: 4)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(news: news))
                }
            }
            .childChannelInitializer { channel in
                ChannelStream.install(
                    in: channel,
                    options: options,
                    owner: accept,
                    configure: configure
                )
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
                ChannelStream.install(
                    in: channel,
                    options: options,
                    owner: attach,
                    configure: configure
                )
            }
    }
}
