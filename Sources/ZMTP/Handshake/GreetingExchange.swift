import Wire

/// The greetings of both sides, sent piece by piece, so that older peers understand theirs (RFC 37 "Backwards Interoperability",
/// RFC 15, RFC 13).
///
///     signature ── the peer's, of 2.0 or later ──▶ revision ── 3 or later ──▶ rest ──▶ ZMTP 3.x
///         │                                           └──── 1 or 2 ──▶ socket type ──▶ ZMTP 2.0
///         └── the head of a frame, with the peer's routing id ───────────────────────▶ ZMTP 1.0
///
/// To a peer of ZMTP 1.0 our signature is the head of a frame, too: the one that holds our routing id. Without a mechanism
/// that older versions know, all 64 octets leave at once, and older peers are refused.
///
/// Difference from RFC 13: it lets the flags of a routing id be anything, and here they are 0 or 1. Whoever speaks another
/// protocol altogether (HTTP, TLS, SSH) would be taken for a peer of ZMTP 1.0 otherwise.
struct GreetingExchange: Sendable {
    enum Outcome: Sendable {
        case v3(Greeting)
        /// The peer's type; its routing id comes next.
        case v2(SocketType)
        /// The peer's routing id comes next, as much as the reader lacks.
        case v1(RoutingIDReader)
    }

    struct Step: Sendable {
        var reply: [UInt8] = []
        var outcome: Outcome?
    }

    private let local: LocalPeer
    private let meetsOlderPeers: Bool
    private var octets: [UInt8]
    /// Mechanisms that the peer may choose from, and whether we are their server; empty = ours is told at once.
    private let choices: [(name: String, isServer: Bool)]
    private var sentByteCount = 0
    private var received: [UInt8] = []

    init(
        local: LocalPeer,
        mechanism: String,
        isServer: Bool = false,
        meetsOlderPeers: Bool,
        choices: [(name: String, isServer: Bool)] = []
    ) {
        self.choices = choices
        self.local = local
        self.meetsOlderPeers = meetsOlderPeers
        var octets = Greeting(mechanism: mechanism, isServer: isServer).encoded
        if meetsOlderPeers {
            octets.withUnsafeMutableBytes {
                BigEndian.store(UInt64(local.routingID.count + 1), in: $0, at: 1)
            }
        }
        self.octets = octets
    }

    /// Whether the peer speaks ZMTP 2.0 or later.
    var hasPeerSignature: Bool {
        received.count >= Greeting.signatureByteCount && received[0] == 0xFF
            && received[Greeting.signatureByteCount - 1] & 1 == 1
    }

    /// What leaves before anything has arrived.
    mutating func start() -> [UInt8] {
        takeOctets(
            upTo: meetsOlderPeers || !choices.isEmpty
                ? Greeting.signatureByteCount : Greeting.byteCount
        )
    }

    /// Takes octets from `offset` on, until the version is known, and moves `offset` past them.
    mutating func handle(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int
    ) throws(HandshakeFailure) -> Step {
        var step = Step()
        while step.outcome == nil, offset < bytes.count {
            received.append(bytes[offset])
            offset += 1
            // At its first wrong octet, and not only after 64, a stranger is refused.
            if received[0] == 0xFF {
                try judgeSignature(&step)
            } else {
                try judgeShortFrame(&step)
            }
        }
        return step
    }

    private mutating func judgeSignature(_ step: inout Step) throws(HandshakeFailure) {
        switch received.count {
        case Greeting.signatureByteCount:
            // An even octet here is the flags of a long frame of ZMTP 1.0.
            if received[9] & 1 == 0 {
                step.outcome = .v1(try longRoutingID())
                step.reply += local.routingID
            } else {
                step.reply += takeOctets(upTo: Greeting.signatureByteCount + 1)
            }
        case 11:
            if received[10] >= 3 {
                if !choices.isEmpty { break }
                step.reply += takeOctets(upTo: Greeting.byteCount)
            } else {
                try checkRevision(received[10])
                step.reply += revision2Rest
            }
        case 12 where received[10] < 3: step.outcome = .v2(try peerType(received[11]))
        case Self.mechanismEnd where received[10] >= 3 && !choices.isEmpty:
            choose()
            step.reply += takeOctets(upTo: Greeting.byteCount)
        case Greeting.byteCount: step.outcome = .v3(try Greeting.decode(received))
        default: break
        }
    }

    /// Two octets: the length of a routing id, with the flags, and the flags.
    private func judgeShortFrame(_ step: inout Step) throws(HandshakeFailure) {
        guard meetsOlderPeers, received[0] > 0 else {
            throw .notZMTP(firstOctet: received[0])
        }
        guard received.count == 2 else { return }
        guard received[1] & ~FrameHeader.more == 0 else {
            throw .notZMTP(firstOctet: received[0])
        }
        step.outcome = .v1(RoutingIDReader(byteCount: Int(received[0]) - 1))
        step.reply += local.routingID
    }

    private func longRoutingID() throws(HandshakeFailure) -> RoutingIDReader {
        let length = received.withUnsafeBytes { BigEndian.loadUInt64($0, at: 1) }
        guard received[9] == 0, (1...256).contains(length) else { throw .malformedGreeting }
        guard meetsOlderPeers else { throw .unsupportedVersion(major: 0) }
        return RoutingIDReader(byteCount: Int(length) - 1)
    }

    private func checkRevision(_ revision: UInt8) throws(HandshakeFailure) {
        guard meetsOlderPeers, revision > 0 else { throw .unsupportedVersion(major: revision) }
    }

    /// Our type, and a frame with our routing id. XPUB and XSUB do not exist in the protocol (RFC 15 "Publish-Subscribe").
    private var revision2Rest: [UInt8] {
        let type: SocketType =
            switch local.socketType {
            case .xpub: .pub
            case .xsub: .sub
            default: local.socketType
            }
        // What is younger finds no peer of its pattern there.
        guard let number = type.revision2Number else { return [] }
        return [number] + RoutingIDReader.frame(local.routingID)
    }

    private func peerType(_ number: UInt8) throws(HandshakeFailure) -> SocketType {
        let type = SocketType(revision2Number: number)
        guard let type, local.socketType.accepts(type) else {
            throw .incompatibleSocketType(
                local: local.socketType,
                peer: type?.rawValue ?? "(\(number))"
            )
        }
        return type
    }

    /// Where the peer's mechanism is known.
    private static let mechanismEnd = 32

    /// Goes on with the mechanism that the peer has named, if we have it.
    private mutating func choose() {
        let name = received[12..<Self.mechanismEnd].prefix { $0 != 0 }
        guard let choice = choices.first(where: { $0.name.utf8.elementsEqual(name) }) else {
            return
        }
        let greeting = Greeting(mechanism: choice.name, isServer: choice.isServer).encoded
        octets.replaceSubrange(12..., with: greeting[12...])
    }

    private mutating func takeOctets(upTo count: Int) -> [UInt8] {
        guard sentByteCount < count else { return [] }
        defer { sentByteCount = count }
        return Array(octets[sentByteCount..<count])
    }
}
