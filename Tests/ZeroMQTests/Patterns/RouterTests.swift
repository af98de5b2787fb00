import SocketTestSupport
import Testing
import ZeroMQ

/// RFC 28: ROUTER and DEALER.
@Suite(.sockets, .timeLimit(.minutes(2))) struct RouterTests {
    private static func dealer(_ name: String) -> Dealer {
        Dealer(options: SocketOptions { $0.routingID = Array(name.utf8) })
    }

    @Test(arguments: Wires.allCases)
    func `each message goes to the peer it names`(wire: Wires) async throws {
        try await withSocket(Router()) { router in
            let endpoint = try await router.bind(wire.endpoint("router-names"))
            let dealers = ["ann", "bob", "cid"].map { ($0, Self.dealer($0)) }
            for (name, dealer) in dealers {
                try await dealer.connect(endpoint)
                try await dealer.send(["hello", Frame(name)])
            }
            var names: Set<String> = []
            for _ in dealers {
                let message = try await router.receiveInTime()
                #expect(message[0].text == message[2].text)
                names.insert(message[0].text)
            }
            #expect(names == ["ann", "bob", "cid"])
            for number in 0..<300 {
                let name = dealers[number % 3].0
                try await router.send([Frame(name), "\(number)"])
            }
            for (index, (_, dealer)) in dealers.enumerated() {
                let expected = stride(from: index, to: 300, by: 3).map { "\($0)" }
                #expect(try await dealer.receiveTexts(100) == expected)
                await dealer.close()
            }
        }
    }

    @Test func `a peer without a name is given one`() async throws {
        try await withSocket(Router()) { router in
            try await withSocket(Dealer()) { dealer in
                try await dealer.connect(router.bind("inproc://router-nameless"))
                try await dealer.send("hello")
                let message = try await router.receiveInTime()
                #expect(message.count == 2)
                #expect(message[0].count == 5)
                #expect(message[0].bytes.first == 0)
                try await router.send([message[0], "you"])
                #expect(try await dealer.receiveInTime()[0].text == "you")
            }
        }
    }

    @Test func `what is for nobody is dropped and counted, or an error where it must arrive`()
        async throws
    {
        try await withSocket(Router()) { router in
            try await router.send(["nobody", "lost"])
            try await router.send("no address")
            try await eventually("drops") {
                let drops = await router.drops()
                return drops[.unroutable] == 1 && drops[.malformed] == 1
            }
        }
        await withSocket(Router(options: SocketOptions { $0.router.isMandatory = true })) {
            router in
            let error = await #expect(throws: ZeroMQError.self) {
                try await router.send(["nobody", "lost"])
            }
            #expect(error?.code == .unroutable)
            #expect(error?.message.contains("nobody") == true)
        }
    }

    @Test func `mandatory, a full peer is waited for`() async throws {
        let options = SocketOptions {
            $0.router.isMandatory = true
            $0.queueLimit = QueueLimit(messageCount: 5)
        }
        try await withSocket(Router(options: options)) { router in
            let endpoint = try await router.bind("inproc://router-full")
            let dealer = Dealer(
                options: SocketOptions {
                    $0.routingID = Array("lazy".utf8)
                    $0.queueLimit = QueueLimit(messageCount: 5)
                }
            )
            try await dealer.connect(endpoint)
            try await router.awaitPeers(1)
            let body = Frame([UInt8](repeating: 1, count: 400_000))
            let sending = Task {
                for _ in 0..<60 { try await router.send(["lazy", body]) }
            }
            for _ in 0..<60 { #expect(try await dealer.receiveInTime()[0].count == 400_000) }
            try await sending.value
            #expect(await router.drops().isEmpty)
            await dealer.close()
        }
    }

    @Test(arguments: [false, true])
    func `of two peers with one routing id the first is kept, or the second`(
        allowsHandover: Bool
    ) async throws {
        let options = SocketOptions { $0.router.allowsHandover = allowsHandover }
        try await withSocket(Router(options: options)) { router in
            let endpoint = try await router.bind("tcp://127.0.0.1:*")
            let (first, second) = (Self.dealer("same"), Self.dealer("same"))
            try await first.connect(endpoint)
            try await first.send("first")
            #expect(try await router.receiveInTime()[1].text == "first")
            try await second.connect(endpoint)
            if allowsHandover {
                try await second.send("second")
                #expect(try await router.receiveInTime()[1].text == "second")
                await first.close()
                try await router.send(["same", "you"])
                #expect(try await second.receiveInTime()[0].text == "you")
            } else {
                try await eventually("refusal") { await router.peerCount() == 1 }
                try await router.send(["same", "you"])
                #expect(try await first.receiveInTime()[0].text == "you")
                await first.close()
            }
            await second.close()
        }
    }

    @Test func `comings and goings are told of by empty messages`() async throws {
        let options = SocketOptions { $0.router.notifications = [.connect, .disconnect] }
        try await withSocket(Router(options: options)) { router in
            let endpoint = try await router.bind("tcp://127.0.0.1:*")
            let dealer = Self.dealer("ann")
            try await dealer.connect(endpoint)
            #expect(try await router.receiveInTime().frames.map(\.text) == ["ann", ""])
            await dealer.close()
            #expect(try await router.receiveInTime().frames.map(\.text) == ["ann", ""])
        }
    }

    @Test func `a dialled peer can be named here`() async throws {
        try await withSocket(Router()) { router in
            try await withSocket(Dealer()) { dealer in
                let endpoint = try await dealer.bind("tcp://127.0.0.1:*")
                try await router.connect(endpoint, as: "chosen")
                try await router.awaitPeers(1)
                try await router.send(["chosen", "first"])
                #expect(try await dealer.receiveInTime()[0].text == "first")
                let error = await #expect(throws: ZeroMQError.self) {
                    try await router.connect(endpoint, as: "")
                }
                #expect(error?.code == .option)
            }
        }
    }

    @Test func `a probe makes a peer known`() async throws {
        try await withSocket(Router()) { router in
            let endpoint = try await router.bind("inproc://router-probe")
            let dealer = Dealer(
                options: SocketOptions {
                    $0.routingID = Array("ann".utf8)
                    $0.probesRouter = true
                }
            )
            try await dealer.connect(endpoint)
            #expect(try await router.receiveInTime().frames.map(\.text) == ["ann", ""])
            await dealer.close()
        }
    }
}

