import SocketTestSupport
import Testing
import ZeroMQ

/// Sockets in plain threads: the clauses of `zmq_setsockopt(3)` and `zmq_ctx_term(3)` about waiting, one test each.
@Suite(.sockets, .timeLimit(.minutes(3))) struct BlockingTests {
    private static func isCode(_ code: ZeroMQError.Code, _ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch {
            return (error as? ZeroMQError)?.code == code
        }
    }

    // ZMQ_RCVTIMEO: "If the value is 0, zmq_recv(3) will return immediately, with a EAGAIN error if there is no message to receive. If the
    // value is -1, it will block until a message is available. For all other values, it will wait for a message for that amount of time".
    @Test func `a receive waits not at all, for a time, or without end`() async throws {
        let (puller, pusher) = (Blocking(Puller()), Blocking(Pusher()))
        try await onThread {
            try pusher.connect(try puller.bind("inproc://receive time-outs"))
            #expect(try puller.receive(timeout: .zero) == nil)
            let begin = ContinuousClock.now
            #expect(try puller.receive(timeout: .milliseconds(20)) == nil)
            #expect(ContinuousClock.now - begin >= .milliseconds(20))
        }
        let endless = startThread { try puller.receive() }
        try await onThread { try pusher.send("late") }
        #expect(try await within("message") { try await endless.value } == "late")
        try await onThread {
            try pusher.send("there")
            #expect(try puller.receive(timeout: .seconds(9)) == "there")
            for socket in [pusher.socket, puller.socket] { Blocking(socket).close() }
        }
    }

    // ZMQ_SNDTIMEO, with the same words about sending; ZMQ_SNDHWM: "If this limit has been reached the socket shall enter an exceptional
    // state": a PUSH blocks (zmq_socket(3) "ZMQ_PUSH").
    @Test func `a send waits for room not at all, for a time, or without end`() async throws {
        let limit = SocketOptions { $0.queueLimit = QueueLimit(messageCount: 3) }
        let (puller, pusher) = (Blocking(Puller()), Blocking(Pusher(options: limit)))
        try await onThread {
            // Without any peer, nothing can be queued.
            #expect(Self.isCode(.timedOut) { try pusher.send("0", timeout: .zero) })
            try pusher.connect("inproc://send time-outs")
            for number in 1...3 { try pusher.send(Message("\(number)"), timeout: .zero) }
            #expect(Self.isCode(.timedOut) { try pusher.send("4", timeout: .zero) })
            let time = ContinuousClock().measure {
                #expect(Self.isCode(.timedOut) { try pusher.send("5", timeout: .milliseconds(20)) })
            }
            #expect(time >= .milliseconds(20))
        }
        let endless = startThread { try pusher.send("6") }
        try await onThread {
            try puller.bind("inproc://send time-outs")
            // What timed out was not queued.
            let texts = try (0..<4).map { _ in try puller.receive()[0].text }
            #expect(texts == ["1", "2", "3", "6"])
        }
        try await within("end of a send") { try await endless.value }
        try await onThread {
            for socket in [pusher.socket, puller.socket] { Blocking(socket).close() }
        }
    }

    // zmq_socket(3) "ZMQ_PUB": never blocks; with ZMQ_XPUB_NODROP it does.
    @Test func `a publisher waits only when it is told to drop nothing`() async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.overflow = .block
                $0.queueLimit = QueueLimit(messageCount: 10)
                $0.linger = .zero
            }
        )
        let peer = try await RawPeer.subscriber(
            of: try await publisher.bind("tcp://127.0.0.1:*"),
            isReading: false
        )
        let blocking = Blocking(publisher)
        let news = try await onThread { try blocking.receive(timeout: .seconds(9)) }
        #expect(news == .subscribed(topic: []))
        try await onThread {
            let large = Message([UInt8](repeating: 1, count: 1 << 20))
            var isFull = false
            for _ in 0..<1_000 where !isFull {
                isFull = Self.isCode(.timedOut) {
                    try blocking.sendWaiting(large, timeout: .milliseconds(50))
                }
            }
            #expect(isFull)
            blocking.send(large)
            #expect(publisher.refusedMessageCount == 1)
        }
        await peer.close()
        try await onThread { blocking.close() }
    }

    // ZMQ_LINGER: "Pending messages shall not be discarded after a call to … zmq_close(); attempting to terminate the socket's context with
    // zmq_ctx_term() shall block until all pending messages have been sent to a peer."
    @Test func `without a bound, a close waits until all is sent`() async throws {
        let (puller, pusher) = (
            Blocking(Puller()), Blocking(Pusher(options: SocketOptions { $0.linger = nil }))
        )
        let isClosed = startThread {
            try pusher.connect("inproc://endless linger")
            for number in 0..<3 { try pusher.send(Message("\(number)")) }
            pusher.close()
        }
        try await eventually("beginning of the close") { pusher.socket.trySend("late") == .closed }
        try await onThread {
            try puller.bind("inproc://endless linger")
            var texts: [String?] = []
            while texts.count < 3 {
                // Before the close began, and before the three were sent, it was taken.
                let text = try puller.receive()[0].text
                if text != "late" { texts.append(text) }
            }
            #expect(texts == ["0", "1", "2"])
        }
        try await within("close") { try await isClosed.value }
        try await onThread { puller.close() }
    }

    // "The value of 0 specifies no linger period. Pending messages shall be discarded immediately"; "Positive values specify an upper
    // bound … after which any pending messages shall be discarded."
    @Test(arguments: [0, 30]) func `a close waits no longer than its linger`(
        milliseconds: Int
    ) async throws {
        let endpoint = "inproc://linger of \(milliseconds)"
        let (puller, pusher) = (
            Blocking(Puller()),
            Blocking(Pusher(options: SocketOptions { $0.linger = .milliseconds(milliseconds) }))
        )
        try await onThread {
            try pusher.connect(endpoint)
            try pusher.send("pending")
            let time = ContinuousClock().measure { pusher.close() }
            #expect(time >= .milliseconds(milliseconds))
            try puller.bind(endpoint)
            let heir = Blocking(Pusher())
            try heir.connect(endpoint)
            try heir.send("of the heir")
            #expect(try puller.receive() == "of the heir")
            heir.close()
            puller.close()
        }
    }

    // zmq_ctx_term(3) 1: "Any blocking operations currently in progress on sockets open within context shall return immediately with an error
    // code of ETERM. With the exception of zmq_close(), any further operations … shall fail with an error code of ETERM."
    @Test func `a close ends the calls of all threads, and all later ones`() async throws {
        let (puller, pusher, requester) = (
            Blocking(Puller()), Blocking(Pusher()), Blocking(Requester())
        )
        let calls: [Task<Bool, any Error>] = [
            startThread { Self.isCode(.closed) { _ = try puller.receive() } },
            startThread { Self.isCode(.closed) { _ = try puller.receive(timeout: .seconds(60)) } },
            startThread { Self.isCode(.closed) { try pusher.send("x") } },
            startThread { Self.isCode(.closed) { try pusher.send("x", timeout: .seconds(60)) } },
            startThread { Self.isCode(.closed) { _ = try requester.request("x") } },
        ]
        try await onThread {
            // Whether they block already or not: each ends.
            for socket in [puller.socket, pusher.socket, requester.socket] as [Socket] {
                Blocking(socket).close()
            }
        }
        for call in calls { #expect(try await within("end of a call") { try await call.value }) }
        try await onThread {
            #expect(Self.isCode(.closed) { _ = try puller.receive(timeout: .zero) })
            #expect(Self.isCode(.closed) { try pusher.send("x", timeout: .zero) })
            #expect(Self.isCode(.closed) { try pusher.bind("inproc://after the close") })
            #expect(Self.isCode(.closed) { try pusher.connect("inproc://after the close") })
            // A second close is none.
            pusher.close()
        }
    }

    @Test func `requests and replies, in lockstep`() async throws {
        let (replier, requester) = (Blocking(Replier()), Blocking(Requester()))
        let serving = startThread {
            try requester.connect(try replier.bind("tcp://127.0.0.1:*"))
            #expect(Self.isCode(.idle) { try replier.send("nobody asked") })
            try replier.serve { request in Message("re: \(request[0].text)") }
        }
        try await onThread {
            #expect(Self.isCode(.idle) { _ = try requester.receive() })
            #expect(try requester.request("a", timeout: .seconds(9)) == "re: a")
            try requester.send("b")
            #expect(Self.isCode(.busy) { try requester.send("c") })
            #expect(try requester.receive() == "re: b")
            requester.close()
            replier.close()
        }
        try await within("end of serving") { try await serving.value }
    }

    @Test func `a request that nobody answers times out, and the next one can be made`()
        async throws
    {
        let (replier, requester) = (Blocking(Replier()), Blocking(Requester()))
        try await onThread {
            try requester.connect(try replier.bind("inproc://silent replier"))
            for _ in 0..<2 {
                #expect(
                    Self.isCode(.timedOut) {
                        _ = try requester.request("x", timeout: .milliseconds(20))
                    }
                )
            }
            requester.close()
            replier.close()
        }
    }

    @Test func `a router without a peer of that name, a server, a dish`() async throws {
        let router = Blocking(Router(options: SocketOptions { $0.router.isMandatory = true }))
        let (server, client) = (Blocking(Server()), Blocking(Client()))
        let (radio, dish) = (Radio(), Blocking(Dish()))
        try await onThread {
            #expect(Self.isCode(.unroutable) { try router.send(["nobody", "x"]) })
            try client.connect(try server.bind("inproc://blocking server"))
            try client.send("ping")
            let request = try #require(try server.receive())
            try server.send("pong", to: request.routingID, timeout: .seconds(9))
            #expect(try client.receive() == "pong")
            try dish.join("g")
            try Blocking(radio).connect(try dish.bind("inproc://blocking dish"))
            var message: GroupMessage?
            while message == nil {
                try radio.send("to the group", to: "g")
                message = try dish.receive(timeout: .milliseconds(10))
            }
            #expect(message?.message == "to the group")
            let subscribers = try Blocking(Publisher()).run { await $0.subscriberCount() }
            #expect(subscribers == 0)
            for socket in [router.socket, server.socket, client.socket, radio, dish.socket] {
                Blocking<Socket>(socket).close()
            }
        }
    }
}
