import Testing

@testable import ZMTP

/// RFC 37 "Commands", "Connection Heartbeating"; the golden octets were captured from libzmq 4.3.4.
struct CommandTests {
    static func decode(_ text: String) -> Command {
        octets(text).withUnsafeBytes { Command(body: $0) }
    }

    @Test(arguments: [
        ("05 \"READY\"", Command.ready(metadata: 6..<6)),
        ("05 \"READY\" 01 \"a\" 00*4", .ready(metadata: 6..<12)),
        ("05 \"ERROR\" 03 \"400\"", .error(reason: 7..<10)),
        ("05 \"ERROR\" 00", .error(reason: 7..<7)),
        ("09 \"SUBSCRIBE\"", .subscribe(topic: 10..<10)),
        ("09 \"SUBSCRIBE\" 41", .subscribe(topic: 10..<11)),
        ("06 \"CANCEL\" 41", .cancel(topic: 7..<8)),
        ("04 \"PING\" 00 00", .ping(ttl: 0, context: 7..<7)),
        ("04 \"PING\" 01 02 \"ctx!\"", .ping(ttl: 258, context: 7..<11)),
        ("04 \"PING\" FF FF 00*16", .ping(ttl: 65_535, context: 7..<23)),
        ("04 \"PONG\"", .pong(context: 5..<5)),
        ("04 \"PONG\" 00*16", .pong(context: 5..<21)),
        // Names are told apart by case and by length.
        ("04 \"ping\" 00 00", .unknown(name: 1..<5, data: 5..<7)),
        ("05 \"PINGS\" 00 00", .unknown(name: 1..<6, data: 6..<8)),
        ("04 \"JOIN\" \"group\"", .join(group: 5..<10)),
        ("05 \"LEAVE\"", .leave(group: 6..<6)),
    ])
    func `a command says where its parts are`(_ body: String, _ command: Command) {
        #expect(Self.decode(body) == command)
    }

    @Test(arguments: [
        "", "00", "00 \"READY\"", "01", "05 \"REA\"", "FF \"READY\"",
        "04 \"PING\"", "04 \"PING\" 00", "04 \"PING\" 00 00 00*17", "04 \"PONG\" 00*17",
        "05 \"ERROR\"", "05 \"ERROR\" 04 \"400\"", "05 \"ERROR\" 02 \"400\"",
    ])
    func `a command with wrong lengths is malformed`(_ body: String) {
        #expect(Self.decode(body) == .malformed)
    }

    @Test
    func `heartbeats look like libzmq's`() {
        #expect(Command.pingFrame(ttl: 0) == octets("04 07 04 \"PING\" 00 00"))
        #expect(
            Command.pingFrame(ttl: 20, context: Array("ctx!".utf8))
                == octets("04 0B 04 \"PING\" 00 14 \"ctx!\"")
        )
        let pong = octets("\"ctx!\"").withUnsafeBytes { Command.pongFrame(context: $0) }
        #expect(pong == octets("04 09 04 \"PONG\" \"ctx!\""))
    }

    @Test
    func `an error reason has at most 255 octets`() {
        #expect(Command.errorFrame("no") == octets("04 09 05 \"ERROR\" 02 \"no\""))
        let long = Command.errorFrame(String(repeating: "x", count: 300))
        #expect(long == octets("06 00*6 01 06 05 \"ERROR\" FF 78*255"))
    }

    @Test(arguments: [
        (SocketType.sub, "04 19 05 \"READY\" 0B \"Socket-Type\" 00 00 00 03 \"SUB\""),
        (.pub, "04 19 05 \"READY\" 0B \"Socket-Type\" 00 00 00 03 \"PUB\""),
        (.xsub, "04 1A 05 \"READY\" 0B \"Socket-Type\" 00 00 00 04 \"XSUB\""),
        (.xpub, "04 1A 05 \"READY\" 0B \"Socket-Type\" 00 00 00 04 \"XPUB\""),
    ])
    func `READY looks like libzmq's`(_ type: SocketType, _ golden: String) {
        #expect(Command.readyFrame(LocalPeer(socketType: type).metadata) == octets(golden))
    }

    @Test
    func `READY carries the routing id and the application's properties`() {
        var properties = Metadata()
        properties.append("X-Tree", "a".utf8)
        let local = LocalPeer(socketType: .pub, routingID: [7, 8], properties: properties)
        let golden = octets(
            """
            04 34 05 "READY" 0B "Socket-Type" 00 00 00 03 "PUB" 08 "Identity" 00 00 00 02 07 08
            06 "X-Tree" 00 00 00 01 "a"
            """
        )
        #expect(Command.readyFrame(local.metadata) == golden)
    }
}
