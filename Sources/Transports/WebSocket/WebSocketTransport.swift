import NIOCore
import NIOPosix
import Vocabulary
import ZMTP

/// ZMTP over WebSockets (RFC 45, RFC 39): HTTP opens the connection, and agrees on the mechanism; then each frame is a message.
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
        let bootstrap = ServerBootstrap.channels(on: loops, options: options, news: news) {
            try TCPTransport.configure($0, options)
            try WebSocketHost.install(
                in: $0,
                path: address.path,
                options: options,
                accept: accept
            )
        }
        return TCPTransport.bind(
            bootstrap,
            to: Endpoint(scheme: endpoint.scheme, address: address.place),
            suffix: address.target ?? "",
            on: loops.home
        )
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
        let request: WebSocketGuest.Request
        do {
            address = try WebSocketAddress(endpoint)
            place = Endpoint(scheme: endpoint.scheme, address: address.place)
            // What comes before a semicolon is where the connect comes from.
            let host = address.place.split(separator: ";").last.map(String.init) ?? address.place
            request = WebSocketGuest.Request(host: host, target: address.target ?? "/")
        } catch {
            return loop.makeFailedFuture(error)
        }
        let isOpen = loop.makePromise(of: Void.self)
        let bootstrap = ClientBootstrap.channel(on: loop, options: options) {
            try TCPTransport.configure($0, options)
            try WebSocketGuest.install(
                in: $0,
                request: request,
                endpoint: endpoint,
                options: options,
                isOpen: isOpen,
                attach: attach
            )
        }
        // One address of several that is tried in vain says nothing; when none answers, the connect does.
        TCPTransport.connect(bootstrap, to: place, on: loop).whenFailure { isOpen.fail($0) }
        return isOpen.futureResult
    }
}
