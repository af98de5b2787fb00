import Glibc
import NIOCore
import SocketTestSupport
import Synchronization
import Testing
import Vocabulary

@testable import Transports

/// `udp://`, without the sockets that use it.
@Suite(.sockets, .timeLimit(.minutes(1))) struct DatagramPortTests {
    private struct Received: Sendable {
        let datagrams: AsyncStream<(octets: [UInt8], sender: SocketAddress)>
        let receive: DatagramPort.Receive
        private let tooLong: TooLong

        init() {
            let tooLong = TooLong()
            self.tooLong = tooLong
            let (stream, continuation) = AsyncStream.makeStream(
                of: (octets: [UInt8], sender: SocketAddress).self
            )
            datagrams = stream
            receive = { arrival in
                switch arrival {
                case .datagram(let octets, let sender):
                    continuation.yield((Array(octets.readableBytesView), sender))
                case .tooLong: tooLong.count.add(1, ordering: .relaxed)
                }
            }
        }

        var tooLongCount: Int { tooLong.count.load(ordering: .relaxed) }

        func next() async throws -> (octets: [UInt8], sender: SocketAddress) {
            try await within("datagram") {
                for await datagram in self.datagrams { return datagram }
                throw TimedOut(awaited: "datagram")
            }
        }
    }

    private final class TooLong: Sendable {
        let count = Atomic(0)
    }

    private static let loop = SharedEventLoops.group.next()

    private static func send(
        _ port: DatagramPort,
        _ octets: [UInt8],
        to target: SocketAddress? = nil
    ) async throws -> DatagramPort.Outcome {
        try await loop.submit { octets.withUnsafeBytes { port.send($0, to: target) } }.get()
    }

    @Test func `datagrams go to a place, and back to whoever sent them`() async throws {
        let (there, here) = (Received(), Received())
        let bound = try await DatagramPort.bind(
            Endpoint("udp://127.0.0.1:*"),
            on: Self.loop,
            options: TransportOptions(),
            receive: there.receive
        ).get()
        #expect(bound.endpoint.port != nil)
        let connected = try await DatagramPort.connect(
            bound.endpoint,
            on: Self.loop,
            options: TransportOptions(),
            receive: here.receive
        ).get()
        #expect(try await Self.send(connected, [1, 2, 3]) == .sent)
        let first = try await there.next()
        #expect(first.octets == [1, 2, 3])
        #expect(try await Self.send(bound, [4], to: first.sender) == .sent)
        #expect(try await here.next().octets == [4])
        // The longest, and one octet more.
        let longest = [UInt8](repeating: 7, count: 8192)
        #expect(try await Self.send(connected, longest) == .sent)
        #expect(try await there.next().octets == longest)
        #expect(try await Self.send(connected, longest + [7]) == .tooLong)
        try await connected.close().get()
        #expect(try await Self.send(connected, [1]) == .closed)
        try await bound.close().get()
    }

    @Test func `a group reaches everybody who has joined it`() async throws {
        let group = try Endpoint("udp://127.0.0.1;239.192.77.7:47777")
        let members = [Received(), Received()]
        var ports: [DatagramPort] = []
        for member in members {
            ports.append(
                try await DatagramPort.bind(
                    group,
                    on: Self.loop,
                    options: TransportOptions(),
                    receive: member.receive
                ).get()
            )
        }
        let sender = try await DatagramPort.connect(
            group,
            on: Self.loop,
            options: TransportOptions(),
            receive: { _ in }
        ).get()
        #expect(try await Self.send(sender, [9]) == .sent)
        for member in members { #expect(try await member.next().octets == [9]) }
        for port in ports + [sender] { try await port.close().get() }
    }

    @Test func `what is longer than the limit is not taken in half`() async throws {
        let received = Received()
        var small = TransportOptions()
        small.datagrams.datagramByteCountMax = 10
        let bound = try await DatagramPort.bind(
            Endpoint("udp://127.0.0.1:*"),
            on: Self.loop,
            options: small,
            receive: received.receive
        ).get()
        let sender = try await DatagramPort.connect(
            bound.endpoint,
            on: Self.loop,
            options: TransportOptions(),
            receive: { _ in }
        ).get()
        #expect(try await Self.send(sender, [UInt8](repeating: 1, count: 11)) == .sent)
        #expect(try await Self.send(sender, [UInt8](repeating: 2, count: 10)) == .sent)
        #expect(try await received.next().octets == [UInt8](repeating: 2, count: 10))
        #expect(received.tooLongCount == 1)
        try await sender.close().get()
        try await bound.close().get()
    }

    @Test func `what the kernel had no room for is counted`() async throws {
        let received = Received()
        let bound = try await DatagramPort.bind(
            Endpoint("udp://127.0.0.1:*"),
            on: Self.loop,
            options: TransportOptions(),
            receive: received.receive
        ).get()
        let sender = try await DatagramPort.connect(
            bound.endpoint,
            on: Self.loop,
            options: TransportOptions(),
            receive: { _ in }
        ).get()
        // In one turn of the loop that both are on, so that nothing is read meanwhile.
        let (sentCount, dropCount) = try await Self.loop.submit {
            let octets = [UInt8](repeating: 7, count: 8_000)
            let sentCount = (0..<500).count { _ in
                octets.withUnsafeBytes { sender.send($0) } == .sent
            }
            return (sentCount, bound.kernelDropCount)
        }.get()
        #expect(dropCount > 0)
        for _ in dropCount..<sentCount { _ = try await received.next() }
        try await sender.close().get()
        try await bound.close().get()
    }

    @Test(arguments: [
        ("udp://host", true, "it needs a host and a port"),
        ("udp://127.0.0.1:0", false, "* and 0 can be bound, not sent to"),
        ("udp://nothere0;239.192.1.1:5", true, "no interface 'nothere0'"),
        ("udp://lo;127.0.0.1:5", true, "an interface is for groups"),
        ("udp://a;b;c:1", true, "write udp://host:port"),
        ("udp://[ff02::1]:5", true, "name the interface"),
    ])
    func `an endpoint that cannot be is refused with what to write`(
        _ text: String,
        _ isBind: Bool,
        _ problem: String
    ) async throws {
        let endpoint = try Endpoint(text)
        let error = await #expect(throws: EndpointError.self) {
            let open = isBind ? DatagramPort.bind : DatagramPort.connect
            _ = try await open(endpoint, Self.loop, TransportOptions(), { _ in }).get()
        }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    @Test func `what is asked of the kernel, it does`() throws {
        var options = TransportOptions()
        options.datagrams.hopCountMax = 7
        options.datagrams.isLoopedBack = false
        options.datagrams.dscp = 46
        options.kernelReceiveByteCount = 30_000
        for (text, level, names) in [
            (
                "udp://lo;239.192.1.1:47781", IPPROTO_IP,
                [IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_TOS]
            ),
            (
                "udp://lo;[ff02::7:1]:47781", IPPROTO_IPV6,
                [IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_TCLASS]
            ),
        ] {
            let plan = try DatagramPlan(Endpoint(text), isBound: false)
            let descriptor = try plan.makeSocket(options)
            defer { close(descriptor) }
            func option(_ level: Int32, _ name: Int32) -> Int32 {
                var value: Int32 = -1
                var byteCount = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, level, name, &value, &byteCount)
                return value
            }
            #expect(names.map { option(Int32(level), $0) } == [7, 0, 46 << 2])
            // Doubled, for the kernel's own bookkeeping.
            #expect(option(SOL_SOCKET, SO_RCVBUF) == 60_000)
        }
    }

    @Test func `an interface that is not there is refused with those that are`() async throws {
        var options = TransportOptions()
        for (device, problem) in [("lo", nil), ("nothere0", "no such interface; there are lo")] {
            options.datagrams.device = device
            do {
                try await DatagramPort.bind(
                    Endpoint("udp://127.0.0.1:*"),
                    on: Self.loop,
                    options: options,
                    receive: { _ in }
                ).get().close().get()
                #expect(problem == nil)
            } catch let error as EndpointError {
                // Where the right is missing, the kernel says that first.
                #expect(error.problem.contains(problem ?? "permitted"), "\(error)")
            }
        }
    }

    @Test func `options have bounds`() {
        var options = DatagramOptions()
        #expect(options.problem == nil)
        options.hopCountMax = 256
        #expect(options.problem?.contains("hopCountMax") == true)
        options = DatagramOptions()
        options.dscp = 64
        #expect(options.problem?.contains("dscp") == true)
        options = DatagramOptions()
        options.device = "an interface of ages"
        #expect(options.problem?.contains("device") == true)
        options = DatagramOptions()
        options.datagramByteCountMax = 65_508
        #expect(options.problem?.contains("datagramByteCountMax") == true)
    }
}
