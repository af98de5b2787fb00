import SocketTestSupport
import Testing
import ZeroMQ

/// What a message tells of its sender.
@Suite(.sockets, .timeLimit(.minutes(3))) struct PropertiesTests {
    private static func options(_ id: String) -> SocketOptions {
        SocketOptions {
            $0.routingID = Array(id.utf8)
            $0.properties.append("X-Tenant", "tenant of \(id)".utf8)
            $0.security = .plain(user: id, password: "secret")
        }
    }

    private static var server: SocketOptions {
        SocketOptions {
            $0.security = .plainServer
            $0.authenticator = ClosureAuthenticator { peer in
                let user = peer.request.credentials.first.map {
                    String(decoding: $0, as: UTF8.self)
                }
                var metadata = Metadata()
                metadata.append("X-Zone", "inner".utf8)
                return .admitted(Admission(userID: user, metadata: metadata))
            }
        }
    }

    @Test func `each message knows who sent it, also when the sender has gone`() async throws {
        let puller = Puller(options: Self.server)
        let events = puller.events
        let endpoint = try await puller.bind("tcp://127.0.0.1:*")
        for id in ["ann", "bob"] {
            let pusher = Pusher(options: Self.options(id))
            try await pusher.connect(endpoint)
            try await pusher.send(Message(id))
            try await events.nextEstablished()
            try await pusher.closeInTime()
            _ = try await events.nextDisconnect()
        }
        for _ in 0..<2 {
            let message = try await within("message") { try await puller.receive() }
            let properties = try #require(puller.properties(of: message))
            let id = message[0].text
            #expect(properties.text("Socket-Type") == "PUSH")
            #expect(properties.text("Identity") == id)
            #expect(properties.text("routing-id") == id)
            #expect(properties.text("User-Id") == id)
            #expect(properties.text("X-Tenant") == "tenant of \(id)")
            #expect(properties.text("x-zone") == "inner")
            #expect(properties.text("Peer-Address")?.hasPrefix("127.0.0.1:") == true)
            #expect(properties["X-Absent"] == nil)
        }
        #expect(puller.properties(of: "made here") == nil)
        try await puller.closeInTime()
    }

    @Test func `a peer cannot say who it is where this side knows better`() async throws {
        let (puller, pusher) = (
            Puller(),
            Pusher(
                options: SocketOptions {
                    $0.properties.append("User-Id", "root".utf8)
                    $0.properties.append("Peer-Address", "10.0.0.1:1".utf8)
                }
            )
        )
        try await pusher.connect(try await puller.bind("inproc://impostor"))
        try await pusher.send("hello")
        let message = try await within("message") { try await puller.receive() }
        let properties = try #require(puller.properties(of: message))
        #expect(properties["User-Id"] == nil)
        #expect(properties.text("Peer-Address") == "inproc://impostor")
        try await pusher.closeInTime()
        try await puller.closeInTime()
    }

    @Test func `an XPUB tells who subscribes, who cancels, and who sent a message upstream`()
        async throws
    {
        let publisher = XPublisher(options: Self.server)
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        func next() async throws -> (news: SubscriptionNews, user: String?) {
            let (news, peer) = try await within("news") { try await publisher.receiveWithPeer() }
            #expect(peer?.text("Peer-Address")?.hasPrefix("127.0.0.1:") == true)
            return (news, peer?.text("User-Id"))
        }
        func expect(_ expected: SubscriptionNews, of user: String) async throws {
            let (news, actual) = try await next()
            #expect(news == expected && actual == user, "\(news) of \(actual ?? "nobody")")
        }
        let topic = Array("a".utf8)
        let (ann, bob) = (
            XSubscriber(options: Self.options("ann")), XSubscriber(options: Self.options("bob"))
        )
        try await ann.connect(endpoint)
        try await ann.subscribe(to: "a")
        try await expect(.subscribed(topic: topic), of: "ann")
        try await bob.connect(endpoint)
        try await bob.subscribe(to: "a")
        try await bob.subscribe(to: "b")
        // Of a topic that is there already nothing is told.
        try await expect(.subscribed(topic: Array("b".utf8)), of: "bob")
        try await bob.send("upstream")
        let (news, user) = try await next()
        #expect(news == .message("upstream") && user == "bob")
        guard case .message(let message) = news else { return }
        #expect(publisher.properties(of: message)?.text("User-Id") == "bob")
        try await ann.closeInTime()
        try await bob.unsubscribe(from: "b")
        try await expect(.cancelled(topic: Array("b".utf8)), of: "bob")
        // The last who had it, who has gone meanwhile.
        try await bob.closeInTime()
        try await expect(.cancelled(topic: topic), of: "bob")
        #expect(publisher.tryReceiveWithPeer() == nil)
        try await publisher.closeInTime()
    }

    @Test func `every way to receive brings the sender along`() async throws {
        @Sendable func expect(_ type: String, _ message: Message, at socket: Socket) {
            #expect(socket.properties(of: message)?.text("Socket-Type") == type)
        }
        let (replier, requester, dealer) = (Replier(), Requester(), Dealer())
        let endpoint = try await replier.bind("inproc://sources of requests")
        let serving = Task {
            try await replier.serve { request in
                expect(request[0].text, request, at: replier)
                return request
            }
        }
        try await requester.connect(endpoint)
        try await dealer.connect(endpoint)
        expect("REP", try await requester.request("REQ", timeout: .seconds(9)), at: requester)
        expect("REP", try await dealer.request("DEALER", timeout: .seconds(9)), at: dealer)
        serving.cancel()
        _ = await serving.result

        let (server, client) = (Server(), Client())
        try await client.connect(try await server.bind("inproc://sources at a server"))
        try await client.send("hello")
        expect(
            "CLIENT",
            try await within("message") { try await server.receive() }.message,
            at: server
        )

        let (radio, dish) = (Radio(), Dish())
        try await dish.join("g")
        try await radio.connect(try await dish.bind("inproc://sources at a dish"))
        try await eventually("group message") {
            try radio.send("hello", to: "g")
            return dish.isReadable
        }
        expect("RADIO", try #require(dish.tryReceive()).message, at: dish)

        let manual = SocketOptions { $0.publish.isManual = true }
        let (publisher, subscriber) = (XPublisher(options: manual), XSubscriber())
        try await subscriber.connect(try await publisher.bind("inproc://sources at an XPUB"))
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        try await publisher.grant([])
        try await subscriber.send("upstream")
        guard case .message(let upstream) = try await publisher.receive(timeout: .seconds(9)) else {
            Issue.record("no message came upstream")
            return
        }
        expect("XSUB", upstream, at: publisher)
        publisher.send("downstream")
        expect(
            "XPUB",
            try await within("message") { try await subscriber.receive() },
            at: subscriber
        )
        for socket in [
            replier, requester, dealer, server, client, radio, dish, publisher, subscriber,
        ] as [Socket] { try await socket.closeInTime() }
    }

    @Test func `frames travel in one frame (RFC 50), none of them included`() throws {
        let frames: [Frame] = ["GET", "", Frame([UInt8](repeating: 9, count: 300))]
        let encoded = try Frame(encoding: frames)
        #expect(encoded.count == 4 + 1 + 305)
        #expect(try encoded.decodedFrames() == frames)
        #expect(try Frame(encoding: []).decodedFrames() == [])
        #expect(throws: ZeroMQError.self) { try Frame([2, 1]).decodedFrames() }
    }
}
