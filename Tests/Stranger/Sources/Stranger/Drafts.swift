import ZeroMQ

/// The patterns of messages with one frame, and plain octets, with `import ZeroMQ` alone.
enum Drafts {
    static func serve(_ server: Server) async throws {
        for await request in server.messages {
            let id: RoutingID = request.routingID
            try await server.send("\(id): \(request.message[0].text)", to: id)
        }
    }

    static func ask(_ endpoint: Endpoint) async throws -> Message {
        let client = Client(
            options: SocketOptions {
                $0.reconnectStop = ReconnectStop.always
                $0.helloMessage = "hello"
                $0.hiccupMessage = "hiccup"
            }
        )
        try await client.connect(endpoint)
        if case .multipart = client.trySend(["one", "two"]) { print("one frame only") }
        try await client.send("question")
        return try await client.receive()
    }

    static func talk(to endpoint: String) async throws -> RoutedMessage {
        let peer = PeerToPeer()
        let other = try await peer.connect(to: endpoint)
        try await peer.send("hello", to: other, timeout: .seconds(1))
        return try await peer.receive()
    }

    static func spread() async throws {
        let (scatterer, gatherer) = (Scatterer(), Gatherer())
        try await scatterer.connect(gatherer.bind("inproc://results"))
        try await scatterer.send("result")
        print(try await gatherer.receive()[0].text)
        let (near, far) = (ChannelSocket(), ChannelSocket())
        try await near.connect(far.bind("inproc://control"))
        try await near.send("stop")
    }

    static func broadcast() async throws -> GroupMessage {
        let (radio, dish) = (Radio(), Dish())
        try await dish.connect(radio.bind("tcp://127.0.0.1:*"))
        try await dish.join("weather.oslo")
        while await radio.memberCount(of: "weather.oslo") == 0 { await Task.yield() }
        try radio.send("-4 °C", to: "weather.oslo")
        return try await dish.receive()
    }

    static func answerDatagrams() async throws {
        var udp = DatagramOptions()
        udp.hopCountMax = 4
        let datagrams = RawDatagrams(options: SocketOptions { $0.datagrams = udp })
        try await datagrams.bind("udp://*:*")
        for await message in datagrams.messages {
            do {
                try datagrams.send([message[0], "got it"])
            } catch  where error.code == .tooLong {
                print(error)
            }
        }
    }

    static func octets() async throws {
        let stream = RawStream(
            options: SocketOptions { $0.streamNotifications = PeerNotifications.connect }
        )
        try await stream.bind("tcp://127.0.0.1:*")
        for await message in stream.messages {
            try await stream.send([message[0], "HTTP/1.0 204 No Content\r\n\r\n"])
            try await stream.send([message[0], ""])
        }
    }

    static func decide() async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                var options = PublisherOptions()
                options.isManual = true
                options.sendsToLast = true
                options.welcomeMessage = "welcome"
                $0.publish = options
            }
        )
        for await case .subscribed(let topic) in publisher.news {
            try await publisher.grant(topic)
            print(await publisher.topicCount())
        }
    }
}
