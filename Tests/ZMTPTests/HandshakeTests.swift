import Testing

@testable import ZMTP

/// RFC 37 "Overall Behavior" to "Connection Metadata", each scenario in three ways of delivery.
struct HandshakeTests {
    @Test(arguments: scenarios, HandshakeScenario.Delivery.allCases)
    func `a handshake goes as written`(
        _ scenario: HandshakeScenario,
        _ delivery: HandshakeScenario.Delivery
    ) {
        #expect(scenario.run(delivery) == scenario.transcript)
    }

    static let scenarios = accepted + refusedGreetings + refusedCommands

    /// What sending our READY looks like in a transcript.
    static let ready = "send 04 19 05 52 45 41 44 59 …\n"

    static let accepted: [HandshakeScenario] = [
        HandshakeScenario(
            name: "ZMTP 3.1 publisher",
            script: "peer greeting 3.1 NULL\npeer ready Socket-Type=PUB",
            transcript: ready + "establish PUB minor 1 as command id [] from Socket-Type\nleft "
        ),
        HandshakeScenario(
            name: "ZMTP 3.0 publisher gets subscriptions as messages",
            script: "peer greeting 3.0 NULL\npeer ready Socket-Type=XPUB",
            transcript: ready + "establish XPUB minor 0 as message id [] from Socket-Type\nleft "
        ),
        HandshakeScenario(
            name: "a later version is spoken to in ours",
            script: "peer greeting 4.0 NULL\npeer ready Socket-Type=PUB",
            transcript: ready + "establish PUB minor 1 as command id [] from Socket-Type\nleft "
        ),
        HandshakeScenario(
            name: "octets after READY are left for the frame scanner",
            local: LocalPeer(socketType: .pub),
            script: """
                peer greeting 3.1 NULL
                peer ready Socket-Type=SUB
                peer hex 04 0A 09 "SUBSCRIBE" 00 01
                """,
            transcript: ready + "establish SUB minor 1 as command id [] from Socket-Type\n"
                + "left 04 0A 09 53 55 42 53 43 52 49 42 45 00 01"
        ),
        HandshakeScenario(
            name: "routing id and further properties, names in any case",
            script: "peer greeting 3.1 NULL\npeer ready X-a=1 SOCKET-TYPE=PUB identity=ab X-b=",
            transcript: ready
                + "establish PUB minor 1 as command id [61 62] from X-a,SOCKET-TYPE,identity,X-b\nleft "
        ),
        HandshakeScenario(
            name: "the first of two equal properties counts",
            script: "peer greeting 3.1 NULL\npeer ready Socket-Type=XPUB socket-type=REP",
            transcript: ready
                + "establish XPUB minor 1 as command id [] from Socket-Type,socket-type\nleft "
        ),
        HandshakeScenario(
            name: "a short READY in the long form",
            script: """
                peer greeting 3.1 NULL
                peer hex 06 00*7 19 05 "READY" 0B "Socket-Type" 00 00 00 03 "PUB"
                """,
            transcript: ready + "establish PUB minor 1 as command id [] from Socket-Type\nleft "
        ),
        HandshakeScenario(
            name: "a greeting and half a READY wait for the rest",
            script: "peer greeting 3.1 NULL\npeer hex 04 19 05 \"READY\" 0B \"Sock\"",
            transcript: ready + "waits"
        ),
        HandshakeScenario(
            name: "ZMTP 2.0: revision, type and routing id",
            script: "peer hex FF 00*7 01 7F 01 01\npeer hex 00 02 \"ab\" 00 01 41",
            transcript: "send 02 00 00 …\n"
                + "establish PUB minor 0 as message id [61 62] from Identity\nleft 00 01 41"
        ),
        HandshakeScenario(
            name: "ZMTP 2.0: no routing id",
            script: "peer hex FF 00*7 01 7F 01 09 00 00",
            transcript: "send 02 00 00 …\nestablish XPUB minor 0 as message id [] from \nleft "
        ),
        HandshakeScenario(
            name: "ZMTP 1.0: no routing id",
            script: "peer hex 01 00 02 00 41",
            transcript: "establish PUB minor 0 as message id [] from \nleft 02 00 41"
        ),
        HandshakeScenario(
            name: "ZMTP 1.0: a routing id",
            script: "peer hex 03 00\npeer hex \"ab\" 02 00 41",
            transcript: "establish PUB minor 0 as message id [61 62] from Identity\nleft 02 00 41"
        ),
        HandshakeScenario(
            name: "ZMTP 1.0: a routing id in the long form",
            script: "peer hex FF 00*7 03 00 \"ab\" 02 00 41",
            transcript: "establish PUB minor 0 as message id [61 62] from Identity\nleft 02 00 41"
        ),
        HandshakeScenario(name: "silence waits", script: "", transcript: "waits"),
    ]

    static let refusedGreetings: [HandshakeScenario] = [
        HandshakeScenario(
            name: "a web browser",
            script: "peer hex \"GET\" 20 \"/\"",
            transcript: "fail: the peer does not speak ZMTP (its first octet is 0x47)"
        ),
        HandshakeScenario(
            name: "ZMTP 2.0: a routing id in the long form",
            script: "peer hex FF 00*7 01 7F 01 01 02",
            transcript:
                "send 02 00 00 …\nfail: malformed handshake: no routing id of at most 255 octets came, "
                + "but a frame with flags 2"
        ),
        HandshakeScenario(
            name: "another mechanism",
            script: "peer greeting 3.1 CURVE\npeer hex 04 05 \"HELLO\"",
            transcript: "fail: the peer wants security mechanism CURVE, this socket uses NULL"
        ),
        HandshakeScenario(
            name: "a mechanism that only starts like ours",
            script: "peer greeting 3.1 NULLX",
            transcript: "fail: the peer wants security mechanism NULLX, this socket uses NULL"
        ),
    ]

