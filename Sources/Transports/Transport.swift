package import NIOCore
package import Vocabulary

/// One way to carry a byte stream. A transport is a folder with a `…Transport.swift`, a listener and a dialler.
package protocol Transport: Sendable {
    /// Starts to listen. `accept` is called on the loop of each new stream, before it opens; the owner it returns gets
    /// the stream's call-backs. `news` hears on the home loop of pauses for want of descriptors.
    func listen(
        at endpoint: Endpoint,
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<any Listener>

    /// Refuses an endpoint that no `dial` could ever reach, so that the caller learns of it at once and not from a log.
    func checkDialled(_ endpoint: Endpoint) throws(EndpointError)

    /// Connects once. `attach` is called on `loop` before the stream opens.
    func dial(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<Void>
}

package protocol Listener: Sendable {
    /// The endpoint with wildcards resolved: what a peer can connect to.
    var endpoint: Endpoint { get }
    func close() -> EventLoopFuture<Void>
}

/// The loops a socket lives on: its own, and those its accepted connections are spread over.
package struct LoopSet: Sendable {
    package var home: any EventLoop
    package var group: any EventLoopGroup

    package init(home: any EventLoop, group: (any EventLoopGroup)? = nil) {
        self.home = home
        self.group = group ?? home
    }
}

/// What transports need to know; sizes in octets.
package struct TransportOptions: Sendable {
    package var connectTimeout: Duration = .seconds(10)
    package var backlog = 1_024
    package var kernelSendByteCount: Int?
    package var kernelReceiveByteCount: Int?
    package var reads = ReadExpectation.requests
    /// How long a peer that was sent everything may take to close its half.
    package var farewellTime: Duration = .seconds(1)
    /// What a transport that opens by itself (TLS, WebSocket) may take for that.
    package var handshakeTimeout: Duration = .seconds(30)
    /// The largest frame a peer may send, where the transport must keep it.
    package var messageByteCountMax = Int.max
    /// The security mechanism, for transports that agree on it before the session begins.
    package var mechanism = "NULL"
    /// Whether peers are judged by an authenticator, so that none may come without a mechanism.
    package var isAuthenticating = false
    package var tls = TLSOptions()
    package var tcp = TCPOptions()
    package var ipc = IPCOptions()
    package var datagrams = DatagramOptions()
    /// Through which connects over TCP go; `nil` = they go by themselves.
    package var socksProxy: SOCKSProxy?
    /// TCP keep-alive probes after this idle time; a peer that answers none is gone after twice as long. `nil` = none.
    package var keepAlive: Duration?

    package init() {}
}

extension Endpoint.Scheme {
    /// The registry: a new transport is one line here and a folder. Multicast and datagrams are no streams: `nil`.
    package var transport: (any Transport)? {
        switch self {
        case .tcp: TCPTransport()
        case .ipc: IPCTransport()
        case .inproc: InprocTransport()
        case .ws: WebSocketTransport(isSecure: false)
        case .wss: WebSocketTransport(isSecure: true)
        case .vsock: VsockTransport()
        case .fd: DescriptorTransport()
        case .pgm, .epgm, .udp: nil
        }
    }
}
