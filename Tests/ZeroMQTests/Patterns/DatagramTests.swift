import SocketTestSupport
import Testing
import ZeroMQ

/// DGRAM (libzmq's `test_dgram`): two frames, the address of the other end and what the datagram holds.
@Suite(.sockets, .timeLimit(.minutes(1))) struct DatagramTests {
    @Test func `whoever sends is answered by the address in front`() async throws {
        try await withSocket(RawDatagrams()) { datagrams in
            let port = try #require(try await datagrams.bind("udp://127.0.0.1:*").port)
            let (one, other) = (try RawDatagramSocket(), try RawDatagramSocket())
            one.send([1, 2], to: port)
            let first = try await datagrams.receiveInTime()
            #expect(first.frames == [Frame("127.0.0.1:\(one.port)"), Frame([1, 2])])
            other.send([], to: port)
            let second = try await datagrams.receiveInTime()
            #expect(second.frames == [Frame("127.0.0.1:\(other.port)"), ""])
            try datagrams.send([second[0], "to the other"])
            // As libzmq's own answers have it.
            try datagrams.send([Frame("127.0.0.1:\(one.port)\0"), ""])
            let (octets, from) = try other.receive()
            #expect(octets == Array("to the other".utf8))
            #expect(from == port)
            #expect(try one.receive().octets == [])
        }
    }

    @Test func `one that is connected needs no address`() async throws {
        try await withSocket(RawDatagrams()) { server in
            let endpoint = try await server.bind("udp://[::1]:*")
            try await withSocket(RawDatagrams()) { client in
                try await client.connect(endpoint)
                try client.send(["", "ping"])
                let request = try await server.receiveInTime()
                #expect(request[1].text == "ping")
                #expect(request[0].text.hasPrefix("[::1]:"))
                try server.send([request[0], "pong"])
                let reply = try await client.receiveInTime()
                #expect(reply.frames == [Frame(endpoint.address), "pong"])
            }
        }
    }

    @Test func `what cannot be sent is refused`() async throws {
        try await withSocket(RawDatagrams()) { datagrams in
            func code(_ message: Message) -> ZeroMQError.Code? {
                #expect(throws: ZeroMQError.self) { try datagrams.send(message) }?.code
            }
            #expect(code(["127.0.0.1:9", "no endpoint yet"]) == .unroutable)
            try await datagrams.bind("udp://127.0.0.1:*")
            #expect(code("one frame") == .multipart)
            #expect(code(["a", "b", "c"]) == .multipart)
            #expect(code(["", "not connected"]) == .unroutable)
            for text in ["nobody", "localhost:9", "127.0.0.1", "127.0.0.1:0", "::1:9", "*:9"] {
                #expect(code([Frame(text), "x"]) == .unroutable, "\(text)")
            }
            #expect(code(["127.0.0.1:9", Frame([UInt8](repeating: 1, count: 8_193))]) == .tooLong)
            // Of the other family: only the kernel knows.
            try datagrams.send(["[::1]:9", "x"])
            try await eventually("drop") { await datagrams.drops()[.unroutable] == 1 }
            let second = await #expect(throws: ZeroMQError.self) {
                try await datagrams.bind("udp://127.0.0.1:*")
            }
            #expect(second?.message.contains("has one endpoint") == true)
            let stream = await #expect(throws: ZeroMQError.self) {
                try await datagrams.connect("tcp://127.0.0.1:9")
            }
            #expect(stream?.message.contains("use udp") == true)
        }
    }
}
