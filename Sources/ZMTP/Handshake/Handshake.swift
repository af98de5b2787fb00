import CryptoBox
public import Wire

/// The opening of a connection: greetings, then the mechanism, then both sides know each other (RFC 37).
///
///     idle ── start ──▶ greetings ── the peer's is ok ──▶ command ◀── verdict ──┐
///              │            │                              │  ▲  └─────▶ verdict ┘
///              │            └── of an older version ──▶ routing id ──┐
///              └── a transport that greets by itself ──▶ one of these │
///                            established, or anything wrong ──▶ done ◀┘
///
/// Where nothing but octets is spoken it is over as soon as the connection is open.
///
/// One event in, one `HandshakeStep` out. Differences from the RFC: minor versions above 1 are treated as 3.1. Older peers are met
/// under NULL only, and only where no authenticator is asked: they have nothing that it could judge.
public struct Handshake: Sendable {
    private enum State {
        case idle(any Mechanism)
        case greetings(any Mechanism, GreetingExchange)
        /// The peer sends no READY, and is known but for its routing id.
        case routingID(RoutingIDReader, RemotePeer)
        /// The octets of the peer's next command so far.
        case command(any Mechanism, received: [UInt8])
        /// An authenticator, or a security context, has the word.
        case verdict(any Mechanism)
        case done
    }

    private let local: LocalPeer
    private let carriage: Carriage
    private let asksAuthenticator: Bool
    private let speaksFirst: Bool
    private var state: State
    /// Our greeting, as long as the peer's first octets are waited for.
    private var unsaid: [UInt8] = []
    /// What traffic is encrypted with, once it is over; `nil` = it is not.
    private(set) var traffic: ProtectedTraffic?
    /// How the peer's version frames what follows the handshake; `nil` = as the carriage does.
    private(set) var framing: Framing?

    init(
        options: SessionOptions,
        carriage: Carriage = .octets,
        randomness: SecretBytes? = nil,
        context: (any GSSAPIContext)? = nil
    ) {
        local = options.local
        asksAuthenticator = options.asksAuthenticator
        speaksFirst = options.speaksFirst
        self.carriage = carriage
        state = .idle(
            options.security.mechanism(
                local: options.local,
                asksAuthenticator: options.asksAuthenticator,
                randomness: randomness,
                context: context
            )
        )
    }

    public var isDone: Bool {
        if case .done = state { true } else { false }
    }

    public var isAwaitingVerdict: Bool {
        if case .verdict = state { true } else { false }
    }

    /// Why the peer may have left just now, if there is a usual reason.
    var abandonment: HandshakeFailure? {
        switch state {
        case .command(let mechanism, _): mechanism.abandonment
        // libzmq reads the other's mechanism before it says its own.
        case .greetings(let mechanism, let exchange) where exchange.hasPeerSignature:
            .abandoned(
                "the peer left when it had seen our greeting: it may want another security mechanism than \(mechanism.name)"
            )
        case .idle, .greetings, .routingID, .verdict, .done: nil
        }
    }

    /// The connection is open; gives what to send before anything has arrived.
    public mutating func start() -> HandshakeStep {
        guard case .idle(let mechanism) = state else { return HandshakeStep(next: .awaitOctets) }
        switch carriage {
        case .octets:
            var exchange = GreetingExchange(
                local: local,
                mechanism: mechanism.name,
                isServer: mechanism.isServer,
                meetsOlderPeers: isOpenToOlderPeers(mechanism),
                choices: (mechanism as? MechanismChoice)?.choices ?? []
            )
            unsaid = exchange.start()
            state = .greetings(mechanism, exchange)
            return speaksFirst ? greet() : HandshakeStep(next: .awaitOctets)
        case .raw:
            // The peer is not asked who it is. It counts as the oldest version, which is sent no commands.
            state = .done
            return HandshakeStep(
                next: .established(RemotePeer(socketType: .stream, minorVersion: 0))
            )
        // ZWS 2.0 carries what ZMTP 3.0 says (RFC 45 "Mechanisms").
        case .messages(_, .mechanism):
            do throws(HandshakeFailure) {
                return try begin(Self.chosen(mechanism, "NULL"), minorVersion: 0)
            } catch {
                return fail(error)
            }
        case .messages(_, .routingID(let type)): return beginWithoutMechanism(mechanism, type)
        }
    }

    /// Whether the peer is to say something before this side does.
    var isListening: Bool { !unsaid.isEmpty }

    /// How long it may go on as it is: whoever waits for the peer to begin does so for a second at most.
    func timeout(_ options: SessionOptions) -> Duration {
        isListening ? min(options.handshakeTimeout, .seconds(1)) : options.handshakeTimeout
    }

