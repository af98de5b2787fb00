package import Vocabulary
import Glibc
import NIOCore
import NIOPosix
import Transports

/// The other end of a TCP connection without any ZMTP: it sends the octets it is told to, and keeps those that come.
package final class RawPeer: Sendable {
    private let channel: any Channel
    private let log: OctetLog

    private init(_ channel: any Channel, _ log: OctetLog) {
        self.channel = channel
        self.log = log
    }

    /// Connects to a resolved `tcp://` or `ipc://` endpoint. One that is not `isReading` leaves everything in the kernel.
    package static func connect(
        to endpoint: Endpoint,
        isReading: Bool = true
    ) async throws -> RawPeer {
        let log = OctetLog()
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: isReading)
            .channelOption(.socketOption(.so_rcvbuf), value: 64 << 10)
            .channelInitializer { channel in channel.pipeline.addHandler(log) }
        let channel: any Channel
        if endpoint.scheme == .ipc {
            channel = try await bootstrap.connect(unixDomainSocketPath: endpoint.address).get()
        } else {
            guard let colon = endpoint.address.lastIndex(of: ":"),
                let port = Int(endpoint.address[endpoint.address.index(after: colon)...])
            else { throw TimedOut(awaited: "endpoint with a port") }
            let host = endpoint.address[..<colon].filter { $0 != "[" && $0 != "]" }
            channel = try await bootstrap.connect(host: String(host), port: port).get()
        }
        return RawPeer(channel, log)
    }

    /// Reads from now on, for one that did not.
    package func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Returns when the octets are with the kernel.
    package func send(_ bytes: some Sequence<UInt8> & Sendable) async throws {
        let buffer = ByteBuffer(bytes: bytes)
        try await within("octets taken by the kernel") {
            try await self.channel.writeAndFlush(buffer).get()
        }
    }

    /// The next `count` octets.
    package func receive(_ count: Int) async throws -> [UInt8] {
        try await within("\(count) octets") {
            try await self.channel.eventLoop.flatSubmit {
                self.log.take(count, on: self.channel.eventLoop)
            }.get()
        }
    }

    /// Everything that comes until the other end closes.
    package func receiveAll() async throws -> [UInt8] {
        try await closed()
        return try await channel.eventLoop.submit { self.log.takeAll() }.get()
    }

    /// Returns when the other end has closed.
    package func closed() async throws {
        try await within("close by the other end") { try await self.channel.closeFuture.get() }
    }

    package func close() async {
        try? await channel.close().get()
    }

    /// Closes so that the other end sees a reset.
    package func reset() async throws {
        guard let options = channel as? any SocketOptionProvider else { return }
        try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        await close()
    }
}

/// Confined to its channel's loop.
private final class OctetLog: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private var octets = ByteBuffer()
    private var isClosed = false
    private var waiting: (count: Int, promise: EventLoopPromise<[UInt8]>)?

    func take(_ count: Int, on loop: any EventLoop) -> EventLoopFuture<[UInt8]> {
        let promise = loop.makePromise(of: [UInt8].self)
        waiting = (count, promise)
        answer()
        return promise.futureResult
    }

    func takeAll() -> [UInt8] {
        octets.readBytes(length: octets.readableBytes) ?? []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        octets.writeImmutableBuffer(unwrapInboundIn(data))
        answer()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        waiting?.promise.fail(ChannelError.eof)
        waiting = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer() {
        guard let (count, promise) = waiting else { return }
        if let bytes = octets.readBytes(length: count) {
            promise.succeed(bytes)
        } else if isClosed {
            promise.fail(ChannelError.eof)
        } else {
            return
        }
        waiting = nil
    }
}
