import SocketTestSupport
import Testing
import ZeroMQ

/// A proxy of one side with sockets of the other around it: our sockets through libzmq's `zmq_proxy`, and libzmq's sockets through ours.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(2))) struct DeviceInteropTests {
    // MARK: Ours, through theirs

    private static func withDevice(
        _ front: String,
        _ back: String,
        _ body: (_ front: String, _ back: String) async throws -> Void
    ) async throws {
        let device = try PeerProcess(command: [
            PeerAvailability.interpreter, PeerProcess.peers + "/device.py", front, back,
        ])
        let frontEndpoint = try await device.endpoint()
        try await body(frontEndpoint, try await device.endpoint())
        await device.close()
    }

    @Test func `requests pass a device of libzmq, and each reply finds its way back`() async throws
    {
        try await Self.withDevice("ROUTER", "DEALER") { front, back in
            let repliers = [Replier(), Replier()]
            for replier in repliers { try await replier.connect(back) }
            let serving = repliers.map { replier in
                Task { try await replier.serve { Message([Frame("re:")] + $0.frames) } }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<4 {
                    group.addTask {
                        try await withSocket(Requester()) { requester in
                            try await requester.connect(front)
                            for number in 0..<25 {
                                let request: Message = ["\(client)", "", "\(number)"]
                                let reply = try await requester.request(
                                    request,
                                    timeout: .seconds(20)
                                )
                                #expect(reply == ["re:", "\(client)", "", "\(number)"])
                            }
                        }
                    }
                }
                // Many requests under way on one connection.
                group.addTask {
                    try await withSocket(Dealer()) { dealer in
                        try await dealer.connect(front)
                        async let one = dealer.request("one", timeout: .seconds(20))
                        async let other = dealer.request("other", timeout: .seconds(20))
                        #expect(try await one == ["re:", "one"])
                        #expect(try await other == ["re:", "other"])
                    }
                }
                try await group.waitForAll()
            }
            for replier in repliers { await replier.close() }
            for task in serving { try? await task.value }
        }
    }

    @Test func `subscriptions pass a device of libzmq upwards, and messages downwards`()
        async throws
    {
        try await Self.withDevice("XSUB", "XPUB") { front, back in
            let (publisher, subscriber) = (XPublisher(), Subscriber())
            try await publisher.connect(front)
            try await subscriber.connect(back)
            try await subscriber.subscribe(to: "wanted")
            let news = try await within("subscription") { try await publisher.receive() }
            #expect(news == .subscribed(topic: Array("wanted".utf8)))
            for number in 0..<200 {
                publisher.send(["other", "\(number)"])
                publisher.send(["wanted.\(number)", "", "\(number)"])
            }
            for number in 0..<200 {
                let message = try await within("message") { try await subscriber.receive() }
                #expect(message == ["wanted.\(number)", "", "\(number)"])
            }
            try await subscriber.unsubscribe(from: "wanted")
            let last = try await within("cancellation") { try await publisher.receive() }
            #expect(last == .cancelled(topic: Array("wanted".utf8)))
            for socket in [publisher, subscriber] as [Socket] { await socket.close() }
        }
    }

    @Test func `tasks pass a device of libzmq, none lost and none twice`() async throws {
        try await Self.withDevice("PULL", "PUSH") { front, back in
            let (pushers, pullers) = ([Pusher(), Pusher()], [Puller(), Puller()])
            for puller in pullers { try await puller.connect(back) }
            for (index, pusher) in pushers.enumerated() {
                try await pusher.connect(front)
                for number in 0..<100 { try await pusher.send(["\(index)", "", "\(number)"]) }
            }
            let heard = try await within("tasks") {
                try await withThrowingTaskGroup(of: Message.self) { group in
                    for puller in pullers { group.addTask { try await puller.receive() } }
                    var heard: [String] = []
                    var turn = 0
                    while heard.count < 200, let message = try await group.next() {
                        heard.append("\(message[0].text).\(message[2].text)")
                        turn += 1
                        let puller = pullers[turn % 2]
                        group.addTask { try await puller.receive() }
                    }
                    group.cancelAll()
                    return heard
                }
            }
            let sent = (0..<2).flatMap { index in (0..<100).map { "\(index).\($0)" } }
            #expect(heard.sorted() == sent.sorted())
            for socket in pushers as [Socket] + pullers { await socket.close() }
        }
    }

    // MARK: Theirs, through ours

    private static func withProxy(
        _ frontend: Socket,
        _ backend: Socket,
        _ body: (_ front: String, _ back: String) async throws -> Void
    ) async throws {
        let front = try await frontend.bind("tcp://127.0.0.1:*").description
        let back = try await backend.bind("tcp://127.0.0.1:*").description
        let proxy = try Proxy(between: frontend, and: backend)
        let running = Task { try await proxy.run() }
        try await body(front, back)
        proxy.terminate()
        try await running.value
        for socket in [frontend, backend] { await socket.close() }
    }

    @Test func `libzmq's requests pass our proxy`() async throws {
        try await Self.withProxy(Router(), Dealer()) { front, back in
            let server = try SocketPeer("REP", "--connect", back)
            let clients = try (0..<3).map { _ in try SocketPeer("REQ", "--connect", front) }
            for round in 0..<5 {
                for (index, client) in clients.enumerated() {
                    try await client.send("\(index)", "", "\(round)")
                    #expect(try await server.receiveTexts() == ["\(index)", "", "\(round)"])
                    try await server.send("re: \(index)", "", "\(round)")
                    #expect(try await client.receiveTexts() == ["re: \(index)", "", "\(round)"])
                }
            }
            for peer in clients + [server] { await peer.close() }
        }
    }

    @Test func `libzmq's subscriptions and messages pass our proxy`() async throws {
        try await Self.withProxy(XSubscriber(), XPublisher()) { front, back in
            let publisher = try SocketPeer("XPUB", "--connect", front)
            let subscriber = try SocketPeer("SUB", "--connect", back)
            try await subscriber.set("SUBSCRIBE", "wanted")
            #expect(try await publisher.receive() == [[1] + Array("wanted".utf8)])
            for number in 0..<20 {
                try await publisher.send("other", "\(number)")
                try await publisher.send("wanted", "", "\(number)")
            }
            for number in 0..<20 {
                #expect(try await subscriber.receiveTexts() == ["wanted", "", "\(number)"])
            }
            try await subscriber.set("UNSUBSCRIBE", "wanted")
            #expect(try await publisher.receive() == [[0] + Array("wanted".utf8)])
            for peer in [publisher, subscriber] { await peer.close() }
        }
    }

    @Test func `libzmq's tasks pass our proxy`() async throws {
        try await Self.withProxy(Puller(), Pusher()) { front, back in
            let puller = try SocketPeer("PULL", "--connect", back)
            let pusher = try SocketPeer("PUSH", "--connect", front)
            for number in 0..<20 { try await pusher.send("task", "", "\(number)") }
            for number in 0..<20 {
                #expect(try await puller.receiveTexts() == ["task", "", "\(number)"])
            }
            for peer in [pusher, puller] { await peer.close() }
        }
    }
}
