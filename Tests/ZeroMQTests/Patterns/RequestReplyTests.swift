import SocketTestSupport
import Testing
import ZeroMQ

/// RFC 28: REQ and REP.
@Suite(.sockets, .timeLimit(.minutes(2))) struct RequestReplyTests {
    /// Serves echoes at an endpoint for as long as `body` takes.
    private static func withEcho(
        _ endpoint: String,
        _ body: (Endpoint) async throws -> Void
    ) async throws {
        try await withSocket(Replier()) { replier in
            let bound = try await replier.bind(endpoint)
            let serving = Task {
                try await replier.serve { request in
                    Message(["echo"] + request.frames)
                }
            }
            try await body(bound)
            serving.cancel()
            _ = await serving.result
        }
    }

    @Test(arguments: Wires.allCases)
    func `each request gets its reply`(wire: Wires) async throws {
        try await Self.withEcho(wire.endpoint("reqrep")) { endpoint in
            try await withSocket(Requester()) { requester in
                try await requester.connect(endpoint)
                for number in 0..<200 {
                    let reply = try await requester.request(
                        ["\(number)", ""],
                        timeout: .seconds(20)
                    )
                    #expect(reply.frames.map(\.text) == ["echo", "\(number)", ""])
                }
            }
        }
    }

    @Test func `many clients at once, served by several tasks`() async throws {
        try await withSocket(Replier()) { replier in
            let endpoint = try await replier.bind("tcp://127.0.0.1:*")
            let serving = Task {
                try await replier.serve(concurrency: 4) { request in
                    await Task.yield()
                    return Message("re: \(request[0].text)")
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        try await withSocket(Requester()) { requester in
                            try await requester.connect(endpoint)
                            for number in 0..<50 {
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
            serving.cancel()
            _ = await serving.result
        }
    }

    @Test func `lockstep is kept on both sides`() async throws {
        try await withSocket(Replier()) { replier in
            try await withSocket(Requester()) { requester in
                try await requester.connect(replier.bind("inproc://lockstep"))
                await Self.expect(.idle) { _ = try await requester.receive() }
                await Self.expect(.idle) { try await replier.send("nobody asked") }
                try await requester.send("first")
                await Self.expect(.busy) { try await requester.send("second") }
                #expect(try await replier.receive()[0].text == "first")
                await Self.expect(.busy) { _ = try await replier.receive() }
                try await replier.send("answer")
                #expect(try await requester.receive()[0].text == "answer")
                await Self.expect(.idle) { _ = try await requester.receive() }
            }
        }
    }

    private static func expect(
        _ code: ZeroMQError.Code,
        _ body: () async throws -> Void
    ) async {
        let error = await #expect(throws: ZeroMQError.self) { try await body() }
        #expect(error?.code == code)
    }

    /// A late reply must not be taken for that to the next request, with numbers (`correlates`) or without.
    @Test(arguments: [false, true])
    func `a reply that comes too late is nobody's`(correlates: Bool) async throws {
        let options = SocketOptions {
            $0.request.correlates = correlates
            $0.reconnectInitial = .milliseconds(1)
        }
        try await withSocket(Replier()) { replier in
            try await withSocket(Requester(options: options)) { requester in
                try await requester.connect(replier.bind("tcp://127.0.0.1:*"))
                await Self.expect(.timedOut) {
                    _ = try await requester.request("slow", timeout: .milliseconds(50))
                }
                #expect(try await within("slow") { try await replier.receive() }[0].text == "slow")
                try await replier.send("late")
                let answering = Task {
                    let request = try await replier.receive()
                    try await replier.send(Message("to \(request[0].text)"))
                }
                let reply = try await requester.request("next", timeout: .seconds(20))
                #expect(reply[0].text == "to next")
                try await answering.value
            }
        }
    }

    @Test func `a request whose peer dies fails at once`() async throws {
        try await withSocket(Requester()) { requester in
            let endpoint = try await requester.bind("tcp://127.0.0.1:*")
            let replier = Replier()
            try await replier.connect(endpoint)
            let asking = Task { try await requester.request("anybody?") }
            _ = try await within("request") { try await replier.receive() }
            await replier.close()
            let error = await #expect(throws: ZeroMQError.self) {
                _ = try await within("failure") { try await asking.value }
            }
            #expect(error?.code == .peerLost)
            // And the next one finds another server.
            let next = Replier()
            try await next.connect(endpoint)
            let serving = Task { try await next.serve { _ in "here" } }
            #expect(try await requester.request("?", timeout: .seconds(20))[0].text == "here")
            await next.close()
            try await serving.value
        }
    }

    /// RFC 28, "REP": a message without an envelope is discarded.
    @Test func `what has no envelope is no request`() async throws {
        try await withSocket(Replier()) { replier in
            try await withSocket(Dealer()) { dealer in
                try await dealer.connect(replier.bind("inproc://no-envelope"))
                try await dealer.send("bare")
                try await dealer.send(["id", "no empty frame"])
                try await dealer.send(["a", "b", "", "body"])
                #expect(
                    try await within("request") { try await replier.receive() }[0].text == "body"
                )
                try await replier.send("reply")
                let reply = try await dealer.receiveInTime()
                #expect(reply.frames.map(\.text) == ["a", "b", "", "reply"])
                #expect(await replier.drops()[.malformed] == 2)
            }
        }
    }

    @Test func `a cancelled request is abandoned`() async throws {
        try await withSocket(Replier()) { replier in
            try await withSocket(Requester(options: SocketOptions { $0.request.correlates = true }))
            { requester in
                try await requester.connect(replier.bind("inproc://cancelled"))
                let asking = Task { try await requester.request("first") }
                #expect(
                    try await within("first") { try await replier.receive() }[0].text == "first"
                )
                asking.cancel()
                await Self.expect(.cancelled) { _ = try await asking.value }
                try await replier.send("to first")
                let answering = Task { try await replier.serve { _ in "to second" } }
                let reply = try await requester.request("second", timeout: .seconds(20))
                #expect(reply[0].text == "to second")
                answering.cancel()
                _ = await answering.result
            }
        }
    }
}
