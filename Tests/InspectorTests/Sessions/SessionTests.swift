import Dissection
import Inspector
import Testing

/// What a connection's report says of ZMTP in its versions.
@Suite struct SessionTests {
    @Test func `a subscription of ZMTP 3_1 is told in full`() throws {
        var conversation = Conversation.subscription(to: ["weather.", "news."])
        conversation.say(
            ZMTPBytes.message("weather.oslo", "-4") + ZMTPBytes.message("news.local", "none", "")
                + ZMTPBytes.message([Array(repeating: 7, count: 3000)]),
            isFromClient: false
        )
        conversation.say(ZMTPBytes.command("CANCEL", Array("news.".utf8)), isFromClient: true)
        conversation.close()
        let report = try conversation.report()
        #expect(report.client == conversation.client)
        #expect(report.server == conversation.server)
        #expect(report.opening == .seen)
        #expect(report.ending == .finished)
        #expect(report.content == .zmtp)
        #expect(report.complaint == nil)
        let client = try #require(report.fromClient.zmtp)
        let server = try #require(report.fromServer.zmtp)
        #expect(client.version == "3.1" && server.version == "3.1")
        #expect(client.mechanism == "NULL")
        #expect(client.socketType == "SUB" && server.socketType == "XPUB")
        #expect(client.isReady && server.isReady)
        #expect(client.usesSubscriptionCommands)
        #expect(client.subscriptions.map(\.topic) == ["weather.", "news."])
        #expect(client.subscriptions.map(\.cancelCount) == [0, 1])
        #expect(client.messageCount == 0)
        #expect(server.messageCount == 3)
        #expect(server.frameCount == 6)
        #expect(server.multipartCount == 2)
        #expect(server.byteCount == 14 + 14 + 3000)
        #expect(server.byteCountMin == 14 && server.byteCountMax == 3000)
        #expect(server.topics.map(\.text).contains("weather.oslo"))
    }

    @Test func `ZMTP 3_0 subscribes by messages`() throws {
        var conversation = Conversation()
        conversation.open()
        conversation.say(ZMTPBytes.greeting(minor: 0), isFromClient: true)
        conversation.say(ZMTPBytes.greeting(minor: 0), isFromClient: false)
        conversation.say(ZMTPBytes.ready(["Socket-Type": "SUB"]), isFromClient: true)
        conversation.say(ZMTPBytes.ready(["Socket-Type": "PUB"]), isFromClient: false)
        conversation.say(
            ZMTPBytes.message("\u{1}wx") + ZMTPBytes.message("\u{1}"),
            isFromClient: true
        )
        conversation.say(ZMTPBytes.message("\u{0}wx"), isFromClient: true)
        conversation.say(ZMTPBytes.message("wx1"), isFromClient: false)
        let report = try conversation.report()
        let client = try #require(report.fromClient.zmtp)
        #expect(client.version == "3.0")
        #expect(!client.usesSubscriptionCommands)
        #expect(client.subscribeCount == 2 && client.cancelCount == 1)
        #expect(client.subscriptions.map(\.topic) == ["wx", ""])
        #expect(client.messageCount == 0)
        #expect(report.fromServer.zmtp?.messageCount == 1)
    }

