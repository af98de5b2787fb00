import SocketTestSupport
import Testing
import ZeroMQ

/// Options that both sides must understand alike, with libzmq on the other side; it has no drafts.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct OptionInteropTests {
    @Test func `inverted matching, a libzmq subscriber`() async throws {
        let options = SocketOptions { $0.invertsMatching = true }
        try await withSocket(XPublisher(options: options)) { publisher in
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            let peer = try SocketPeer(
                "SUB",
                "--connect",
                "\(endpoint)",
                "--option",
                "INVERT_MATCHING=1",
                "--octets",
                "SUBSCRIBE=\(SocketPeer.word(Array("w.".utf8)))"
            )
            try await within("subscription") {
                while try await publisher.receive() != .subscribed(topic: Array("w.".utf8)) {}
            }
            for text in ["w.oslo", "s.oslo", "w"] as [Message] { publisher.send(text) }
            #expect(try await peer.receiveTexts() == ["s.oslo"])
            #expect(try await peer.receiveTexts() == ["w"])
            await peer.close()
        }
    }

    @Test func `inverted matching, a libzmq publisher`() async throws {
        let options = SocketOptions { $0.invertsMatching = true }
        try await withSocket(Subscriber(options: options)) { subscriber in
            let peer = try SocketPeer(
                "XPUB",
                "--bind",
                "tcp://127.0.0.1:*",
                "--option",
                "INVERT_MATCHING=1"
            )
            try await subscriber.connect(peer.endpoint())
            try await subscriber.subscribe(to: "w.")
            #expect(try await peer.receiveTexts() == ["\u{1}w."])
            for text in ["w.oslo", "s.oslo", "w"] { try await peer.send(text) }
            for text in ["s.oslo", "w"] {
                let message = try await within("message") { try await subscriber.receive() }
                #expect(message[0].text == text)
            }
            await peer.close()
        }
    }

    @Test func `a manual publisher decides what a libzmq subscriber gets`() async throws {
        let options = SocketOptions { $0.publish.isManual = true }
        try await withSocket(XPublisher(options: options)) { publisher in
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            // It asks for A, passes on what begins with A or B, and is granted B.
            let peer = try SocketPeer(
                "XSUB",
                "--connect",
                "\(endpoint)"
            )
            _ = try await peer.process.event("handshaken")
            try await peer.send("\u{1}A")
            let news = try await within("news") { try await publisher.receive() }
            #expect(news == .subscribed(topic: [65]))
            #expect(try await publisher.grant([66]))
            for text in ["A", "B"] as [Message] { publisher.send(text) }
            #expect(try await peer.receiveTexts() == ["B"])
            await peer.close()
            let end = try await within("end") { try await publisher.receive() }
            #expect(end == .cancelled(topic: [65]))
        }
    }

    @Test func `a libzmq subscriber is welcomed, and so are we`() async throws {
        let options = SocketOptions { $0.publish.welcomeMessage = "Welcome" }
        try await withSocket(XPublisher(options: options)) { publisher in
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            let peer = try SocketPeer("SUB", "--octets", "SUBSCRIBE=57", "--connect", "\(endpoint)")
            #expect(try await peer.receiveTexts() == ["Welcome"])
            await peer.close()
        }
        let word = SocketPeer.word(Array("Welcome".utf8))
        let peer = try SocketPeer(
            "XPUB",
            "--octets",
            "XPUB_WELCOME_MSG=\(word)",
            "--bind",
            "tcp://127.0.0.1:*"
        )
        try await withSocket(Subscriber()) { subscriber in
            try await subscriber.subscribe(to: "W")
            try await subscriber.connect(peer.endpoint())
            let message = try await within("welcome") { try await subscriber.receive() }
            #expect(message[0].text == "Welcome")
        }
        await peer.close()
    }

    @Test func `of what a libzmq pusher sends the newest is kept`() async throws {
        try await withSocket(Puller(options: SocketOptions { $0.conflates = true })) { puller in
            let endpoint = try await puller.bind("tcp://127.0.0.1:*")
            let peer = try SocketPeer("PUSH", "--connect", "\(endpoint)")
            for number in 0...300 { try await peer.send("\(number)") }
            await peer.close()
            try await eventually("end") { await puller.peerCount() == 0 }
            #expect(puller.tryReceive()?[0].text == "300")
            #expect(puller.tryReceive() == nil)
        }
    }

    @Test func `a libzmq dealer is greeted, and its end is told of`() async throws {
        let options = SocketOptions {
            $0.helloMessage = ["hello", "you"]
            $0.disconnectMessage = "gone"
        }
        try await withSocket(Router(options: options)) { router in
            let endpoint = try await router.bind("tcp://127.0.0.1:*")
            let peer = try SocketPeer(
                "DEALER",
                "--octets",
                "ROUTING_ID=61",
                "--connect",
                "\(endpoint)"
            )
            #expect(try await peer.receiveTexts() == ["hello", "you"])
            peer.process.kill()
            let message = try await within("end") { try await router.receive() }
            #expect(message.frames.map(\.text) == ["a", "gone"])
            await peer.close()
        }
    }
}

/// STREAM on both sides of a plain TCP connection.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct StreamInteropTests {
    @Test func `a libzmq stream connects`() async throws {
        try await withSocket(RawStream()) { stream in
            let endpoint = try await stream.bind("tcp://127.0.0.1:*")
            let peer = try SocketPeer("STREAM", "--connect", "\(endpoint)")
            let hello = try await within("hello") { try await stream.receive() }
            #expect(hello[1].count == 0)
            let id = try await peer.receive()[0]
            try await peer.send(id, Array("ping".utf8))
            let ping = try await within("ping") { try await stream.receive() }
            #expect(ping == [hello[0], "ping"])
            try await stream.send([hello[0], "pong"])
            #expect(try await peer.receive() == [id, Array("pong".utf8)])
            // It closes.
            try await peer.send(id, [])
            let end = try await within("end") { try await stream.receive() }
            #expect(end == [hello[0], ""])
            await peer.close()
        }
    }

    @Test func `a libzmq stream is connected to, and closed`() async throws {
        let peer = try SocketPeer("STREAM", "--bind", "tcp://127.0.0.1:*")
        try await withSocket(RawStream()) { stream in
            try await stream.connect(Endpoint(peer.endpoint()), as: "peer")
            let id = try await peer.receive()[0]
            _ = try await within("hello") { try await stream.receive() }
            try await stream.send(["peer", "ping"])
            #expect(try await peer.receive() == [id, Array("ping".utf8)])
            try await peer.send(id, Array("pong".utf8))
            let pong = try await within("pong") { try await stream.receive() }
            #expect(pong == ["peer", "pong"])
            try await stream.send(["peer", ""])
            #expect(try await peer.receive() == [id, []])
        }
        await peer.close()
    }
}
