import SocketTestSupport
import Testing

/// What a stranger may do to a relay, and what the log says of it.
struct HostilePeer: Sendable, CustomTestStringConvertible {
    enum Port {
        case publishers, subscribers
    }

    var name: String
    var port: Port
    var octets: [UInt8]
    /// A part of the logged reason.
    var reason: String

    var testDescription: String { name }

    /// It stops where it must not, after the handshake or in it.
    var isStalling: Bool { reason.hasPrefix("stopped") }
    var isSilent: Bool { reason.hasPrefix("the handshake") }

    /// The largest message of the relay under test, in octets.
    static let messageByteCountMax = 1 << 16
    static let asPublisher = Octets.greeting() + Octets.ready("PUB")
    static let asSubscriber = Octets.greeting() + Octets.ready("SUB")

    static let all: [HostilePeer] = [
        HostilePeer(
            name: "HTTP at the publishers' port",
            port: .publishers,
            octets: Array("GET / HTTP/1.1\r\n\r\n".utf8),
            reason: "does not speak ZMTP ("
        ),
        HostilePeer(
            name: "a torn greeting at the subscribers' port",
            port: .subscribers,
            octets: [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7E],
            reason: "greeting is malformed"
        ),
        HostilePeer(
            name: "a publisher at the subscribers' port",
            port: .subscribers,
            octets: asPublisher,
            reason: "a PUB socket cannot talk to an XPUB socket"
        ),
        HostilePeer(
            name: "a subscriber at the publishers' port",
            port: .publishers,
            octets: asSubscriber,
            reason: "a SUB socket cannot talk to an XSUB socket"
        ),
        HostilePeer(
            name: "a message over the limit",
            port: .publishers,
            octets: asPublisher + longHeader(byteCount: messageByteCountMax + 1),
            reason: "over the limit"
        ),
        HostilePeer(
            name: "a length of 2 to the power of 63",
            port: .publishers,
            octets: asPublisher + [0x02, 0x80, 0, 0, 0, 0, 0, 0, 0],
            reason: "63 bits"
        ),
        HostilePeer(
            name: "messages in a command's clothes",
            port: .publishers,
            octets: asPublisher + [0x05, 0],
            reason: "MORE"
        ),
        HostilePeer(
            name: "reserved flags after good messages",
            port: .publishers,
            octets: asPublisher + Octets.frame("hostile") + [0xF0, 0],
            reason: "reserved flags"
        ),
        HostilePeer(
            name: "a subscription at the publishers' port",
            port: .publishers,
            octets: asPublisher + Octets.command("SUBSCRIBE", [1]),
            reason: "a publisher sent a subscription"
        ),
        HostilePeer(
            name: "a topic of 2 MiB",
            port: .subscribers,
            octets: asSubscriber + [0x06, 0, 0, 0, 0, 0, 0x20, 0, 0],
            reason: "over the limit"
        ),
        HostilePeer(
            name: "a subscriber that sends a large message up",
            port: .subscribers,
            octets: asSubscriber + longHeader(byteCount: 2 << 20),
            reason: "over the limit"
        ),
        HostilePeer(
            name: "a publisher that stops inside a message",
            port: .publishers,
            octets: asPublisher + longHeader(byteCount: 1_000) + [1, 2, 3],
            reason: "stopped in the middle of a message"
        ),
        HostilePeer(
            name: "a subscriber that stops inside a command",
            port: .subscribers,
            octets: asSubscriber + Octets.command("SUBSCRIBE", [1, 2, 3]).dropLast(),
            reason: "stopped in the middle of a message"
        ),
        HostilePeer(
            name: "a peer that never says READY",
            port: .subscribers,
            octets: Octets.greeting(),
            reason: "the handshake was not finished in time"
        ),
    ]

    private static func longHeader(byteCount: Int) -> [UInt8] {
        [0x02] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: byteCount >> ($0 * 8)) }
    }
}
