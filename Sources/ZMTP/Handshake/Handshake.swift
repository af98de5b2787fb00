import Wire

/// The opening of a connection: greetings, then the mechanism, then both sides know each other (RFC 37).
///
///     idle ── start ──▶ greeting ── the peer's is ok ──▶ command ◀── verdict ──┐
///              │                                          │  ▲  └─────▶ verdict ┘
///              └── a transport that greets by itself ─────│──┘
///                                                         └── established, or anything wrong ──▶ done
///
/// Where nothing but octets is spoken it is over as soon as the connection is open.
///
/// One event in, one `HandshakeStep` out. Differences from the RFC: minor versions above 1 are treated as 3.1.
public struct Handshake: Sendable {
    private enum State {
        case idle(Mechanism)
        /// The octets of the peer's greeting so far.
        case greeting(Mechanism, received: [UInt8])
        /// The octets of the peer's next command so far.
        case command(Mechanism, received: [UInt8])
        case verdict(Mechanism)
        case done
    }

    private let carriage: Carriage
    private var state: State

    public init(
        local: LocalPeer,
        carriage: Carriage = .octets,
        asksAuthenticator: Bool = false
    ) {
        self.carriage = carriage
        state = .idle(
            .null(NullMechanism(local: local, asksAuthenticator: asksAuthenticator))
        )
    }

    public var isDone: Bool {
        if case .done = state { true } else { false }
    }

    public var isAwaitingVerdict: Bool {
        if case .verdict = state { true } else { false }
    }

    /// The connection is open; gives what to send before anything has arrived.
    public mutating func start() -> HandshakeStep {
        guard case .idle(let mechanism) = state else { return HandshakeStep(next: .awaitOctets) }
        switch carriage {
        case .octets:
            state = .greeting(mechanism, received: [])
            let greeting = Greeting(mechanism: mechanism.name)
            return HandshakeStep(reply: greeting.encoded, next: .awaitOctets)
        case .raw:
            // The peer is not asked who it is. It counts as the oldest version, which is sent no commands.
            state = .done
            return HandshakeStep(
                next: .established(RemotePeer(socketType: .stream, minorVersion: 0))
            )
        case .messages:
            // ZWS 2.0 (RFC 45) carries what ZMTP 3.1 says.
            return begin(mechanism, minorVersion: 1)
        }
    }

    /// Takes octets from `offset` on, a greeting or a command at most, and moves `offset` past them. Call it until none
    /// are left or `next` says something else than `awaitOctets`; what follows an establishment is traffic.
    public mutating func handle(
        _ bytes: UnsafeRawBufferPointer,
        from offset: inout Int
    ) -> HandshakeStep {
        do throws(HandshakeFailure) {
            switch state {
            case .greeting(let mechanism, var received):
                state = .done
                return try handleGreeting(bytes, &offset, mechanism, &received)
            case .command(let mechanism, var received):
                state = .done
                return try handleCommand(bytes, &offset, mechanism, &received)
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

    /// A command larger than this is refused; libzmq's properties take some 100 octets.
    public static let commandByteCountMax = 65_536
}

// MARK: - Steps

extension Handshake {
    private mutating func handleGreeting(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int,
        _ mechanism: Mechanism,
        _ received: inout [UInt8]
    ) throws(HandshakeFailure) -> HandshakeStep {
        Self.move(bytes, &offset, to: &received, upTo: Greeting.byteCount)
        guard let greeting = try Greeting.decode(received) else {
            state = .greeting(mechanism, received: received)
            return HandshakeStep(next: .awaitOctets)
        }
        guard greeting.mechanism == mechanism.name else {
            throw .mechanismMismatch(local: mechanism.name, peer: greeting.mechanism)
        }
        return begin(mechanism, minorVersion: greeting.major > 3 ? 1 : greeting.minor)
    }

    private mutating func handleCommand(
        _ bytes: UnsafeRawBufferPointer,
        _ offset: inout Int,
        _ mechanism: Mechanism,
        _ received: inout [UInt8]
    ) throws(HandshakeFailure) -> HandshakeStep {
        var mechanism = mechanism
        while true {
            let frame = try CommandFrame(received)
            if received.count == frame.end {
                let body = received.dropFirst(frame.bodyStart)
                let step = try body.withOctets { (body) throws(HandshakeFailure) in
                    try mechanism.handle(Command(body: body), body)
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

    private mutating func begin(_ mechanism: Mechanism, minorVersion: UInt8) -> HandshakeStep {
        var mechanism = mechanism
        return follow(mechanism.start(minorVersion: minorVersion), mechanism)
    }

    /// Goes where the mechanism's step leads.
    private mutating func follow(_ step: HandshakeStep, _ mechanism: Mechanism) -> HandshakeStep {
        switch step.next {
        case .awaitOctets: state = .command(mechanism, received: [])
        case .awaitVerdict: state = .verdict(mechanism)
        case .established, .failed: state = .done
        }
        return step
    }

    private mutating func fail(_ failure: HandshakeFailure) -> HandshakeStep {
        state = .done
        return HandshakeStep(reply: failure.farewell ?? [], next: .failed(failure))
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