    /// The peer waits, too, and somebody has to begin.
    mutating func greet() -> HandshakeStep {
        defer { unsaid = [] }
        return HandshakeStep(reply: unsaid, next: .awaitOctets)
    }

    /// Takes octets from `offset` on, a greeting or a command at most, and moves `offset` past them. Call it until none
    /// are left or `next` says something else than `awaitOctets`; what follows an establishment is traffic.
    public mutating func handle(
        _ bytes: UnsafeRawBufferPointer,
        from offset: inout Int,
        at now: Instant
    ) -> HandshakeStep {
        do throws(HandshakeFailure) {
            switch state {
            case .greetings(let mechanism, var exchange):
                state = .done
                return try handleGreeting(bytes, &offset, mechanism, &exchange)
            case .routingID(var reader, let peer):
                state = .done
                try reader.handle(bytes, &offset)
                return collect(reader, of: peer)
            case .command(let mechanism, var received):
                state = .done
                return try handleCommand(bytes, &offset, mechanism, &received, at: now)
            case .idle, .verdict, .done:
                return HandshakeStep(next: .awaitOctets)
            }
        } catch {
            return fail(error)
        }
    }

    /// An authenticator has answered. A verdict that nobody waits for changes nothing.
    public mutating func handleVerdict(_ verdict: AuthenticationVerdict) -> HandshakeStep {
        guard case .verdict(var mechanism) = state else { return HandshakeStep(next: .awaitOctets) }
        do throws(HandshakeFailure) {
            return follow(try mechanism.handleVerdict(verdict), mechanism)
        } catch {
            return fail(error)
        }
    }

    /// The security context has taken a token, or does not come about.
    public mutating func handleProgress(
        _ progress: Result<GSSAPIProgress, GSSAPIError>
    ) -> HandshakeStep {
        guard case .verdict(var mechanism) = state else { return HandshakeStep(next: .awaitOctets) }
        do throws(HandshakeFailure) {
            switch progress {
            case .success(let progress):
                return follow(try mechanism.handleProgress(progress), mechanism)
            case .failure(let error): throw .gssapi(error.description)
            }
        } catch {
            return fail(error)
        }
    }

    /// A command larger than this is refused; libzmq's properties take some 100 octets.
    public static let commandByteCountMax = 65_536
}

// MARK: - Steps

extension Handshake {
    private mutating func handleGreeting(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int,
        _ mechanism: any Mechanism,
        _ exchange: inout GreetingExchange
    ) throws(HandshakeFailure) -> HandshakeStep {
        // A stranger is to learn what is spoken here, too.
        let beginning = greet().reply
        let progress: GreetingExchange.Step
        do throws(HandshakeFailure) {
            progress = try exchange.handle(bytes, &offset)
        } catch {
            return fail(error, after: beginning)
        }
        var step: HandshakeStep
        switch progress.outcome {
        case nil:
            state = .greetings(mechanism, exchange)
            step = HandshakeStep(next: .awaitOctets)
        case .v3(let greeting):
            let mechanism = Self.chosen(mechanism, greeting.mechanism)
            // The peer is to know the rest of our greeting, too: it has no other way to learn what is wrong.
            guard greeting.mechanism == mechanism.name else {
                return fail(
                    .mechanismMismatch(local: mechanism.name, peer: greeting.mechanism),
                    after: beginning + progress.reply
                )
            }
            guard !mechanism.isServer || !greeting.isServer else {
                return fail(
                    .sameRole(mechanism.name, isServer: true),
                    after: beginning + progress.reply
                )
            }
            step = try begin(mechanism, minorVersion: greeting.major > 3 ? 1 : greeting.minor)
        case .v2(let type):
            step = collect(
                RoutingIDReader(),
                of: RemotePeer(socketType: type, majorVersion: 2, minorVersion: 0)
            )
        case .v1(let reader):
            framing = .v1
            step = collect(reader, of: assumedPeer(majorVersion: 1))
        }
        step.reply = beginning + progress.reply + step.reply
        return step
    }

    /// Both sides say their routing ids, and that is all (RFC 45 "No Mechanism", RFC 39).
    private mutating func beginWithoutMechanism(
        _ mechanism: any Mechanism,
        _ type: SocketType?
    ) -> HandshakeStep {
        guard mechanism.isKnownToOlderPeers, !asksAuthenticator else {
            return fail(.mechanismMismatch(local: mechanism.name, peer: "(none)"))
        }
        var peer = assumedPeer(majorVersion: 2)
        if let type {
            guard local.socketType.accepts(type) else {
                return fail(
                    .incompatibleSocketType(local: local.socketType, peer: type.rawValue)
                )
            }
            peer = RemotePeer(socketType: type, majorVersion: 2, minorVersion: 0)
        }
        var step = collect(RoutingIDReader(), of: peer)
        step.reply = RoutingIDReader.frame(local.routingID)
        return step
    }

