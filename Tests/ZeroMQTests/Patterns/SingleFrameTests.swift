import SocketTestSupport
import Testing
import ZeroMQ

/// RFC 49 SCATTER and GATHER, RFC 52 CHANNEL, and what all patterns of messages with one frame share (RFC 37 "thread-safe sockets").
@Suite(.sockets, .timeLimit(.minutes(2))) struct SingleFrameTests {
    @Test(arguments: Wires.allCases)
    func `what is scattered is gathered`(wire: Wires) async throws {
        try await withSocket(Scatterer()) { scatterer in
            try await withSocket(Gatherer()) { gatherer in
                let endpoint = try await gatherer.bind(wire.endpoint("scatter"))
                try await scatterer.connect(endpoint)
                for number in 0..<2_000 { try await scatterer.send("\(number)") }
                #expect(try await gatherer.receiveTexts(2_000) == (0..<2_000).map { "\($0)" })
            }
        }
    }

    /// RFC 49: "SHALL route outgoing messages to available peers using a round-robin strategy."
    @Test func `each gatherer gets a message in turn`() async throws {
        try await withSocket(Scatterer()) { scatterer in
            let endpoint = try await scatterer.bind("inproc://scatter-turns")
            let gatherers = [Gatherer(), Gatherer()]
            for (index, gatherer) in gatherers.enumerated() {
                try await gatherer.connect(endpoint)
                try await scatterer.awaitPeers(index + 1)
            }
            for number in 0..<20 { try await scatterer.send("\(number)") }
            for (index, gatherer) in gatherers.enumerated() {
                let expected = stride(from: index, to: 20, by: 2).map { "\($0)" }
                #expect(try await gatherer.receiveTexts(10) == expected)
                await gatherer.close()
            }
        }
    }

    /// RFC 52: "MAY be connected to at most one CHANNEL peer", "MAY both send and receive messages in any order".
    @Test(arguments: Wires.allCases)
    func `two channels talk, a third is refused`(wire: Wires) async throws {
        try await withSocket(ChannelSocket()) { near in
            let endpoint = try await near.bind(wire.endpoint("channel"))
            let (far, third) = (ChannelSocket(), ChannelSocket())
            try await far.connect(endpoint)
            try await near.awaitPeers(1)
            try await third.connect(endpoint)
            for number in 0..<10 {
                try await far.send("far \(number)")
                try await near.send("near \(number)")
            }
            #expect(try await near.receiveTexts(10) == (0..<10).map { "far \($0)" })
            #expect(try await far.receiveTexts(10) == (0..<10).map { "near \($0)" })
            #expect(await near.peerCount() == 1)
            await far.close()
            await third.close()
        }
    }

    /// RFC 49, 41, 52: "MUST NOT send multipart messages."
    @Test func `a message of several frames is not sent`() async throws {
        // Nobody ever takes what is queued.
        let options = SocketOptions { $0.linger = .zero }
        let senders: [any SendingSocket] = [
            Scatterer(options: options), Client(options: options), ChannelSocket(options: options),
        ]
        for sender in senders {
            try await sender.connect("inproc://single-nobody-\(type(of: sender))")
            #expect(sender.trySend(["one", "two"]) == .multipart)
            let error = await #expect(throws: ZeroMQError.self) {
                try await sender.send(["one", "two"])
            }
            #expect(error?.code == .multipart)
            let late = await #expect(throws: ZeroMQError.self) {
                try await sender.send(["one", "two"], timeout: .seconds(5))
            }
            #expect(late?.code == .multipart)
            #expect(sender.trySend("one") == .queued)
            await sender.close()
        }
    }

    /// RFC 49, 41: "MUST discard any part of a multipart message."
    @Test(arguments: ["SCATTER", "CLIENT"])
    func `a message of several frames that arrives is dropped and counted`(
        type: String
    )
        async throws
    {
        let (gatherer, server) = (Gatherer(), Server())
        let socket: PeerSocket = type == "CLIENT" ? server : gatherer
        let endpoint = try await socket.bind("tcp://127.0.0.1:*")
        let raw = try await RawPeer.connect(to: endpoint)
        try await raw.send(
            Octets.greeting() + Octets.ready(type) + Octets.frame("first")
                + Octets.frame("a", hasMore: true) + Octets.frame("b")
                + Octets.frame("last")
        )
        let texts =
            type == "CLIENT"
            ? [
                try await server.receiveInTime().message, try await server.receiveInTime().message,
            ].map { $0[0].text }
            : try await gatherer.receiveTexts(2)
        #expect(texts == ["first", "last"])
        #expect(await socket.drops()[.malformed] == 1)
        await raw.close()
        await server.close()
        await gatherer.close()
    }
}

extension RoutedSocket {
    func receiveInTime() async throws -> RoutedMessage {
        try await within("message") { try await self.receive() }
    }
}
