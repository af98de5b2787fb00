package import NIOCore
import NIOPosix

/// Channels for a protocol that is not ZMTP, such as a relay's control endpoint.
package enum PlainChannels {
    /// Listens; `prepare` is called for each connection that is accepted. When the process has no descriptor left, accepting
    /// pauses and goes on.
    package static func listen(
        at address: SocketAddress,
        group: any EventLoopGroup,
        backlog: Int32 = 64,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: backlog)
            .childChannelInitializer(prepare)
            .bind(to: address)
    }

    /// Connects, for `timeout` at most.
    package static func connect(
        to address: SocketAddress,
        loop: any EventLoop,
        timeout: TimeAmount,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer(prepare)
            .connect(to: address)
    }
}
