import NIOCore
import NIOPosix
import SocketTestSupport
import Synchronization
import Testing
import Transports
import ZeroMQ

/// Connects through a SOCKS 5 proxy (RFC 1928), which the test is.
@Suite(.sockets, .timeLimit(.minutes(1))) struct SOCKSProxyTests {
    @Test(arguments: ["tcp", "ws"], [nil, "secret"])
    func `messages go both ways through a proxy`(scheme: String, password: String?) async throws {
        let proxy = try await TestProxy(user: password.map { _ in "me" }, password: password)
        let publisher = XPublisher()
        let port = try #require(try await publisher.bind("\(scheme)://127.0.0.1:*").port)
        let subscriber = XSubscriber(
            options: SocketOptions {
                $0.socksProxy = SOCKSProxy(
                    proxy.address,
                    user: password.map { _ in "me" },
                    password: password
                )
            }
        )
        // The proxy alone knows who this is.
        try await subscriber.connect("\(scheme)://publisher.example:\(port)")
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        for number in 0..<1000 { publisher.send("\(number)") }
        #expect(try await subscriber.receiveTexts(1000) == (0..<1000).map(String.init))
        try await subscriber.send("up")
        try await publisher.awaitNews(.message("up"))
        #expect(proxy.asked == ["publisher.example"])
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
        try await proxy.close()
    }

    @Test func `a proxy that refuses is said to, and asked again`() async throws {
        let proxy = try await TestProxy(user: "me", password: "secret")
        let subscriber = Subscriber(
            options: SocketOptions {
                $0.socksProxy = SOCKSProxy(proxy.address, user: "me", password: "wrong")
                $0.reconnectInitial = .milliseconds(1)
            }
        )
        let events = subscriber.events
        try await subscriber.connect("tcp://publisher.example:5556")
        let reasons = try await within("two failures") {
            var reasons: [String] = []
            for await event in events {
                if case .retrying(_, let reason, _) = event { reasons.append(reason) }
                if reasons.count == 2 { break }
            }
            return reasons
        }
        let refusal = "the proxy refused the user name or the password"
        #expect(reasons == [refusal, refusal])
        try await subscriber.closeInTime()
        try await proxy.close()
    }

    @Test func `a proxy that says nothing is given up in time`() async throws {
        let silent = Subscriber()
        let endpoint = try await silent.bind("tcp://127.0.0.1:*")
        let subscriber = Subscriber(
            options: SocketOptions {
                // It speaks, and not SOCKS: its greeting begins with FF.
                $0.socksProxy = SOCKSProxy(endpoint.address)
                $0.handshakeTimeout = .seconds(10)
            }
        )
        let events = subscriber.events
        try await subscriber.connect("tcp://publisher.example:5556")
        let reason = try await within("failure") {
            for await event in events {
                if case .retrying(_, let reason, _) = event { return reason }
            }
            return ""
        }
        #expect(reason == "the proxy does not speak SOCKS 5")
        try await subscriber.closeInTime()
        try await silent.closeInTime()
    }
}

/// A SOCKS 5 proxy for names, which are all 127.0.0.1.
private final class TestProxy: Sendable {
    private let channel: any Channel
    private let names = Mutex<[String]>([])

    /// The names it was asked for.
    var asked: [String] { names.withLock { $0 } }

    var address: String { "127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    init(user: String?, password: String?) async throws {
        let box = Mutex<TestProxy?>(nil)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let client = ProxyClient(user: user, password: password) { name in
                        box.withLock { $0 }?.names.withLock { $0.append(name) }
                    }
                    try channel.pipeline.syncOperations.addHandler(client)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        box.withLock { $0 = self }
    }

    func close() async throws {
        try await channel.close()
    }
}

/// One connection of the proxy. Confined to its loop.
private final class ProxyClient: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private enum State {
        case methods, password, request, open(any Channel)
    }

    private let user: String?
    private let password: String?
    private let onName: @Sendable (String) -> Void
    private var state = State.methods
    private var received = ByteBuffer()

    init(user: String?, password: String?, onName: @escaping @Sendable (String) -> Void) {
        self.user = user
        self.password = password
        self.onName = onName
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while step(context) {}
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .open(let target) = state { target.close(promise: nil) }
    }

    /// Whether there may be more to do.
    private func step(_ context: ChannelHandlerContext) -> Bool {
        let bytes = Array(received.readableBytesView)
        switch state {
        case .methods:
            guard bytes.count >= 2, bytes.count >= 2 + Int(bytes[1]) else { return false }
            received.moveReaderIndex(forwardBy: 2 + Int(bytes[1]))
            state = user == nil ? .request : .password
            answer([5, user == nil ? 0 : 2], context.channel)
        case .password:
            guard let user, let password else { return false }
            let right =
                [1, UInt8(user.utf8.count)] + user.utf8 + [UInt8(password.utf8.count)]
                + password.utf8
            guard bytes.count >= 3 + user.utf8.count else { return false }
            received.clear()
            answer([1, bytes == right ? 0 : 1], context.channel)
            state = .request
        case .request:
            guard bytes.count >= 5, bytes.count >= 7 + Int(bytes[4]) else { return false }
            received.moveReaderIndex(forwardBy: 7 + Int(bytes[4]))
            let end = 5 + Int(bytes[4])
            onName(String(decoding: bytes[5..<end], as: UTF8.self))
            dial(port: Int(bytes[end]) << 8 | Int(bytes[end + 1]), context.channel)
            return false
        case .open(let target):
            target.writeAndFlush(received, promise: nil)
            received = ByteBuffer()
            return false
        }
        return true
    }

    private func dial(port: Int, _ channel: any Channel) {
        ClientBootstrap(group: channel.eventLoop)
            .channelInitializer { target in
                target.eventLoop.makeCompletedFuture {
                    try target.pipeline.syncOperations.addHandler(ProxyTarget(client: channel))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .whenSuccess { target in
                self.state = .open(target)
                self.answer([5, 0, 0, 1, 127, 0, 0, 1, 0, 0], channel)
            }
    }

    private func answer(_ octets: [UInt8], _ channel: any Channel) {
        channel.writeAndFlush(ByteBuffer(bytes: octets), promise: nil)
    }
}

/// What comes from behind the proxy.
private final class ProxyTarget: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let client: any Channel

    init(client: any Channel) {
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        client.close(promise: nil)
    }
}
