import SocketTestSupport
import Testing
import ZeroMQ

/// libzmq `zmq_setsockopt(3)`: `ZMQ_HELLO_MSG`, `ZMQ_DISCONNECT_MSG`, `ZMQ_HICCUP_MSG`.
@Suite(.sockets, .timeLimit(.minutes(2))) struct PeerMessageTests {
    /// "automatically send an hello message when a new connection is made or accepted".
    @Test(arguments: Wires.allCases)
    func `both sides say hello, before anything else`(wire: Wires) async throws {
        let options = SocketOptions { $0.helloMessage = ["hello", "there"] }
        try await withSocket(Router(options: options)) { router in
            try await withSocket(Dealer(options: options)) { dealer in
                try await dealer.connect(router.bind(wire.endpoint("hello")))
                try await dealer.send("first")
                let hello = try await router.receiveInTime()
                #expect(hello.frames.dropFirst().map(\.text) == ["hello", "there"])
                #expect(try await router.receiveInTime()[1].text == "first")
                #expect(try await dealer.receiveInTime().frames.map(\.text) == ["hello", "there"])
            }
        }
    }

    @Test func `each new connection is greeted`() async throws {
        let options = SocketOptions {
            $0.helloMessage = "hello"
            $0.reconnectInitial = .milliseconds(1)
        }
        try await withSocket(Client(options: options)) { client in
            try await client.connect("inproc://hello-again")
            for _ in 0..<2 {
                let server = Server()
                try await server.bind("inproc://hello-again")
                #expect(try await server.receiveInTime().message[0].text == "hello")
                await server.close()
                try await client.awaitPeers(0)
            }
        }
    }

    /// "when accepted peer has been disconnected": ROUTER, SERVER and PEER.
    @Test func `who has left says goodbye in the words of this side`() async throws {
        let options = SocketOptions { $0.disconnectMessage = "gone" }
        let (router, server, peer) = (
            Router(options: options), Server(options: options), PeerToPeer(options: options)
        )
        let client = Client()
        try await client.connect(server.bind("tcp://127.0.0.1:*"))
        try await client.send("hello")
        let id = try await server.receiveInTime().routingID
        await client.close()
        let goodbye = try await server.receiveInTime()
        #expect(goodbye == RoutedMessage(routingID: id, message: "gone"))
        let dealer = Dealer(options: SocketOptions { $0.routingID = Array("ann".utf8) })
        try await dealer.connect(router.bind("tcp://127.0.0.1:*"))
        try await router.awaitPeers(1)
        await dealer.close()
        #expect(try await router.receiveInTime().frames.map(\.text) == ["ann", "gone"])
        let other = PeerToPeer()
        _ = try await other.connect(to: peer.bind("tcp://127.0.0.1:*"))
        try await peer.awaitPeers(1)
        await other.close()
        #expect(try await peer.receiveInTime().message[0].text == "gone")
        for socket in [router, server, peer] as [PeerSocket] { await socket.close() }
    }

    /// "when connect peer has been disconnected": DEALER, CLIENT and PEER; not when this side ends the connection.
    @Test func `a lost connection is a hiccup, and a closed one is none`() async throws {
        let options = SocketOptions {
            $0.hiccupMessage = "hiccup"
            $0.reconnectInitial = .milliseconds(1)
        }
        let (dealer, client, peer) = (
            Dealer(options: options), Client(options: options), PeerToPeer(options: options)
        )
        let (router, server, other) = (Router(), Server(), PeerToPeer())
        try await dealer.connect(router.bind("tcp://127.0.0.1:*"))
        let endpoint = try await server.bind("tcp://127.0.0.1:*")
        try await client.connect(endpoint)
        let id = try await peer.connect(to: other.bind("tcp://127.0.0.1:*"))
        for socket in [dealer, client, peer] as [PeerSocket] { try await socket.awaitPeers(1) }
        try await client.disconnect(endpoint)
        try await client.awaitPeers(0)
        #expect(client.tryReceive() == nil)
        for socket in [router, server, other] as [PeerSocket] { await socket.close() }
        #expect(try await dealer.receiveInTime()[0].text == "hiccup")
        #expect(
            try await peer.receiveInTime() == RoutedMessage(routingID: id, message: "hiccup")
        )
        for socket in [dealer, client, peer] as [PeerSocket] { await socket.close() }
    }

    @Test func `where they mean nothing they are refused by name`() async {
        let sockets: [(String, Socket)] = [
            ("helloMessage", Pusher(options: SocketOptions { $0.helloMessage = "x" })),
            ("disconnectMessage", Dealer(options: SocketOptions { $0.disconnectMessage = "x" })),
            ("hiccupMessage", Router(options: SocketOptions { $0.hiccupMessage = "x" })),
            ("one frame", Server(options: SocketOptions { $0.helloMessage = ["x", "y"] })),
            ("conflates", Router(options: SocketOptions { $0.conflates = true })),
            ("invertsMatching", XSubscriber(options: SocketOptions { $0.invertsMatching = true })),
            ("publish.isManual", Publisher(options: SocketOptions { $0.publish.isManual = true })),
            (
                "publish.sendsToLast",
                XPublisher(options: SocketOptions { $0.publish.sendsToLast = true })
            ),
            (
                "publish.welcomeMessage",
                Subscriber(options: SocketOptions { $0.publish.welcomeMessage = "x" })
            ),
        ]
        for (word, socket) in sockets {
            let error = await #expect(throws: ZeroMQError.self) {
                try await socket.bind("tcp://127.0.0.1:*")
            }
            #expect(error?.code == .option)
            #expect(error?.message.contains(word) == true)
            await socket.close()
        }
    }
}
