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
            accept: accept,
            configureListener: {
                try TCPTuning(options: options, endpoint: endpoint).apply(toListener: $0)
            },
            configure: {
                try TCPTuning(options: options, endpoint: endpoint).apply(toAccepted: $0)
            }
        )
        return Self.bind(bootstrap, to: endpoint, on: loops.home, options: options)
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
        Self.connect(to: endpoint, on: loop, options: options) { channel in
            try ChannelStream.install(in: channel, options: options, owner: attach)
            return nil
        }
    }
}

// MARK: - For every transport over TCP

extension TCPTransport {
    /// Binds where `endpoint` says; `suffix` is what else its kind has behind the port.
    static func bind(
        _ bootstrap: ServerBootstrap,
        to endpoint: Endpoint,
        suffix: String = "",
        on loop: any EventLoop,
        options: TransportOptions
    ) -> EventLoopFuture<any Listener> {
        let address: SocketAddress
        do {
            address = try TCPAddress(endpoint).bindAddress(of: endpoint, tcp: options.tcp)
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

    /// Connects once, through the proxy if there is one. `prepare` makes each channel that is tried what it is to be, and may
    /// give a future of its own for when that is done.
    static func connect(
        to endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        prepare: @escaping @Sendable (any Channel) throws -> EventLoopFuture<Void>?
    ) -> EventLoopFuture<Void> {
        // A name with several addresses has several channels, of which one wins.
        let openings = NIOLoopBoundBox(
            [ObjectIdentifier: [EventLoopFuture<Void>]](),
            eventLoop: loop
        )
        let way: TCPWay
        do {
            way = try TCPWay(to: endpoint, through: options.socksProxy)
        } catch {
            return loop.makeFailedFuture(error)
        }
        var bootstrap = ClientBootstrap.channel(on: loop, options: options) { channel in
            let tuning = TCPTuning(options: options, endpoint: endpoint)
            try tuning.applyDevice(to: channel)
            try tuning.apply(toConnection: channel)
            var futures = [try prepare(channel)]
            if let proxy = options.socksProxy {
                futures.append(
                    try SOCKSGuest.install(
                        in: channel,
                        proxy: proxy,
                        target: way.target,
                        endpoint: endpoint,
                        options: options
                    )
                )
            }
            openings.value[ObjectIdentifier(channel)] = futures.compactMap { $0 }
        }
        if let source = way.source {
            // One port may be used towards several places, and again at once after a connection has ended.
            bootstrap = bootstrap.channelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(to: source)
        }
        // A number needs no look-up, which would come back from a thread of its own, maybe when the loop has ended.
        let connected =
            way.address.map { bootstrap.connect(to: $0) }
            ?? bootstrap.connect(host: way.next.host.description, port: way.next.port)
        return connected.flatMap { channel in
            .andAllSucceed(openings.value[ObjectIdentifier(channel)] ?? [], on: loop)
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
