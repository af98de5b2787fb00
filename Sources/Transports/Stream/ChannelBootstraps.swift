import Vocabulary
import NIOCore
import NIOPosix
import Wire
import ZMTP

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
    /// Makes a new channel a stream; `owner` is told of it and gets its call-backs. `writesDirectly` = `false` where other handlers
    /// change what is written.
    static func install(
        in channel: any Channel,
        options: TransportOptions,
        carriage: Carriage = .octets,
        writesDirectly: Bool = true,
        owner: (any ByteStream) -> any ByteStreamOwner
    ) throws {
        let stream = ChannelStream(
            loop: channel.eventLoop,
            carriage: carriage,
            writesDirectly: writesDirectly,
            farewellTime: options.farewellTime
        )
        stream.attach(owner(stream))
        try channel.pipeline.syncOperations.addHandler(stream)
    }
}

extension ServerBootstrap {
    /// A bootstrap whose children are tuned, and then prepared.
    static func channels(
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        configureListener: @escaping @Sendable (any Channel) throws -> Void = { _ in },
        prepare: @escaping @Sendable (any Channel) throws -> Void
    ) -> ServerBootstrap {
        ServerBootstrap(group: loops.home, childGroup: loops.group)
            .serverChannelOption(.backlog, value: Int32(options.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Few, because a burst is not stopped in its middle when descriptors run out.
            .serverChannelOption(.maxMessagesPerRead, value: 4)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try configureListener(channel)
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(news: news))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try ChannelTuning(options: options).apply(to: channel)
                    try prepare(channel)
                }
            }
    }

    /// A bootstrap whose children become `ChannelStream`s.
    static func streams(
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner,
        configureListener: @escaping @Sendable (any Channel) throws -> Void = { _ in },
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> ServerBootstrap {
        channels(
            on: loops,
            options: options,
            news: news,
            configureListener: configureListener
        ) { channel in
            try configure(channel)
            try ChannelStream.install(in: channel, options: options, owner: accept)
        }
    }
}

extension ClientBootstrap {
    /// A bootstrap whose channel is tuned, and then prepared.
    static func channel(
        on loop: any EventLoop,
        options: TransportOptions,
        prepare: @escaping @Sendable (any Channel) throws -> Void
    ) -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(options.connectTimeout.nanoseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try ChannelTuning(options: options).apply(to: channel)
                    try prepare(channel)
                }
            }
    }

    static func stream(
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner,
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> ClientBootstrap {
        channel(on: loop, options: options) { channel in
            try configure(channel)
            try ChannelStream.install(in: channel, options: options, owner: attach)
        }
    }
}
