import SocketTestSupport
import Testing
import ZeroMQ

/// Options out of range are an error of `bind` and `connect`, which names the option; they do not end the process.
@Suite(.sockets, .timeLimit(.minutes(1))) struct OptionTests {
    @Test(arguments: [
        ("routing id", SocketOptions { $0.routingID = [UInt8](repeating: 1, count: 256) }),
        ("reconnectInitial", SocketOptions { $0.reconnectInitial = .zero }),
        ("reconnectMaximum", SocketOptions { $0.reconnectMaximum = .seconds(-1) }),
        ("largest message", SocketOptions { $0.messageByteCountMax = -1 }),
        ("backlog", SocketOptions { $0.backlog = 0 }),
        ("datagrams.hopCountMax", SocketOptions { $0.datagrams.hopCountMax = 256 }),
        ("tcp.dscp", SocketOptions { $0.tcp.dscp = 64 }),
        ("user", SocketOptions { $0.socksProxy = SOCKSProxy("127.0.0.1:1080", user: "") }),
    ])
    func `an option out of range is refused by name`(
        word: String,
        options: SocketOptions
    )
        async throws
    {
        let socket = XPublisher(options: options)
        let bound = await #expect(throws: ZeroMQError.self) {
            try await socket.bind("tcp://127.0.0.1:*")
        }
        let connected = await #expect(throws: ZeroMQError.self) {
            try await socket.connect("tcp://127.0.0.1:9")
        }
        for error in [bound, connected] {
            #expect(error?.code == .option)
            #expect(error?.message.contains(word) == true)
        }
        try await socket.closeInTime()
    }

    @Test func `a limit below one counts as one`() {
        let limit = QueueLimit(messageCount: 0, byteCount: -5)
        #expect(limit == QueueLimit(messageCount: 1, byteCount: 1))
    }

    @Test func `parity and keys that cannot be are refused`() async throws {
        let socket = Publisher(
            options: SocketOptions { $0.multicast.parity = ParityOptions(groupSize: 5) }
        )
        let error = await #expect(throws: ZeroMQError.self) {
            try await socket.bind("epgm://127.0.0.1;239.192.1.1:5555")
        }
        #expect(error?.message.contains("a transmission group has") == true)
        try await socket.closeInTime()
        let keyError = #expect(throws: SealKeyError.self) { try SealKeyring(key: [1, 2, 3]) }
        #expect(keyError?.byteCount == 3)
    }

    @Test func `a linger of ages is no overflow`() async throws {
        let socket = Publisher(options: SocketOptions { $0.linger = .seconds(Int64.max) })
        try await socket.bind("tcp://127.0.0.1:*")
        try await socket.closeInTime()
    }
}