/// Requests of a DEALER, many at once.
@Suite(.sockets, .timeLimit(.minutes(2))) struct DealerRequestTests {
    @Test func `replies find their requests, whatever the order`() async throws {
        try await withSocket(Router()) { router in
            try await withSocket(Dealer()) { dealer in
                try await dealer.connect(router.bind("inproc://dealer-requests"))
                let answering = Task {
                    var held: [Message] = []
                    while held.count < 50 { held.append(try await router.receive()) }
                    // The last one first, and something nobody asked for in between.
                    for message in held.reversed() {
                        try await router.send([message[0], "news"])
                        let reply: Frame = "re: \(message[3].text)"
                        try await router.send([message[0], message[1], "", reply])
                    }
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            let reply = try await dealer.request(
                                Message("\(number)"),
                                timeout: .seconds(20)
                            )
                            #expect(reply[0].text == "re: \(number)")
                        }
                    }
                    try await group.waitForAll()
                }
                try await answering.value
                #expect(try await dealer.receiveTexts(50) == Array(repeating: "news", count: 50))
            }
        }
    }

    @Test func `a request ends when its time is up, its task cancelled, its peer or socket gone`()
        async throws
    {
        try await withSocket(Router()) { router in
            let dealer = Dealer()
            try await dealer.connect(router.bind("tcp://127.0.0.1:*"))
            func ask() -> Task<Message, any Error> { Task { try await dealer.request("?") } }
            func code(_ task: Task<Message, any Error>) async -> ZeroMQError.Code? {
                guard case .failure(let error) = await task.result else { return nil }
                return (error as? ZeroMQError)?.code
            }
            let error = await #expect(throws: ZeroMQError.self) {
                _ = try await dealer.request("?", timeout: .milliseconds(20))
            }
            #expect(error?.code == .timedOut)
            let cancelled = ask()
            _ = try await router.receiveInTime()
            cancelled.cancel()
            #expect(await code(cancelled) == .cancelled)
            let orphaned = ask()
            _ = try await router.receiveInTime()
            await router.close()
            #expect(await code(orphaned) == .peerLost)
            let closed = ask()
            await dealer.close()
            #expect(await code(closed) == .closed)
        }
    }
}