    /// Where there is a choice, what the peer has chosen.
    private static func chosen(_ mechanism: any Mechanism, _ name: String) -> any Mechanism {
        (mechanism as? MechanismChoice)?.mechanism(named: name) ?? mechanism
    }

    private func isOpenToOlderPeers(_ mechanism: any Mechanism) -> Bool {
        mechanism.isKnownToOlderPeers && !asksAuthenticator
    }

    /// A peer that does not say its type: it is one that fits.
    private func assumedPeer(majorVersion: UInt8) -> RemotePeer {
        var peer = RemotePeer(
            socketType: local.socketType.peers[0],
            majorVersion: majorVersion,
            minorVersion: 0
        )
        peer.isTypeAssumed = true
        return peer
    }

    private mutating func collect(_ reader: RoutingIDReader, of peer: RemotePeer) -> HandshakeStep {
        guard reader.isComplete else {
            state = .routingID(reader, peer)
            return HandshakeStep(next: .awaitOctets)
        }
        var peer = peer
        if !reader.routingID.isEmpty { peer.metadata.append("Identity", reader.routingID) }
        state = .done
        return HandshakeStep(next: .established(peer))
    }

    private mutating func handleCommand(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int,
        _ mechanism: any Mechanism,
        _ received: inout [UInt8],
        at now: Instant
    ) throws(HandshakeFailure) -> HandshakeStep {
        var mechanism = mechanism
        while true {
            let frame = try CommandFrame(received)
            if received.count == frame.end {
                let body = received.dropFirst(frame.bodyStart)
                let step = try body.withOctets { (body) throws(HandshakeFailure) in
                    try mechanism.handle(Command(body: body), body, at: now)
                }
                return follow(step, mechanism)
            }
            guard offset < bytes.count else {
                state = .command(mechanism, received: received)
                return HandshakeStep(next: .awaitOctets)
            }
            Self.move(bytes, &offset, to: &received, upTo: frame.end)
        }
    }

    private mutating func begin(
        _ mechanism: any Mechanism,
        minorVersion: UInt8
    ) throws(HandshakeFailure) -> HandshakeStep {
        var mechanism = mechanism
        return follow(try mechanism.start(minorVersion: minorVersion), mechanism)
    }

    /// Goes where the mechanism's step leads.
    private mutating func follow(
        _ step: HandshakeStep,
        _ mechanism: any Mechanism
    ) -> HandshakeStep {
        switch step.next {
        case .awaitOctets: state = .command(mechanism, received: [])
        case .awaitVerdict, .awaitContext: state = .verdict(mechanism)
        case .established:
            traffic = mechanism.traffic
            state = .done
        case .failed: state = .done
        }
        return step
    }

    private mutating func fail(
        _ failure: HandshakeFailure,
        after reply: [UInt8] = []
    ) -> HandshakeStep {
        state = .done
        return HandshakeStep(reply: reply + (failure.farewell ?? []), next: .failed(failure))
    }

    private static func move(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int,
        to received: inout [UInt8],
        upTo byteCount: Int
    ) {
        let end = min(bytes.count, offset + byteCount - received.count)
        received.append(contentsOf: bytes[offset..<end])
        offset = end
    }
}

/// Where the parts of a command frame lie, as far as its first octets tell.
private struct CommandFrame {
    var bodyStart = 0
    /// Octets that are needed to know more, or the whole frame.
    var end = 1

    init(_ received: [UInt8]) throws(HandshakeFailure) {
        guard let flags = received.first else { return }
        guard flags & ~FrameHeader.long == FrameHeader.command else {
            throw .malformedCommand("no command came, but a frame with flags \(flags)")
        }
        var header = FrameHeader(flags: flags, bodyByteCount: 0)
        bodyStart = header.byteCount
        end = bodyStart
        guard received.count >= bodyStart else { return }
        header.bodyByteCount = received.withUnsafeBytes { bytes in
            bodyStart == 2
                ? Int(bytes[1]) : Int(exactly: BigEndian.loadUInt64(bytes, at: 1)) ?? .max
        }
        guard header.bodyByteCount <= Handshake.commandByteCountMax else {
            throw .malformedCommand("a handshake command of \(header.bodyByteCount) octets")
        }
        end += header.bodyByteCount
    }
}
