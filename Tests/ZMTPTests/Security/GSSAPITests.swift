import Simulation
import Testing
import Wire

@testable import ZMTP

/// The GSSAPI mechanism (RFC 38, as libzmq speaks it), over a context that no Kerberos is needed for.
struct GSSAPITests {
    private static func pair(
        tokenCount: Int = 1,
        isPlaintext: (server: Bool, client: Bool) = (false, false),
        asks: Bool = false,
        clientProblem: String? = nil,
        serverProblem: String? = nil,
        configure: (inout SessionOptions) -> Void = { _ in }
    ) -> (pair: SecurePair, server: PretendedContext, client: PretendedContext) {
        let server = PretendedContext(
            tokenCount: tokenCount,
            clientName: "ann@EXAMPLE.ORG",
            problem: serverProblem
        )
        let client = PretendedContext(tokenCount: tokenCount, problem: clientProblem)
        let pair = SecurePair(
            server: SecureEnd(
                .pub,
                .gssapiServer(GSSAPIOptions(isPlaintext: isPlaintext.server)),
                context: server
            ) {
                $0.asksAuthenticator = asks
                configure(&$0)
            },
            client: SecureEnd(
                .sub,
                .gssapi(
                    service: GSSAPIName("weather"),
                    GSSAPIOptions(isPlaintext: isPlaintext.client)
                ),
                context: client
            )
        )
        return (pair, server, client)
    }

    @Test(arguments: [1, 2, 3], 0..<4 as Range<UInt64>)
    func `both ends come to know each other, whatever the number of tokens and reads`(
        tokenCount: Int,
        seed: UInt64
    ) {
        for isPlaintext in [false, true] {
            for asks in [false, true] {
                var pair = Self.pair(
                    tokenCount: tokenCount,
                    isPlaintext: (isPlaintext, isPlaintext),
                    asks: asks
                ).pair
                pair.run(seed: seed, readByteCountMax: seed % 2 == 0 ? 300 : 3)
                #expect(pair.server.peer?.principal == "ann@EXAMPLE.ORG")
                #expect(pair.server.peer?.userID == (asks ? "ann" : nil))
                #expect(pair.client.peer?.socketType == .pub)
                #expect((pair.server.session.protection != nil) == !isPlaintext)
                #expect((pair.client.session.protection != nil) == !isPlaintext)
            }
        }
    }

    @Test func `the handshake is libzmq's, octet for octet`() {
        var (pair, _, _) = Self.pair(isPlaintext: (true, true))
        let serverGreeting = pair.server.takeOutgoing()
        pair.client.receive(
            serverGreeting
                + Greeting(mechanism: "GSSAPI", isServer: true).encoded[serverGreeting.count...]
        )
        let first = pair.client.takeOutgoing()
        #expect(first.suffix(16) == [4, 14, 8] + "INITIATE".utf8 + [0, 0, 0, 1, 0])
        pair.server.receive(first)
        let second = pair.server.takeOutgoing()
        #expect(second.suffix(16) == [4, 14, 8] + "INITIATE".utf8 + [0, 0, 0, 1, 0])
        pair.client.receive(Array(second.suffix(16)))
        // The client has no further token, and says so.
        #expect(pair.client.takeOutgoing() == [4, 0])
        pair.server.receive([4, 0])
        let ready = pair.server.takeOutgoing()
        #expect(ready == Command.readyFrame(LocalPeer(socketType: .pub).metadata))
    }

