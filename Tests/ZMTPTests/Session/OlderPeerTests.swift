import Testing

@testable import ZMTP

/// Sessions with peers of ZMTP 2.0 and 1.0, both roles of publish and subscribe, cut at every offset.
struct OlderPeerTests {
    struct Talk: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var type: SocketType
        var routingID: [UInt8] = []
        /// Everything the peer sends.
        var peer: String
        /// Everything we send: the handshake, and the message `A`.
        var sent: String
        var lines: [String]
    }

    static let talks = [
        Talk(
            testDescription: "a subscriber of 2.0",
            type: .pub,
            peer: "FF 00*7 01 7F 01 02 00 00 00 02 01 61 00 02 00 61",
            sent: "FF 00*7 01 7F 03 01 00 00 00 01 41",
            lines: ["establish SUB", "messages 2 in 8"]
        ),
        Talk(
            testDescription: "a publisher of 2.0",
            type: .xsub,
            routingID: [0x61],
            peer: "FF 00*7 01 7F 01 01 00 01 62 01 01 41 00 00 02 00*6 01 00 42*256",
            sent: "FF 00*7 02 7F 03 02 00 01 61 00 01 41",
            lines: ["establish PUB", "messages 2 in 270"]
        ),
        Talk(
            testDescription: "a subscriber of 1.0, which gets everything",
            type: .xpub,
            peer: "01 00",
            sent: "FF 00*7 01 7F 02 00 41",
            lines: ["establish SUB", "messages 1 in 3"]
        ),
        Talk(
            testDescription: "a publisher of 1.0",
            type: .sub,
            routingID: [0x61],
            peer: "03 00 62 63 02 01 41 01 00 FF 00*6 01 01 00 42*256",
            sent: "FF 00*7 02 7F 61 02 00 41",
            lines: ["establish PUB", "messages 2 in 270"]
        ),
        Talk(
            testDescription: "a dealer of 1.0 with a long routing id",
            type: .router,
            peer: "FF 00*7 02 00 62 02 00 41",
            sent: "FF 00*7 01 7F 02 00 41",
            lines: ["establish REQ", "messages 1 in 3"]
        ),
    ]

    @Test(arguments: talks)
    func `a session goes as written, wherever the octets are cut`(_ talk: Talk) {
        let octets = octets(talk.peer)
        for offset in 0...octets.count {
            var rig = SessionRig(talk.type) { $0.local.routingID = talk.routingID }
            rig.open()
            rig.receive(Array(octets[..<offset]))
            rig.receive(Array(octets[offset...]))
            rig.sendAhead([0, 1, 0x41])
            #expect(Self.summary(rig.takeLines()) == talk.lines)
            #expect(rig.sent == ZMTPTests.octets(talk.sent), "cut at \(offset)")
        }
    }

    /// Runs come in as many parts as reads; together they are what the peer sent.
    private static func summary(_ lines: [String]) -> [String] {
        let words = lines.map { $0.split(separator: " ").dropFirst() }
        let runs = words.filter { $0.contains("run") }.map { $0.compactMap { Int($0) } }
        let count = runs.reduce(0) { $0 + $1[0] }
        let byteCount = runs.reduce(0) { $0 + $1[1] }
        let others = words.filter { !$0.contains("run") && $0.first != "send" }
        return others.map { $0.joined(separator: " ") } + ["messages \(count) in \(byteCount)"]
    }

    private static func rig(_ opening: String) -> SessionRig {
        var rig = SessionRig { $0.heartbeat.interval = .seconds(1) }
        rig.open()
        rig.receive(octets(opening))
        _ = rig.takeLines()
        return rig
    }

    @Test(arguments: ["FF 00*7 01 7F 01 02 00 00", "01 00"])
    func `older peers are sent no commands`(_ opening: String) {
        var rig = Self.rig(opening)
        let sentByteCount = rig.sent.count
        rig.pass(.seconds(60))
        rig.close(.misbehaviour("bad"), farewell: Command.errorFrame("bad"))
        rig.handleStreamClose()
        #expect(rig.takeLines() == ["60000 finish the stream", "60000 closed: bad"])
        #expect(rig.sent.count == sentByteCount)
    }

    @Test func `a command of a peer that has none ends the session`() {
        var rig = Self.rig("FF 00*7 01 7F 01 02 00 00")
        rig.receive(Command.pingFrame(ttl: 0))
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == [
                "0 abort the stream", "0 closed: a frame has reserved flags set (0x4)",
            ]
        )
    }

    @Test func `an authenticator has nothing to judge older peers by`() {
        var rig = SessionRig { $0.asksAuthenticator = true }
        rig.open()
        rig.receive(octets("FF 00*7 01 7F 01 02"))
        rig.handleStreamClose()
        #expect(
            rig.takeLines().last
                == "0 closed: the peer speaks ZMTP 2.x; where peers are authenticated, 3.0 or later is needed"
        )
    }

    @Test func `versions have names`() {
        var rig = Self.rig("01 00")
        #expect(rig.session.peer?.versionText == "ZMTP 1.0")
        #expect(rig.session.peer?.isTypeAssumed == true)
        rig = Self.rig("FF 00*7 01 7F 01 02 00 00")
        #expect(rig.session.peer?.versionText == "ZMTP 2.0")
        #expect(rig.session.peer?.isTypeAssumed == false)
    }
}
