import Glibc
import NIOCore
import NIOPosix
import SocketTestSupport
import Testing
import Vocabulary
import ZMTP

@testable import Transports

/// What `TCPOptions` make of a kernel's socket, asked of the kernel.
@Suite(.sockets, .timeLimit(.minutes(1))) struct TCPTuningTests {
    private static let levelTCP = Int32(IPPROTO_TCP)

    /// The options of a connection to `endpoint`.
    private static func values(
        _ options: TransportOptions,
        _ endpoint: Endpoint,
        _ asked: [(level: Int32, name: Int32)]
    ) async throws -> [Int] {
        let address = try TCPAddress.dialled(endpoint)
        let channel = try await ClientBootstrap(group: SharedEventLoops.group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tuning = TCPTuning(options: options, endpoint: endpoint)
                    try tuning.applyDevice(to: channel)
                    try tuning.apply(toConnection: channel)
                }
            }
            .connect(host: address.host.description, port: address.port).get()
        var values: [Int] = []
        for (level, name) in asked {
            let value = try await channel.getOption(
                ChannelOptions.Types.SocketOption(
                    level: .init(rawValue: level),
                    name: .init(rawValue: name)
                )
            ).get()
            values.append(Int(value))
        }
        try await channel.close()
        return values
    }

    @Test func `the kernel has what was asked for`() async throws {
        var options = TransportOptions()
        options.keepAlive = .seconds(60)
        options.tcp.keepAliveInterval = .seconds(7)
        options.tcp.keepAliveProbeCount = 5
        options.tcp.unacknowledgedTimeout = .milliseconds(12_345)
        options.tcp.dscp = 46
        options.tcp.priority = 6
        options.tcp.device = "lo"
        let publisher = TestSocket(.pub)
        let endpoint = try await publisher.bind()
        let values = try await Self.values(
            options,
            endpoint,
            [
                (SOL_SOCKET, SO_KEEPALIVE), (Self.levelTCP, TCP_KEEPIDLE),
                (Self.levelTCP, TCP_KEEPINTVL), (Self.levelTCP, TCP_KEEPCNT),
                (Self.levelTCP, TCP_USER_TIMEOUT), (Int32(IPPROTO_IP), IP_TOS),
                (SOL_SOCKET, SO_PRIORITY), (Self.levelTCP, TCP_NODELAY),
            ]
        )
        #expect(values == [1, 60, 7, 5, 12_345, 184, 6, 1])
        try await publisher.close()
    }

    @Test func `what is not asked for is the system's`() async throws {
        let publisher = TestSocket(.pub)
        let endpoint = try await publisher.bind()
        let values = try await Self.values(
            TransportOptions(),
            endpoint,
            [
                (SOL_SOCKET, SO_KEEPALIVE), (Self.levelTCP, TCP_USER_TIMEOUT),
                (Int32(IPPROTO_IP), IP_TOS), (Self.levelTCP, TCP_NODELAY),
            ]
        )
        #expect(values == [0, 0, 0, 1])
        try await publisher.close()
    }

    @Test func `sockets carry the options through`() async throws {
        var options = TransportOptions()
        options.tcp.dscp = 10
        options.tcp.device = "lo"
        options.tcp.unacknowledgedTimeout = .seconds(30)
        let publisher = TestSocket(.pub, transport: options)
        let endpoint = try await publisher.bind()
        let subscriber = TestSocket(.sub, transport: options)
        try subscriber.hub.connect(endpoint)
        #expect(try await subscriber.owner.nextMessage() == Octets.frame("answer hello"))
        try await subscriber.close()
        try await publisher.close()
    }

    @Test func `an interface that is not there is named`() async throws {
        var options = TransportOptions()
        options.tcp.device = "nothere0"
        let publisher = TestSocket(.pub, transport: options)
        let error = await #expect(throws: EndpointError.self) { try await publisher.bind() }
        #expect(
            error?.problem.hasPrefix(
                "tcp.device: this machine has no interface 'nothere0'; there are lo"
            ) == true,
            "\(String(describing: error))"
        )
        try await publisher.close()
    }

    @Test func `both families reach a wildcard that takes both`() async throws {
        var options = TransportOptions()
        options.tcp.isDualStack = true
        let publisher = TestSocket(.pub, transport: options)
        let port = try #require(try await publisher.bind("tcp://*:*").port)
        try await TestSocket.proveHealthy(Endpoint("tcp://127.0.0.1:\(port)"))
        try await TestSocket.proveHealthy(Endpoint("tcp://[::1]:\(port)"))
        try await publisher.close()
    }

    @Test(arguments: ["127.0.0.1", "[::1]"])
    func `a name of both families is tried in both`(host: String) async throws {
        // `localhost` is ::1 and 127.0.0.1; only one of them answers.
        let publisher = TestSocket(.pub)
        let port = try #require(try await publisher.bind("tcp://\(host):*").port)
        let names = try SocketAddress.makeAddressResolvingHost("localhost", port: port)
        if host == "127.0.0.1" || names.protocol == .inet6 {
            try await TestSocket.proveHealthy(Endpoint("tcp://localhost:\(port)"))
        }
        try await publisher.close()
    }

    @Test func `options have bounds`() {
        func problem(_ set: (inout TCPOptions) -> Void) -> String? {
            var options = TCPOptions()
            set(&options)
            return options.problem
        }
        #expect(problem { _ in } == nil)
        #expect(
            problem { $0.keepAliveInterval = .milliseconds(999) }?.contains("keepAliveInterval")
                == true
        )
        #expect(problem { $0.keepAliveProbeCount = 0 }?.contains("keepAliveProbeCount") == true)
        #expect(
            problem { $0.unacknowledgedTimeout = .zero }?.contains("unacknowledgedTimeout") == true
        )
        #expect(problem { $0.dscp = 64 }?.contains("dscp") == true)
        #expect(problem { $0.priority = -1 }?.contains("priority") == true)
        #expect(problem { $0.device = "0123456789abcdef" }?.contains("device") == true)
        #expect(problem { $0.busyPollTime = .seconds(-1) }?.contains("busyPollTime") == true)
    }

    private static func ipc(_ set: (inout IPCOptions) -> Void) -> IPCOptions {
        var options = IPCOptions()
        set(&options)
        return options
    }

    @Test func `a peer of ipc is let in by user, group or process`() async throws {
        let cases = [
            (Self.ipc { $0.admittedUserIDs = [getuid()] }, true),
            (Self.ipc { $0.admittedProcessIDs = [getpid()] }, true),
            (Self.ipc { $0.admittedGroupIDs = [getgid()] }, true),
            (Self.ipc { $0.admittedUserIDs = [getuid() + 1] }, false),
            (
                Self.ipc {
                    $0.admittedUserIDs = [getuid() + 1]
                    $0.admittedGroupIDs = [getgid()]
                }, true
            ),
        ]
        for (admitted, isAdmitted) in cases {
            var options = TransportOptions()
            options.ipc = admitted
            let publisher = TestSocket(.pub, transport: options)
            let endpoint = try await publisher.bind("ipc://*")
            if isAdmitted {
                try await TestSocket.proveHealthy(endpoint)
            } else {
                let peer = try await RawPeer.connect(to: endpoint)
                try await peer.closed()
                #expect(publisher.openCount.value == 0)
            }
            try await publisher.close()
        }
    }
}
