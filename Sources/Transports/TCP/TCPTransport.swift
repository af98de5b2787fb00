import Vocabulary
import Glibc
import NIOCore
import NIOPosix
import Wire

/// ZMTP over TCP (RFC 37); IPv4 and IPv6.
struct TCPTransport: Transport {
    func listen(
        at endpoint: Endpoint,
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<any Listener> {
        let bootstrap = ServerBootstrap.streams(
            on: loops,
            options: options,
            news: news,
            accept: accept
        ) {
            try Self.configure($0, options)
        }
        return Self.bind(bootstrap, to: endpoint, on: loops.home)
    }

    func checkDialled(_ endpoint: Endpoint) throws(EndpointError) {
        try Self.check(endpoint)
    }

    func dial(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<Void> {
        let bootstrap = ClientBootstrap.stream(on: loop, options: options, attach: attach) {
            try Self.configure($0, options)
        }
        return Self.connect(bootstrap, to: endpoint, on: loop).map { _ in }
    }
}

// MARK: - For every transport over TCP

extension TCPTransport {
    /// Binds where `endpoint` says; `suffix` is what else its kind has behind the port.
    static func bind(
        _ bootstrap: ServerBootstrap,
        to endpoint: Endpoint,
        suffix: String = "",
        on loop: any EventLoop
    ) -> EventLoopFuture<any Listener> {
        let address: SocketAddress
        do {
            address = try TCPAddress(endpoint).bindAddress(of: endpoint)
        } catch {
            return loop.makeFailedFuture(explain(error, endpoint))
        }
        return bootstrap.bind(to: address)
            .flatMapErrorThrowing { throw explain($0, endpoint) }
            .map { channel in
                var resolved = endpoint
                if let text = channel.localAddress?.endpointText { resolved.address = text }
                resolved.address += suffix
                return ChannelListener(endpoint: resolved, channel: channel)
            }
    }

    /// Refuses what no connect could ever reach.
    static func check(_ endpoint: Endpoint) throws(EndpointError) {
        let address = try TCPAddress.dialled(endpoint)
        do {
            _ = try address.dialAddresses(of: endpoint)
        } catch {
            throw error as? EndpointError
                ?? EndpointError(endpoint: endpoint.description, problem: "\(error)")
        }
    }

    static func connect(
        _ bootstrap: ClientBootstrap,
        to endpoint: Endpoint,
        on loop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        var bootstrap = bootstrap
        let address: TCPAddress
        let target: SocketAddress?
        let source: SocketAddress?
        do {
            address = try .dialled(endpoint)
            (target, source) = try address.dialAddresses(of: endpoint)
        } catch {
            return loop.makeFailedFuture(error)
        }
        if let source {
            // One port may be used towards several places, and again at once after a connection has ended.
            bootstrap = bootstrap.channelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(to: source)
        }
        // A number needs no look-up, which would come back from a thread of its own, maybe when the loop has ended.
        if let target { return bootstrap.connect(to: target) }
        return bootstrap.connect(host: address.host.description, port: address.port)
    }

    static func configure(_ channel: any Channel, _ options: TransportOptions) throws {
        guard let channelOptions = channel.syncOptions else { return }
        try channelOptions.setOption(.tcpOption(.tcp_nodelay), value: 1)
        if let idle = options.keepAlive {
            try channelOptions.setOption(.socketOption(.so_keepalive), value: 1)
            // Three probes in the same time again; the system's own would take eleven minutes.
            let seconds = max(1, idle.nanoseconds / 1_000_000_000)
            for (option, value) in [
                (TCP_KEEPIDLE, seconds), (TCP_KEEPINTVL, max(1, seconds / 3)), (TCP_KEEPCNT, 3),
            ] {
                try channelOptions.setOption(
                    .tcpOption(.init(rawValue: option)),
                    value: .init(value)
                )
            }
        }
    }

    private static func explain(_ error: any Error, _ endpoint: Endpoint) -> any Error {
        guard let failure = error as? IOError else {
            return error is EndpointError
                ? error
                : EndpointError(endpoint: endpoint.description, problem: "\(error)")
        }
        return EndpointError(endpoint: endpoint.description, problem: failure.explanation)
    }
}
