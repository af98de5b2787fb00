import SocketTestSupport
import Testing
import ZMTP

@testable import ZeroMQ

@Suite(.sockets, .timeLimit(.minutes(2))) struct ProxyTests {
    /// Runs a proxy for as long as `body` takes.
    private static func withProxy(
        _ frontend: Socket,
        _ backend: Socket,
        capture: Socket? = nil,
        _ body: (Proxy) async throws -> Void
    ) async throws {
        let proxy = try Proxy(between: frontend, and: backend, capture: capture)
        let running = Task { try await proxy.run() }
        try await body(proxy)
        proxy.terminate()
        try await within("end of the proxy") { try await running.value }
        for socket in [frontend, backend, capture] { await socket?.close() }
    }

    @Test func `requests of many clients reach many servers, and their replies come back`()
        async throws
    {
        let (frontend, backend) = (Router(), Dealer())
        let front = try await frontend.bind("tcp://127.0.0.1:*")
        let back = try await backend.bind("tcp://127.0.0.1:*")
        try await Self.withProxy(frontend, backend) { proxy in
            let servers = [Replier(), Replier()]
            let serving = try await withServers(servers, at: back)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<5 {
                    group.addTask {
                        try await withSocket(Requester()) { requester in
                            try await requester.connect(front)
                            for number in 0..<40 {
                                let text = "\(client).\(number)"
                                let reply = try await requester.request(
                                    Message(text),
                                    timeout: .seconds(20)
                                )
                                #expect(reply[0].text == "re: \(text)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for server in servers { await server.close() }
            for task in serving { try await task.value }
            #expect(proxy.statistics.forward.messageCount == 200)
            #expect(proxy.statistics.backward.messageCount == 200)
        }
    }

    private func withServers(
        _ servers: [Replier],
        at endpoint: Endpoint
    ) async throws -> [Task<Void, any Error>] {
        var tasks: [Task<Void, any Error>] = []
        for server in servers {
            try await server.connect(endpoint)
            tasks.append(Task { try await server.serve { Message("re: \($0[0].text)") } })
        }
        return tasks
    }

    @Test func `a streamer passes on everything, and a capture sees it`() async throws {
        let (frontend, backend, capture) = (Puller(), Pusher(), Pusher())
        let front = try await frontend.bind("inproc://streamer-front")
        let back = try await backend.bind("inproc://streamer-back")
        let seen = try await capture.bind("inproc://streamer-seen")
        try await Self.withProxy(frontend, backend, capture: capture) { proxy in
            let (pusher, puller, watcher) = (Pusher(), Puller(), Puller())
            try await watcher.connect(seen)
            try await capture.awaitPeers(1)
            try await pusher.connect(front)
            try await puller.connect(back)
            let expected = (0..<3_000).map { "\($0)" }
            for text in expected { try await pusher.send([Frame(text), "body"]) }
            #expect(try await puller.receiveTexts(3_000) == expected)
            #expect(try await watcher.receiveTexts(3_000) == expected)
            #expect(proxy.statistics.forward.messageCount == 3_000)
            #expect(proxy.statistics.backward.messageCount == 0)
            for socket in [pusher, puller, watcher] { await socket.close() }
        }
    }

    @Test func `subscriptions go up and messages down`() async throws {
        let (frontend, backend) = (XSubscriber(), XPublisher())
        let front = try await frontend.bind("inproc://forwarder-front")
        let back = try await backend.bind("inproc://forwarder-back")
        try await Self.withProxy(frontend, backend) { _ in
            let (publisher, subscriber) = (XPublisher(), Subscriber())
            try await publisher.connect(front)
            try await subscriber.connect(back)
            try await subscriber.subscribe(to: "weather.")
            try await publisher.awaitSubscription("weather.")
            publisher.send("sport 1:0")
            publisher.send("weather.oslo -4")
            #expect(try await subscriber.receiveInTime()[0].text == "weather.oslo -4")
            try await subscriber.unsubscribe(from: "weather.")
            try await publisher.awaitCancellation("weather.")
            for socket in [publisher, subscriber] { await socket.close() }
        }
    }

    @Test func `a pause holds up, a resume goes on, and commands are obeyed`() async throws {
        let (frontend, backend) = (Puller(), Pusher())
        let front = try await frontend.bind("inproc://paused-front")
        let back = try await backend.bind("inproc://paused-back")
        try await Self.withProxy(frontend, backend) { proxy in
            let (pusher, puller) = (Pusher(), Puller())
            try await pusher.connect(front)
            try await puller.connect(back)
            try await pusher.send("before")
            #expect(try await puller.receiveInTime()[0].text == "before")
            #expect(proxy.obey("PAUSE") == "")
            try await pusher.send("held")
            try await eventually("message at the proxy") { frontend.isReadable }
            #expect(try await puller.receive(timeout: .milliseconds(30)) == nil)
            #expect(proxy.obey("RESUME") == "")
            #expect(try await puller.receiveInTime()[0].text == "held")
            let numbers = proxy.obey("STATISTICS").frames.map { frame in
                frame.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
            }
            // Two octets of header before each body.
            #expect(numbers == [2, 14, 0, 0, 0, 0, 2, 14])
            #expect(proxy.obey("DANCE")[0].text.contains("TERMINATE"))
            for socket in [pusher, puller] { await socket.close() }
        }
    }

    @Test func `sockets that do not go together are refused`() async throws {
        let (requester, pusher, publisher) = (Requester(), Pusher(), Publisher())
        #expect(throws: ZeroMQError.self) { try Proxy(between: requester, and: pusher) }
        #expect(throws: ZeroMQError.self) { try Proxy(between: publisher, and: pusher) }
        for socket in [requester, pusher, publisher] { await socket.close() }
    }

    @Test func `drafts pass where their messages keep their form`() async throws {
        let (gather, scatter) = (Gatherer(), Scatterer())
        let (front, back) = (
            try await gather.bind("inproc://draft-front"),
            try await scatter.bind("inproc://draft-back")
        )
        try await Self.withProxy(gather, scatter) { _ in
            let (source, sink) = (Scatterer(), Gatherer())
            try await source.connect(front)
            try await sink.connect(back)
            try await source.send("a task")
            #expect(try await sink.receiveInTime() == "a task")
            for socket in [source, sink] as [Socket] { await socket.close() }
        }
        let (dish, radio) = (Dish(), Radio())
        let (groupFront, groupBack) = (
            try await dish.bind("udp://127.0.0.1:*"), try await radio.bind("tcp://127.0.0.1:*")
        )
        try await dish.join("news")
        try await Self.withProxy(dish, radio) { _ in
            let (source, sink) = (Radio(), Dish())
            try await sink.connect(groupBack)
            try await sink.join("news")
            try await radio.awaitMembers(1, of: "news")
            try await source.connect(groupFront)
            try source.send("from udp to tcp", to: "news")
            #expect(
                try await sink.receiveInTime()
                    == GroupMessage(group: "news", message: "from udp to tcp")
            )
            for socket in [source, sink] as [Socket] { await socket.close() }
        }
        let (channel, other) = (ChannelSocket(), Client())
        try await channel.bind("inproc://draft-channel")
        try await withSocket(Server()) { server in
            try await other.connect(server.bind("inproc://draft-server"))
            try await Self.withProxy(channel, other) { _ in
                try await withSocket(ChannelSocket()) { near in
                    try await near.connect("inproc://draft-channel")
                    try await near.send("question")
                    let request = try await within("request") { try await server.receive() }
                    try await server.send("answer", to: request.routingID)
                    #expect(try await near.receiveInTime() == "answer")
                }
            }
        }
    }

    @Test(arguments: [
        (SocketType.dealer, SocketType.channel), (.pull, .scatter), (.sub, .radio),
        (.dish, .scatter),
        (.server, .client), (.server, .dealer), (.dgram, .dgram), (.stream, .stream),
        (.rep, .dealer),
    ])
    func `what would have to be taken apart is refused`(source: SocketType, target: SocketType) {
        let error = #expect(throws: ZeroMQError.self) {
            try MessageForm.check(from: source, to: target)
        }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains(source.rawValue) == true)
    }

    @Test func `the end of a socket ends the proxy`() async throws {
        let (frontend, backend) = (Puller(), Pusher())
        let front = try await frontend.bind("inproc://ended-front")
        let proxy = try Proxy(between: frontend, and: backend)
        let running = Task { try await proxy.run() }
        try await withSocket(Pusher()) { pusher in
            try await pusher.connect(front)
            await backend.close()
            try await pusher.send("anything")
            try await within("end") { try await running.value }
        }
        await frontend.close()
    }
}