    static let refusedCommands: [HandshakeScenario] = [
        refused(
            "two subscribers",
            "peer ready Socket-Type=SUB",
            "a SUB socket cannot talk to a SUB socket; tells the peer"
        ),
        refused(
            "a socket type of another pattern",
            "peer ready Socket-Type=DEALER Identity=",
            "a DEALER socket cannot talk to a SUB socket; tells the peer"
        ),
        refused(
            "socket types are upper case",
            "peer ready Socket-Type=pub",
            "a pub socket cannot talk to a SUB socket; tells the peer"
        ),
        refused(
            "no socket type",
            "peer ready",
            "a (none) socket cannot talk to a SUB socket; tells the peer"
        ),
        refused(
            "a socket type that would write its own log lines",
            "peer hex 04 19 05 \"READY\" 0B \"Socket-Type\" 00 00 00 03 0A 1B C3",
            "a ??? socket cannot talk to a SUB socket; tells the peer"
        ),
        refused(
            "ERROR",
            "peer hex 04 0A 05 \"ERROR\" 03 \"400\"",
            "the peer refused: 400 (its authenticator does not let this side in)"
        ),
        refused(
            "ERROR with a line end",
            "peer hex 04 0A 05 \"ERROR\" 03 34 0A 30",
            "the peer refused: 4?0"
        ),
        refused(
            "ERROR longer than it says",
            "peer hex 04 0A 05 \"ERROR\" 02 \"400\"",
            "malformed handshake: a command without a name, or with fields of a wrong length"
        ),
        refused(
            "a message instead of READY",
            "peer hex 00",
            "malformed handshake: no command came, but a frame with flags 0"
        ),
        refused(
            "READY with MORE",
            "peer hex 05",
            "malformed handshake: no command came, but a frame with flags 5"
        ),
        refused(
            "reserved flags",
            "peer hex 84",
            "malformed handshake: no command came, but a frame with flags 132"
        ),
        refused(
            "another command before READY",
            "peer hex 04 07 04 \"PING\" 00 00",
            "malformed handshake: another command came before READY"
        ),
        refused(
            "metadata that is cut short",
            "peer hex 04 13 05 \"READY\" 0B \"Socket-Type\" 00",
            "malformed handshake: the metadata is cut short"
        ),
        refused(
            "a value longer than READY",
            "peer hex 04 19 05 \"READY\" 0B \"Socket-Type\" 00 00 00 04 \"PUB\"",
            "malformed handshake: the metadata is malformed"
        ),
        refused(
            "an oversize READY is refused at its header",
            "peer hex 06 00*5 01 00 01",
            "malformed handshake: a handshake command of 65537 octets"
        ),
        refused(
            "a READY of 2⁶⁴−1 octets",
            "peer hex 06 FF*8",
            "malformed handshake: a handshake command of 9223372036854775807 octets"
        ),
    ]

    static func refused(_ name: String, _ command: String, _ why: String) -> HandshakeScenario {
        HandshakeScenario(
            name: name,
            script: "peer greeting 3.1 NULL\n" + command,
            transcript: ready + "fail: " + why
        )
    }

    @Test
    func `two of us agree, and a peer that does not fit is told`() {
        for local in SocketType.allCases {
            for peer in SocketType.allCases {
                var handshake = Handshake(local: LocalPeer(socketType: local))
                _ = handshake.start()
                let input =
                    Greeting(mechanism: "NULL").encoded
                    + Command.readyFrame(LocalPeer(socketType: peer).metadata)
                let fits = local.accepts(peer)
                var offset = 0
                _ = input.withUnsafeBytes { handshake.handle($0, from: &offset) }
                let last = input.withUnsafeBytes { handshake.handle($0, from: &offset) }
                switch last.next {
                case .established(let remote):
                    #expect(fits && remote.socketType == peer)
                case .failed(let failure):
                    #expect(!fits)
                    #expect(failure == .incompatibleSocketType(local: local, peer: peer.rawValue))
                    let reason = "\(peer.rawValue) cannot talk to \(local.rawValue)"
                    #expect(last.reply == Command.errorFrame(reason))
                case .awaitOctets, .awaitVerdict, .awaitContext:
                    Issue.record("\(local) and \(peer): \(last)")
                }
            }
        }
    }

    @Test(arguments: [(SocketType.pub, true), (.xpub, true), (.sub, false), (.req, false)])
    func `one of the same side is told where to go instead, by whoever knows`(
        peer: SocketType,
        isMisled: Bool
    ) {
        var relay = LocalPeer(socketType: .xpub)
        relay.advice = "use the publishers endpoint, port 6001"
        let stranger = LocalPeer(socketType: peer)
        for (local, remote) in [(relay, stranger), (stranger, relay)] {
            var handshake = Handshake(local: local)
            _ = handshake.start()
            let input = Greeting(mechanism: "NULL").encoded + Command.readyFrame(remote.metadata)
            var offset = 0
            _ = input.withUnsafeBytes { handshake.handle($0, from: &offset) }
            let last = input.withUnsafeBytes { handshake.handle($0, from: &offset) }
            let text = if case .failed(let failure) = last.next { "\(failure)" } else { "" }
            #expect(text.contains("; use the publishers endpoint, port 6001") == isMisled)
        }
    }
}
