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
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<any Listener> {
        let address: SocketAddress
        do {
            let devices = (try? System.enumerateDevices()) ?? []
            address = try TCPAddress(endpoint).bindAddress(devices: devices)
        } catch {
            return loops.home.makeFailedFuture(Self.explain(error, endpoint))
        }
        return ServerBootstrap.streams(on: loops, options: options, accept: accept) {
            try Self.configure($0, options)
        }
        .bind(to: address)
        .flatMapErrorThrowing { throw Self.explain($0, endpoint) }
        .map { channel in
            let resolved = Self.resolved(channel.localAddress, from: endpoint)
            return ChannelListener(endpoint: resolved, channel: channel)
        }
    }

    func checkDialled(_ endpoint: Endpoint) throws(EndpointError) {
        _ = try TCPAddress.dialled(endpoint)
    }

    func dial(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<Void> {
        let address: TCPAddress
        do { address = try .dialled(endpoint) } catch { return loop.makeFailedFuture(error) }
        // Connecting to the wildcard means this machine, as libzmq's users expect.
        let host = if case .name(let name) = address.host { name } else { "127.0.0.1" }
        let bootstrap = ClientBootstrap.stream(on: loop, options: options, attach: attach) {
            try Self.configure($0, options)
        }
        // A number needs no look-up, which would come back from a thread of its own, maybe when the loop has ended.
        if let literal = try? SocketAddress(ipAddress: host, port: address.port) {
            return bootstrap.connect(to: literal).map { _ in }
        }
        return bootstrap.connect(host: host, port: address.port).map { _ in }
    }

    private static func configure(_ channel: any Channel, _ options: TransportOptions) throws {
        guard let channelOptions = channel.syncOptions else { return }
        try channelOptions.setOption(.tcpOption(.tcp_nodelay), value: 1)
        if let idle = options.keepAlive {
            try channelOptions.setOption(.socketOption(.so_keepalive), value: 1)
            let seconds = max(1, idle.nanoseconds / 1_000_000_000)
            try channelOptions.setOption(
                .tcpOption(.init(rawValue: TCP_KEEPIDLE)),
                value: .init(seconds)
            )
        }
    }

    private static func resolved(_ address: SocketAddress?, from endpoint: Endpoint) -> Endpoint {
        guard let ip = address?.ipAddress, let port = address?.port else { return endpoint }
        let host = ip.contains(":") ? "[\(ip)]" : ip
        return Endpoint(scheme: .tcp, address: "\(host):\(port)")
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