    @Test func `ZMTP 2_0 tells its socket type in the greeting`() throws {
        var conversation = Conversation()
        conversation.open()
        // We speak 3.x and find a peer of 2.0, as libzmq does (RFC 23 "Version negotiation").
        let signature: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F]
        conversation.say(signature, isFromClient: true)
        conversation.say(signature + [1, 1], isFromClient: false)
        conversation.say([3, 2], isFromClient: true)
        conversation.say(ZMTPBytes.frame([]), isFromClient: true)
        conversation.say(ZMTPBytes.frame(Array("pub-1".utf8)), isFromClient: false)
        conversation.say(ZMTPBytes.message("\u{1}a"), isFromClient: true)
        conversation.say(ZMTPBytes.message("a", "b"), isFromClient: false)
        let report = try conversation.report()
        let client = try #require(report.fromClient.zmtp)
        let server = try #require(report.fromServer.zmtp)
        #expect(client.version == "2.0" && server.version == "2.0")
        #expect(client.socketType == "SUB" && server.socketType == "PUB")
        #expect(server.identity == "pub-1")
        #expect(client.subscriptions.map(\.topic) == ["a"])
        #expect(server.messageCount == 1 && server.frameCount == 2)
    }

    @Test func `ZMTP 1_0 is known by the signature of its peer`() throws {
        var conversation = Conversation()
        conversation.open()
        conversation.say([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F], isFromClient: true)
        conversation.say(ZMTPBytes.oldFrame([]), isFromClient: false)
        conversation.say(
            ZMTPBytes.oldFrame(Array("a".utf8), flags: 1) + ZMTPBytes.oldFrame([1, 2, 3])
                + ZMTPBytes.oldFrame(Array(repeating: 1, count: 300)),
            isFromClient: false,
            segmentByteCount: 7
        )
        conversation.say(ZMTPBytes.oldFrame(Array("up".utf8)), isFromClient: true)
        let report = try conversation.report()
        let client = try #require(report.fromClient.zmtp)
        let server = try #require(report.fromServer.zmtp)
        #expect(client.version == "1.0" && server.version == "1.0")
        #expect(server.messageCount == 2 && server.frameCount == 3)
        #expect(server.byteCountMax == 300)
    }

    @Test func `two peers of ZMTP 1_0 are known by their frames`() throws {
        var conversation = Conversation()
        conversation.open()
        conversation.say(ZMTPBytes.oldFrame([]), isFromClient: true)
        conversation.say(ZMTPBytes.oldFrame([]), isFromClient: false)
        for number in 0..<10 {
            conversation.say(ZMTPBytes.oldFrame(Array("m\(number)".utf8)), isFromClient: false)
            conversation.say(ZMTPBytes.oldFrame(Array("r\(number)".utf8)), isFromClient: true)
        }
        let report = try conversation.report()
        #expect(report.fromServer.zmtp?.version == "1.0")
        #expect(report.fromServer.zmtp?.messageCount == 10)
        #expect(report.fromClient.zmtp?.messageCount == 10)
    }

    @Test func `under CURVE numbers and sizes are visible and nothing else`() throws {
        var conversation = Conversation()
        conversation.open()
        conversation.say(ZMTPBytes.greeting("CURVE"), isFromClient: true)
        conversation.say(ZMTPBytes.greeting("CURVE", isServer: true), isFromClient: false)
        conversation.say(
            ZMTPBytes.command("HELLO", Array(repeating: 9, count: 194)),
            isFromClient: true
        )
        conversation.say(
            ZMTPBytes.command("WELCOME", Array(repeating: 9, count: 160)),
            isFromClient: false
        )
        conversation.say(
            ZMTPBytes.command("INITIATE", Array(repeating: 9, count: 240)),
            isFromClient: true
        )
        conversation.say(
            ZMTPBytes.command("READY", Array(repeating: 9, count: 60)),
            isFromClient: false
        )
        let sealed = Array("\u{7}MESSAGE".utf8) + Array(repeating: UInt8(8), count: 40)
        // libzmq sends them as messages, others as commands.
        conversation.say(
            ZMTPBytes.frame(sealed) + ZMTPBytes.frame(sealed, flags: 4),
            isFromClient: false
        )
        let log = MessageLog()
        let report = try conversation.report(log: log)
        let server = try #require(report.fromServer.zmtp)
        #expect(server.isEncrypted && server.mechanism == "CURVE" && server.isMechanismServer)
        #expect(server.encryptedFrameCount == 2)
        #expect(server.encryptedByteCount == 2 * sealed.count)
        #expect(server.messageCount == 0)
        #expect(server.handshake == ["WELCOME", "READY"])
        #expect(report.fromClient.zmtp?.handshake == ["HELLO", "INITIATE"])
        #expect(report.complaint == nil)
    }

    @Test func `PLAIN shows its user and hides its password`() throws {
        var conversation = Conversation()
        conversation.open()
        conversation.say(ZMTPBytes.greeting("PLAIN"), isFromClient: true)
        conversation.say(ZMTPBytes.greeting("PLAIN", isServer: true), isFromClient: false)
        conversation.say(
            ZMTPBytes.command("HELLO", [5] + Array("alice".utf8) + [6] + Array("secret".utf8)),
            isFromClient: true
        )
        conversation.say(
            ZMTPBytes.command("ERROR", [6] + Array("denied".utf8)),
            isFromClient: false
        )
        conversation.close()
        let report = try conversation.report()
        let client = try #require(report.fromClient.zmtp)
        #expect(client.properties.map(\.value) == ["alice"])
        #expect(!"\(report)".contains("secret"))
        #expect(report.fromServer.zmtp?.errors == ["denied"])
        #expect(report.complaint == "the server refused: denied")
    }

    @Test func `heartbeats are timed`() throws {
        var conversation = Conversation.subscription()
        conversation.say(ZMTPBytes.command("PING", [0, 0] + Array("x".utf8)), isFromClient: true)
        conversation.nanoseconds += 2_000_000
        conversation.say(ZMTPBytes.command("PONG", Array("x".utf8)), isFromClient: false)
        let client = try #require(try conversation.report().fromClient.zmtp)
        #expect(client.pingCount == 1)
        #expect(client.heartbeat.count == 1)
        #expect(client.heartbeat.minimum == 2_100_000)
    }

    @Test func `peers that cannot talk are told why`() throws {
        var conversation = Conversation()
        conversation.open()
        conversation.say(ZMTPBytes.greeting("CURVE"), isFromClient: true)
        conversation.say(ZMTPBytes.greeting("NULL"), isFromClient: false)
        conversation.close()
        #expect(try conversation.report().complaint?.contains("CURVE") == true)

        conversation = Conversation()
        conversation.open()
        for isFromClient in [true, false] {
            conversation.say(ZMTPBytes.greeting(), isFromClient: isFromClient)
            conversation.say(ZMTPBytes.ready(["Socket-Type": "PUB"]), isFromClient: isFromClient)
        }
        #expect(try conversation.report().complaint == "a PUB cannot talk to a PUB")
    }

    @Test func `other protocols are foreign`() throws {
        let strangers: [[UInt8]] = [
            Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [0x16, 3, 1, 0, 200, 1, 0, 0, 196],
            Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), Array("*1\r\n$4\r\nPING\r\n".utf8),
        ]
        for bytes in strangers {
            var conversation = Conversation()
            conversation.open()
            conversation.say(bytes, isFromClient: true)
            conversation.say(bytes + bytes, isFromClient: false)
            let report = try conversation.report()
            #expect(report.content == .foreign, "\(bytes.prefix(8))")
            #expect(report.fromClient.zmtp == nil)
        }
    }

    @Test func `a refused connection and a silent server are told apart`() throws {
        var refused = Conversation()
        refused.add(isFromClient: true, flags: .syn)
        refused.add(isFromClient: false, flags: [.rst, .ack])
        #expect(try refused.report().opening == .refused)
        var silent = Conversation()
        silent.add(isFromClient: true, flags: .syn)
        silent.add(isFromClient: true, flags: .syn)
        #expect(try silent.report().opening == .unanswered)
    }
}
