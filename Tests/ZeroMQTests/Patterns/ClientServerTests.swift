import SocketTestSupport
import Testing
import ZeroMQ

/// RFC 41: CLIENT and SERVER; RFC 51: PEER.
@Suite(.sockets, .timeLimit(.minutes(2))) struct ClientServerTests {
    @Test(arguments: Wires.allCases)
    func `each client gets its own answers`(wire: Wires) async throws {
        try await withSocket(Server()) { server in
            let endpoint = try await server.bind(wire.endpoint("client-server"))
            let serving = Task {
                for await request in server.messages {
                    let text = request.message[0].text
                    try await server.send("re: \(text)", to: request.routingID)
                }
            }
            let clients = [Client(), Client(), Client()]
            for (index, client) in clients.enumerated() {
                try await client.connect(endpoint)
                for number in 0..<100 { try await client.send("\(index).\(number)") }
            }
            for (index, client) in clients.enumerated() {
                #expect(
                    try await client.receiveTexts(100) == (0..<100).map { "re: \(index).\($0)" }
                )
                await client.close()
            }
            serving.cancel()
            _ = await serving.result
        }
    }

    /// "SHALL NOT allow the peer to specify its routing id explicitly"; "a non-zero 32-bit unsigned integer value".
    @Test func `what a client calls itself is nothing to a server`() async throws {
        try await withSocket(Server()) { server in
            let named = Client(options: SocketOptions { $0.routingID = Array("same".utf8) })
            let other = Client(options: SocketOptions { $0.routingID = Array("same".utf8) })
            let endpoint = try await server.bind("tcp://127.0.0.1:*")
            for client in [named, other] {
                try await client.connect(endpoint)
                try await client.send("hello")
            }
            let first = try await server.receiveInTime().routingID
            let second = try await server.receiveInTime().routingID
            #expect(first != second)
            #expect(RoutingID(rawValue: first.rawValue) == first)
            #expect(RoutingID(rawValue: 0) == nil)
            await named.close()
            await other.close()
        }
    }

    /// "SHALL return an error if the queue does not exist."
    @Test func `a client that has left is an error`() async throws {
        try await withSocket(Server()) { server in
            let client = Client()
            try await client.connect(server.bind("tcp://127.0.0.1:*"))
            try await client.send("hello")
            let id = try await server.receiveInTime().routingID
            let multipart = await #expect(throws: ZeroMQError.self) {
                try await server.send(["one", "two"], to: id)
            }
            #expect(multipart?.code == .multipart)
            await client.close()
            try await server.awaitPeers(0)
            let gone = await #expect(throws: ZeroMQError.self) {
                try await server.send("late", to: id)
            }
            #expect(gone?.code == .unroutable)
        }
    }

    /// "SHALL block on sending, if the queue is full"; "SHALL NOT discard messages that it cannot queue".
    @Test func `a full client is waited for`() async throws {
        let options = SocketOptions { $0.queueLimit = QueueLimit(messageCount: 5) }
        try await withSocket(Server(options: options)) { server in
            let client = Client(options: options)
            try await client.connect(server.bind("inproc://server-full"))
            try await client.send("hello")
            let id = try await server.receiveInTime().routingID
            let body = Message([UInt8](repeating: 1, count: 400_000))
            let sending = Task { for _ in 0..<60 { try await server.send(body, to: id) } }
            try await eventually("full client") {
                do {
                    try await server.send(body, to: id, timeout: .milliseconds(20))
                    return false
                } catch let error as ZeroMQError {
                    return error.code == .timedOut
                }
            }
            let cancelled = Task { try await server.send(body, to: id) }
            cancelled.cancel()
            let result = await cancelled.result
            let end = #expect(throws: ZeroMQError.self) { try result.get() }
            #expect(end?.code == .cancelled)
            let counting = Task {
                var count = 0
                while try await client.receiveInTime()[0].count == 400_000 { count += 1 }
                return count
            }
            try await sending.value
            try await server.send("end", to: id)
            #expect(try await counting.value >= 60)
            #expect(await server.drops().isEmpty)
            await client.close()
        }
    }

    @Test(arguments: Wires.allCases)
    func `peers know each other by the routing ids of their own side`(wire: Wires) async throws {
        try await withSocket(PeerToPeer()) { near in
            try await withSocket(PeerToPeer()) { far in
                let endpoint = try await far.bind(wire.endpoint("peer-to-peer"))
                let farID = try await near.connect(to: endpoint)
                for number in 0..<100 { try await near.send("\(number)", to: farID) }
                for number in 0..<100 {
                    let message = try await far.receiveInTime()
                    #expect(message.message[0].text == "\(number)")
                    try await far.send("re: \(number)", to: message.routingID)
                }
                for number in 0..<100 {
                    let message = try await near.receiveInTime()
                    #expect(message.routingID == farID)
                    #expect(message.message[0].text == "re: \(number)")
                }
            }
        }
    }

    @Test func `a peer that was dialled before it was asked for by id keeps the one it has`()
        async throws
    {
        try await withSocket(PeerToPeer()) { near in
            try await withSocket(PeerToPeer()) { far in
                let endpoint = try await far.bind("inproc://peer-known")
                try await near.connect(endpoint)
                try await near.awaitPeers(1)
                try await near.send("hello", to: near.connect(to: endpoint))
                #expect(try await far.receiveInTime().message[0].text == "hello")
            }
        }
    }

    /// RFC 51: "SHALL maintain the double queue whether or not the connection is established."
    @Test func `what is sent before the peer is there waits for it, and its id outlives it`()
        async throws
    {
        let options = SocketOptions { $0.reconnectInitial = .milliseconds(1) }
        try await withSocket(PeerToPeer(options: options)) { near in
            let id = try await near.connect(to: "inproc://peer-early")
            #expect(try await near.connect(to: "inproc://peer-early") == id)
            let early = Task { try await near.send("early", to: id) }
            for round in 0..<2 {
                let far = PeerToPeer()
                try await far.bind("inproc://peer-early")
                if round == 0 {
                    try await early.value
                } else {
                    try await near.send("again", to: id)
                }
                let message = try await far.receiveInTime()
                #expect(message.message[0].text == (round == 0 ? "early" : "again"))
                await far.close()
                try await near.awaitPeers(0)
            }
            // Nobody waits for a peer that is not dialled any more.
            let waiting = Task { try await near.send("nobody", to: id) }
            try await near.disconnect("inproc://peer-early")
            let result = try await within("end of the wait") { await waiting.result }
            let error = #expect(throws: ZeroMQError.self) { try result.get() }
            #expect(error?.code == .unroutable)
        }
    }
}
