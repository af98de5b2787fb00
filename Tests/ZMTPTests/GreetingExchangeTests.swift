import Testing

@testable import ZMTP

/// RFC 37 "Version Negotiation" and "Backwards Interoperability".
struct GreetingExchangeTests {
    /// What happens when `text`'s octets arrive one by one: what leaves after each, and how it ends.
    private static func transcript(
        _ text: String,
        of local: LocalPeer = LocalPeer(socketType: .sub),
        meetsOlderPeers: Bool = true
    ) -> String {
        var exchange = GreetingExchange(
            local: local,
            mechanism: "NULL",
            meetsOlderPeers: meetsOlderPeers
        )
        var lines = ["0: \(short(exchange.start()))"]
        for (index, octet) in octets(text).enumerated() {
            do throws(HandshakeFailure) {
                var offset = 0
                let step = try [octet][...].withOctets { (octets) throws(HandshakeFailure) in
                    try exchange.handle(octets, &offset)
                }
                if !step.reply.isEmpty { lines.append("\(index + 1): \(short(step.reply))") }
                guard let outcome = step.outcome else { continue }
                switch outcome {
                case .v3(let greeting): lines.append("\(index + 1): 3.\(greeting.minor)")
                case .v2(let type): lines.append("\(index + 1): 2.0 \(type.rawValue)")
                case .v1(let reader):
                    lines.append("\(index + 1): 1.0\(reader.isComplete ? " anonymous" : "")")
                }
                return lines.joined(separator: "\n")
            } catch {
                lines.append("\(index + 1): \(error)")
                return lines.joined(separator: "\n")
            }
        }
        return (lines + ["waits"]).joined(separator: "\n")
    }

    /// Long ones by their length.
    private static func short(_ octets: [UInt8]) -> String {
        octets.count > 16 ? "\(hex(octets.prefix(2))) … \(octets.count) octets" : hex(octets)
    }

    private static let signature = "0: FF 00 00 00 00 00 00 00 01 7F"
    private static let named = LocalPeer(socketType: .xpub, routingID: Array("ab".utf8))

    @Test func `the greeting goes out as the peer's comes in`() {
        let greeting = "FF 00*7 01 7F 03 00 \"NULL\" 00*48"
        #expect(
            Self.transcript(greeting)
                == Self.signature + "\n10: 03\n11: 01 4E … 53 octets\n64: 3.0"
        )
        #expect(
            Self.transcript("FF 00*7 01 7F 03 00") == Self.signature
                + "\n10: 03\n11: 01 4E … 53 octets\nwaits"
        )
    }

    @Test func `a socket that authenticates sends its greeting at once`() {
        let greeting = "FF 00*7 01 7F 03 01 \"NULL\" 00*48"
        #expect(
            Self.transcript(greeting, meetsOlderPeers: false)
                == "0: FF 00 … 64 octets\n64: 3.1"
        )
    }

    @Test(arguments: ["01", "02"])
    func `to a peer of ZMTP 2_0 we say our type and routing id`(revision: String) {
        let greeting = "FF 00*7 01 7F \(revision) 01"
        #expect(Self.transcript(greeting) == Self.signature + "\n10: 03\n11: 02 00 00\n12: 2.0 PUB")
    }

    @Test func `XPUB and XSUB are PUB and SUB to a peer of ZMTP 2_0`() {
        #expect(
            Self.transcript("FF 00*7 05 7F 01 02", of: Self.named)
                == "0: FF 00 00 00 00 00 00 00 03 7F\n10: 03\n11: 01 00 02 61 62\n12: 2.0 SUB"
        )
        #expect(
            Self.transcript("FF 00*7 01 7F 01 0A", of: LocalPeer(socketType: .pub))
                == Self.signature + "\n10: 03\n11: 01 00 00\n12: 2.0 XSUB"
        )
    }

    @Test func `a type that does not fit, or is none, is refused`() {
        #expect(
            Self.transcript("FF 00*7 01 7F 01 02").hasSuffix(
                "12: a SUB socket cannot talk to a SUB socket"
            )
        )
        #expect(
            Self.transcript("FF 00*7 01 7F 01 0B").hasSuffix(
                "12: a (11) socket cannot talk to a SUB socket"
            )
        )
        // RADIO is younger than ZMTP 2.0, and has no number in it.
        #expect(
            Self.transcript("FF 00*7 01 7F 01 02", of: LocalPeer(socketType: .radio))
                == Self.signature + "\n10: 03\n12: a SUB socket cannot talk to a RADIO socket"
        )
    }

    @Test func `a peer of ZMTP 1_0 is known by its routing id's frame, short or long`() {
        #expect(Self.transcript("01 00") == Self.signature + "\n2: 1.0 anonymous")
        #expect(Self.transcript("03 00") == Self.signature + "\n2: 1.0")
        #expect(Self.transcript("FF 00*7 01 00") == Self.signature + "\n10: 1.0 anonymous")
        // Our signature was the head of a frame of three octets to it: flags, and two of routing id.
        #expect(
            Self.transcript("03 00", of: Self.named)
                == "0: FF 00 00 00 00 00 00 00 03 7F\n2: 61 62\n2: 1.0"
        )
    }

    @Test(arguments: [
        ("00", "1: the peer does not speak ZMTP (its first octet is 0x0)"),
        // HTTP, TLS, SSH
        ("\"GET\"", "2: the peer does not speak ZMTP (its first octet is 0x47)"),
        ("16 03", "2: the peer does not speak ZMTP (its first octet is 0x16)"),
        ("\"SSH\"", "2: the peer does not speak ZMTP (its first octet is 0x53)"),
        ("FF 00*8 7E", "10: the peer's greeting is malformed"),
        ("FF 00*8 00", "10: the peer's greeting is malformed"),
        ("FF 00*6 01 01 00", "10: the peer's greeting is malformed"),
        ("FF*9 00", "10: the peer's greeting is malformed"),
    ])
    func `a stranger is refused at the octet that gives it away`(_ text: String, _ last: String) {
        #expect(Self.transcript(text) == Self.signature + "\n" + last)
    }

    @Test(arguments: [
        ("01", "1: the peer does not speak ZMTP (its first octet is 0x1)"),
        (
            "FF 00*7 01 00",
            "10: the peer speaks ZMTP 1.x; where peers are authenticated, 3.0 or later is needed"
        ),
        (
            "FF 00*7 01 7F 01",
            "11: the peer speaks ZMTP 2.x; where peers are authenticated, 3.0 or later is needed"
        ),
    ])
    func `where peers are authenticated older ones are refused`(_ text: String, _ last: String) {
        #expect(
            Self.transcript(text, meetsOlderPeers: false) == "0: FF 00 … 64 octets\n" + last
        )
    }
}
