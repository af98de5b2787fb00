import SocketTestSupport
import Testing

/// What a peer may send wrong, and what the log says of it.
struct BadPeer: Sendable, CustomTestStringConvertible {
    var name: String
    var octets: [UInt8]
    /// A part of the reason's description.
    var reason: String

    var testDescription: String { name }

    static let strangers: [BadPeer] = [
        BadPeer(
            name: "HTTP",
            octets: Array("GET / HTTP/1.1\r\n\r\n".utf8),
            reason: "does not speak ZMTP"
        ),
        BadPeer(
            name: "nine octets of a signature, then another",
            octets: [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7E],
            reason: "greeting is malformed"
        ),
        BadPeer(
            name: "TLS",
            octets: [0x16, 0x03, 0x01, 0x02, 0x00],
            reason: "does not speak ZMTP"
        ),
        BadPeer(
            name: "ZMTP 2.0: revision 1, PUB, no identity",
            octets: [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 1, 0, 0],
            reason: "a PUB socket cannot talk to a PUB socket"
        ),
        BadPeer(
            name: "a mechanism of letters and then junk",
            octets: Octets.greeting(mechanism: "NULL\u{0}x"),
            reason: "greeting is malformed"
        ),
        BadPeer(
            name: "PLAIN",
            octets: Octets.greeting(mechanism: "PLAIN"),
            reason: "security mechanism PLAIN"
        ),
        BadPeer(
            name: "CURVE",
            octets: Octets.greeting(mechanism: "CURVE"),
            reason: "security mechanism CURVE"
        ),
        BadPeer(
            name: "a message instead of READY",
            octets: Octets.greeting() + Octets.frame("early"),
            reason: "malformed handshake"
        ),
        BadPeer(
            name: "a PING instead of READY",
            octets: Octets.greeting() + Octets.command("PING", [0, 0]),
            reason: "malformed handshake"
        ),
        BadPeer(
            name: "READY with half a property",
            octets: Octets.greeting() + Octets.command("READY", [11, 0x53]),
            reason: "malformed handshake"
        ),
        BadPeer(
            name: "a READY of a gigabyte",
            octets: Octets.greeting() + [0x06, 0, 0, 0, 0, 0x40, 0, 0, 0],
            reason: "malformed handshake"
        ),
        BadPeer(
            name: "ERROR, with a terminal's escape",
            octets: Octets.greeting() + Octets.command("ERROR", [4] + Array("no\u{1B}!".utf8)),
            reason: "the peer refused: no?!"
        ),
        BadPeer(
            name: "a socket of another pattern",
            octets: Octets.greeting() + Octets.ready("PULL"),
            reason: "a PULL socket cannot talk to a PUB socket"
        ),
        BadPeer(
            name: "a socket type nobody knows",
            octets: Octets.greeting() + Octets.ready("TELEX"),
            reason: "a TELEX socket cannot talk to a PUB socket"
        ),
    ]

    /// After a handshake in good order.
    static let offenders: [BadPeer] = [
        BadPeer(
            name: "a frame longer than allowed",
            octets: [0x02, 0, 0, 0, 0, 0, 0x20, 0, 0],
            reason: "over the limit of 1048576"
        ),
        BadPeer(
            name: "many frames longer than allowed together",
            octets: [0x03, 0, 0, 0, 0, 0, 0x08, 0, 0] + [UInt8](repeating: 0, count: 0x08_0000)
                + [0x03, 0, 0, 0, 0, 0, 0x08, 0, 1],
            reason: "over the limit of 1048576"
        ),
        BadPeer(
            name: "a length of 64 bits",
            octets: [0x02, 0xFF, 0, 0, 0, 0, 0, 0, 0],
            reason: "does not fit in 63 bits"
        ),
        BadPeer(name: "reserved flags", octets: [0x80, 0x00], reason: "reserved flags"),
        BadPeer(
            name: "a command with MORE",
            octets: [0x05, 0x05, 0x04] + Array("PONG".utf8),
            reason: "MORE flag"
        ),
        BadPeer(
            name: "a command longer than allowed",
            octets: [0x06, 0, 0, 0, 0, 0, 0x20, 0, 0],
            reason: "over the limit"
        ),
        BadPeer(
            name: "a command without a name",
            octets: [0x04, 0x01, 0x00],
            reason: "malformed command"
        ),
        BadPeer(
            name: "a PING without a time-to-live",
            octets: Octets.command("PING", [0]),
            reason: "malformed command"
        ),
        BadPeer(
            name: "ERROR after the handshake",
            octets: Octets.command("ERROR", [4] + Array("oops".utf8)),
            reason: "the peer refused: oops"
        ),
    ]
}