    @Test func `a sealed frame is a MESSAGE with a length, and its flags inside`() throws {
        var (pair, _, _) = Self.pair()
        pair.run()
        pair.client.send([1, 1, 0x61, 0, 0] + Command.pingFrame(ttl: 0))
        let octets = pair.client.takeOutgoing()
        // Header, name and length; the token is a number, a sum, and what was sealed.
        #expect(octets.prefix(14) == [0, 16, 7] + "MESSAGE".utf8 + [0, 0, 0, 4])
        #expect(octets[16..<18].map { $0 ^ 0x55 } == [1, 0x61])
        #expect(octets[34] ^ 0x55 == 0)
        #expect(octets[51] ^ 0x55 == 2)
        pair.server.receive(octets)
        #expect(pair.server.traffic == [1, 1, 0x61, 0, 0])
        #expect(pair.server.commandNames == ["PING"])
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `traffic of any sizes passes, in whatever pieces it comes`(seed: UInt64) {
        var (pair, _, _) = Self.pair()
        pair.run(seed: seed)
        var generator = SeededGenerator(seed: seed)
        var sent: [UInt8] = []
        for _ in 0..<40 {
            let count = [0, 1, 200, 255, 256, 300, 5_000].randomElement(using: &generator) ?? 0
            let body = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var frame: [UInt8] = []
            body.withUnsafeBytes { FrameHeader.append(body: $0, to: &frame) }
            pair.client.send(frame)
            sent += frame
        }
        pair.run(seed: seed, readByteCountMax: seed % 2 == 0 ? 40 : 6_000)
        #expect(pair.server.traffic == sent)
        #expect(pair.server.messageCount == 40)
        #expect(pair.server.reason == nil)
    }

    @Test func `libzmq's marks of subscriptions become commands`() {
        var (pair, _, client) = Self.pair()
        pair.run()
        for (flags, topic) in [(UInt8(4), "a."), (8, "b.")] {
            let token = ([flags] + topic.utf8).withUnsafeBytes { client.wrap($0) } ?? []
            let body = GSSAPIFrame.body(token)
            pair.server.receive([0, UInt8(body.count)] + body)
        }
        #expect(pair.server.commandNames == ["SUBSCRIBE", "CANCEL"])
        #expect(pair.server.reason == nil)
    }

    @Test func `what Kerberos says is the reason`() {
        var (pair, _, _) = Self.pair(clientProblem: "no ticket")
        pair.run()
        #expect(pair.client.reason?.description == "the GSSAPI handshake failed: no ticket")
        (pair, _, _) = Self.pair(serverProblem: "no such key")
        pair.run()
        #expect(pair.server.reason?.description == "the GSSAPI handshake failed: no such key")
        #expect(pair.client.reason?.description.contains("instead of accepting our ticket") == true)
        (pair, _, _) = Self.pair(asks: true)
        pair.verdict = .denied
        pair.run()
        #expect(pair.client.reason?.description.hasPrefix("the peer refused: 400") == true)
    }

    @Test(arguments: [true, false])
    func `both ends must mean the same by plaintext`(isPlaintext: Bool) {
        var (pair, _, _) = Self.pair(isPlaintext: (isPlaintext, !isPlaintext))
        pair.run()
        #expect(pair.client.peer == nil && pair.server.peer == nil)
        #expect(pair.client.reason != nil)
    }

    @Test func `without a library the reason is told`() {
        var end = SecureEnd(.sub, .gssapi(service: GSSAPIName("weather")))
        end.receive(Greeting(mechanism: "GSSAPI", isServer: true).encoded)
        #expect(end.peer == nil)
    }

    @Test func `a context that has expired ends the connection at the other end`() {
        var (pair, _, client) = Self.pair()
        pair.run()
        client.expire()
        pair.client.send([0, 1, 0x61])
        pair.run()
        #expect(pair.server.isClosing && pair.server.traffic.isEmpty)
    }

    /// What a peer may not send after the handshake, and what is said of it.
    @Test func `whatever is not a MESSAGE that opens is refused`() {
        func refusal(_ make: (PretendedContext) -> [UInt8]) -> String {
            var (pair, _, client) = Self.pair { $0.messageByteCountMax = 100_000 }
            pair.run()
            pair.server.receive(make(client))
            pair.server.handleStreamClose()
            return pair.server.reason?.description ?? "none"
        }
        func sealed(_ text: [UInt8], _ context: PretendedContext) -> [UInt8] {
            let body = GSSAPIFrame.body(text.withUnsafeBytes { context.wrap($0) } ?? [])
            return [0, UInt8(body.count)] + body
        }
        #expect(refusal { _ in [0, 1, 0x61] }.contains("not a MESSAGE"))
        #expect(refusal { _ in [8, 1, 0x61] }.contains("not a MESSAGE"))
        #expect(refusal { sealed([0x40], $0) }.contains("flags"))
        #expect(refusal { sealed([], $0) }.contains("does not open"))
        #expect(
            refusal {
                let message = sealed([0, 0x61], $0)
                return message + message
            }.contains("does not open")
        )
        #expect(
            refusal {
                var message = sealed([0, 0x61], $0)
                message[message.count - 1] ^= 1
                return message
            }.contains("does not open")
        )
        #expect(
            refusal {
                var message = sealed([0, 0x61], $0)
                message[13] += 1
                return message
            }.contains("not a MESSAGE")
        )
        #expect(
            refusal { _ in [2, 0, 0, 0, 0, 0x7F, 0, 0, 0] }.contains("octets")
        )
        #expect(
            refusal { _ in [2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] }.contains("length")
        )
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `octets that were changed end a connection, and nothing else`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (pair, _, _) = Self.pair(
            isPlaintext: (seed % 2 == 0, seed % 2 == 0),
            asks: seed % 3 == 0
        )
        for _ in 0..<8 {
            var toServer = pair.client.takeOutgoing()
            var toClient = pair.server.takeOutgoing()
            if !toServer.isEmpty, Bool.random(using: &generator) {
                let index = Int.random(in: 0..<toServer.count, using: &generator)
                toServer[index] = UInt8.random(in: 0...255, using: &generator)
            }
            if !toClient.isEmpty, UInt8.random(in: 0...3, using: &generator) == 0 {
                toClient = toClient.dropLast(Int.random(in: 0..<toClient.count, using: &generator))
            }
            pair.server.receive(toServer)
            if pair.server.request != nil { pair.server.handleVerdict(pair.verdict) }
            pair.client.receive(toClient)
            if pair.client.peer != nil { pair.client.send([0, 1, 0x61]) }
        }
        pair.server.handleStreamClose()
        #expect(pair.server.reason != nil)
    }
}
