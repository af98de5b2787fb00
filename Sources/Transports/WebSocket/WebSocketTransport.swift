import NIOCore
import NIOPosix
import Vocabulary
import ZMTP

/// ZMTP over WebSockets (RFC 45, RFC 39): HTTP opens the connection, and agrees on the mechanism; then each frame is a message.
/// `wss` is the same over TLS.
struct WebSocketTransport: Transport {
    let isSecure: Bool

    func listen(
        at endpoint: Endpoint,
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<any Listener> {
        let address: WebSocketAddress
        do {
            address = try WebSocketAddress(endpoint)
        } catch {
            return loops.home.makeFailedFuture(error)
        }
        let place = Endpoint(scheme: endpoint.scheme, address: address.place)
        return tls(at: endpoint, on: loops.home, options: options).flatMap { tls in
            let tuning = TCPTuning(options: options, endpoint: endpoint)
            let bootstrap = ServerBootstrap.channels(
                on: loops,
                options: options,
                news: news,
                configureListener: { try tuning.apply(toListener: $0) }
            ) {
                try tuning.apply(toAccepted: $0)
                try tls?.install(in: $0)
                try WebSocketHost.install(
                    in: $0,
                    path: address.path,
                    options: options,
                    accept: accept
                )
            }
            return TCPTransport.bind(
                bootstrap,
                to: place,
                suffix: address.target ?? "",
                on: loops.home,
                options: options
            )
        }
    }

    /// `nil` where there is none.
    private func tls(
        at endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions
    ) -> EventLoopFuture<TLSSetup?> {
        guard isSecure else { return loop.makeSucceededFuture(nil) }
        return TLSSetup.server(options.tls, at: endpoint, on: loop).map { $0 }
    }

    /// `nil` where there is none.
    private func tls(
        to endpoint: Endpoint,
        host: String,
        on loop: any EventLoop,
        options: TransportOptions
    ) -> EventLoopFuture<TLSSetup?> {
        guard isSecure else { return loop.makeSucceededFuture(nil) }
        return TLSSetup.client(options.tls, to: endpoint, host: host, on: loop).map { $0 }
    }

    func checkDialled(_ endpoint: Endpoint) throws(EndpointError) {
        let address = try WebSocketAddress(endpoint)
        try TCPTransport.check(Endpoint(scheme: endpoint.scheme, address: address.place))
    }

    func dial(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<Void> {
        let address: WebSocketAddress
        let place: Endpoint
        let host: String
        do {
            address = try WebSocketAddress(endpoint)
            place = Endpoint(scheme: endpoint.scheme, address: address.place)
            host = try TCPAddress.dialled(place).host.description
        } catch {
            return loop.makeFailedFuture(error)
        }
        // What comes before a semicolon is where the connect comes from.
        let request = WebSocketGuest.Request(
            host: address.place.split(separator: ";").last.map(String.init) ?? address.place,
            target: address.target ?? "/"
        )
        return tls(to: endpoint, host: host, on: loop, options: options).flatMap { tls in
            TCPTransport.connect(to: place, on: loop, options: options) { channel in
                try tls?.install(in: channel)
                return try WebSocketGuest.install(
                    in: channel,
                    request: request,
                    endpoint: endpoint,
                    options: options,
                    attach: attach
                )
            }
        }
    }
}
