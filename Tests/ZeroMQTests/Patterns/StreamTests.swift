import SocketTestSupport
import Testing
import ZeroMQ

/// libzmq `zmq_socket(3)`, "Native pattern": STREAM.
@Suite(.sockets, .timeLimit(.minutes(2))) struct StreamTests {
    @Test(arguments: [Wires.tcp, .ipc])
    func `octets come with a routing id and go back by it`(wire: Wires) async throws {
        try await withSocket(RawStream()) { stream in
            let peer = try await RawPeer.connect(to: stream.bind(wire.rawValue))
            let hello = try await stream.receiveInTime()
            #expect(hello.count == 2)
            #expect(hello[0].count == 5)
            #expect(hello[1].count == 0)
            try await peer.send(Array("GET /\r\n".utf8))
            #expect(try await stream.receiveOctets(7, from: hello[0]) == Array("GET /\r\n".utf8))
            try await stream.send([hello[0], "one", "two"])
            try await stream.send([hello[0], Frame([UInt8](repeating: 7, count: 1_000))])
            #expect(try await peer.receive(6) == Array("onetwo".utf8))
            #expect(try await peer.receive(1_000) == [UInt8](repeating: 7, count: 1_000))
            await peer.close()
            let goodbye = try await stream.receiveInTime()
            #expect(goodbye[0] == hello[0])
            #expect(goodbye[1].count == 0)
            try await stream.awaitPeers(0)
            let error = await #expect(throws: ZeroMQError.self) {
                try await stream.send([hello[0], "late"])
            }
            #expect(error?.code == .unroutable)
        }
    }

    /// "To close a specific client connection, as a server, send the routing id frame followed by a zero-length message."
    @Test func `an empty frame closes the connection after what was sent before`() async throws {
        try await withSocket(RawStream()) { stream in
            let peer = try await RawPeer.connect(to: stream.bind("tcp://127.0.0.1:*"))
            let id = try await stream.receiveInTime()[0]
            let body = [UInt8](repeating: 9, count: 3_000_000)
            try await stream.send([id, Frame(body)])
            try await stream.send([id, ""])
            #expect(try await peer.receiveAll().count == body.count)
            #expect(try await stream.receiveInTime().frames == [id, ""])
        }
    }

    @Test func `two streams meet, one of them called as the other wishes`() async throws {
        try await withSocket(RawStream()) { server in
            let endpoint = try await server.bind("tcp://127.0.0.1:*")
            try await withSocket(RawStream()) { client in
                try await client.connect(endpoint, as: "server")
                #expect(try await client.receiveInTime().frames.map(\.text) == ["server", ""])
                let id = try await server.receiveInTime()[0]
                try await client.send(["server", "ping"])
                #expect(try await server.receiveOctets(4, from: id) == Array("ping".utf8))
                try await server.send([id, "pong"])
                #expect(try await client.receiveOctets(4, from: "server") == Array("pong".utf8))
                // Closed from here, it is not dialled again.
                try await client.send(["server", ""])
                #expect(try await client.receiveInTime().frames.map(\.text) == ["server", ""])
                #expect(try await server.receiveInTime().frames == [id, ""])
                let error = await #expect(throws: ZeroMQError.self) {
                    try await client.disconnect(endpoint)
                }
                #expect(error?.code == .notFound)
            }
        }
    }

    /// `ZMQ_STREAM_NOTIFY` 0.
    @Test func `without notifications only octets come`() async throws {
        let options = SocketOptions { $0.streamNotifications = [] }
        try await withSocket(RawStream(options: options)) { stream in
            let peer = try await RawPeer.connect(to: stream.bind("tcp://127.0.0.1:*"))
            try await peer.send(Array("first".utf8))
            #expect(try await stream.receiveInTime()[1].text == "first")
            await peer.close()
            try await stream.awaitPeers(0)
            #expect(stream.tryReceive() == nil)
        }
    }

    /// A read is no message: the limit of messages means nothing here.
    @Test func `much that comes at once is not too much`() async throws {
        let options = SocketOptions { $0.messageByteCountMax = 10 }
        try await withSocket(RawStream(options: options)) { stream in
            let peer = try await RawPeer.connect(to: stream.bind("tcp://127.0.0.1:*"))
            let id = try await stream.receiveInTime()[0]
            let body = (0..<500_000).map { UInt8(truncatingIfNeeded: $0) }
            try await peer.send(body)
            #expect(try await stream.receiveOctets(body.count, from: id) == body)
            await peer.close()
        }
    }
}

extension RawStream {
    /// The next octets of that peer, of however many messages.
    func receiveOctets(_ count: Int, from id: Frame) async throws -> [UInt8] {
        var octets: [UInt8] = []
        while octets.count < count {
            let message = try await receiveInTime()
            #expect(message[0] == id)
            octets += message[1].bytes
        }
        return octets
    }
}
