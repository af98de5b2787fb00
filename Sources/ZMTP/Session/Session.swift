public import CryptoBox
public import Wire

/// One ZMTP connection, from the open stream to its close: handshake, heartbeat, stall watch and the ways to end, without
/// the stream.
///
///     idle ─ open ─▶ opening ─ handshake over ─▶ established ─ finish ─▶ draining ─ all sent ─▶ flushed
///      │                │                             │                     │                      │
///      │                └── close, with a farewell ───┴──▶ parting          │                      │
///      └── close, time-out: of any state ─────────────────────▶ aborted ◀───┴── too long ──────────┘
///     any ── the stream is closed ──▶ closed
///
/// News comes in by `handle…`, wishes by `close` and `finish`; what the shell must do comes out of `nextDirective()`, in
/// order, and time is asked for by `deadline`. A state is left before its directives are carried out, so whatever a stream
/// calls back in the middle of one finds the session where it will be, and nothing is overwritten afterwards.
///
/// Octets are read by `next`, which says where runs and commands lie; runs are the shell's own buffers.
public struct Session: Sendable {
    public typealias Directive = SessionDirective

    /// What `next` found.
    public enum Event: Equatable, Sendable {
        /// The handshake went a step on: carry out its directives, then go on.
        case handshake
        /// A verdict is awaited: keep what is left, and give it again after the verdict.
        case wait
        case traffic(FrameScanner.Event)
        /// The session takes nothing more: what is left is nobody's.
        case over
    }

    /// Where a session stands, without what it keeps there.
    public enum Stage: Sendable {
        case idle, opening, established, draining, flushed, parting, aborted, closed
    }

    let options: SessionOptions
    var state: SessionState {
        didSet { stage = state.stage }
    }
    var timers = TimerTable() {
        didSet { deadline = timers.earliest }
    }
    var directives: [Directive] = []
    // The shell asks for these two all the time. They are stored, since a getter here would have the whole session copied for
    // each question.
    public private(set) var stage = Stage.idle
    /// When `handleTimeout(at:)` next has work; `nil` = never.
    public private(set) var deadline: Instant?
    // Beside the state and not in it: they belong to the octets, which no state changes, and every read writes to them.
    var liveness = Liveness()
    private var ingress: Ingress
    private var scanner: FrameScanner
    /// What decrypts what arrives before `next` may read it, from the end of the handshake on.
    package var protection: Protection?
    /// How frames leave; a handshake's end may change it.
    public private(set) var egress: Egress
    /// Whether the peer can be asked for a sign of life, whatever version it speaks.
    let hasHeartbeat: Bool

    /// `randomness` has as many octets as `options.security` needs for a handshake (`randomByteCount`); `context` is for GSSAPI.
    public init(
        options: SessionOptions,
        carriage: Carriage = .octets,
        randomness: SecretBytes? = nil,
        context: (any GSSAPIContext)? = nil
    ) {
        self.options = options
        ingress = carriage.framing.ingress
        egress = carriage.framing.egress
        // Encrypted, a PING is none of the transport's.
        hasHeartbeat = carriage.hasHeartbeat && !options.security.isEncrypted
        scanner = FrameScanner(limits: options.limits)
        state = .idle(
            Handshake(
                options: options,
                carriage: carriage,
                randomness: randomness,
                context: context
            )
        )
    }

    /// What the peer said of itself; `nil` before the handshake is over and after the close.
    public var peer: RemotePeer? { state.conversation?.peer }

    /// How long the peer takes to answer a PING; `nil` before its first answer.
    public var roundTrip: RoundTripTime? {
        isEstablished ? liveness.heartbeat.roundTrip : nil
    }

    @inlinable
    public var isClosed: Bool {
        if case .closed = stage { true } else { false }
    }

    /// Whether messages and commands are delivered.
    @inlinable
    public var isEstablished: Bool {
        switch stage {
        case .established, .draining, .flushed: true
        case .idle, .opening, .parting, .aborted, .closed: false
        }
    }

    /// Whether nobody has asked for an end yet.
    @inlinable
    public var isOpen: Bool {
        if case .established = stage { true } else { false }
    }

    /// Whether messages may still be sent.
    @inlinable
    public var isSending: Bool {
        switch stage {
        case .established, .draining: true
        case .idle, .opening, .flushed, .parting, .aborted, .closed: false
        }
    }

    public mutating func nextDirective() -> Directive? {
        directives.isEmpty ? nil : directives.removeFirst()
    }
}

// MARK: - Octets

extension Session {
    /// Whether `next` reads what has arrived; else `decode` must write it anew first.
    public var readsInPlace: Bool { ingress.isInPlace }

    /// The room `decode` needs for that many octets.
    public func byteCountMax(decoding octetCount: Int) -> Int {
        ingress.byteCountMax(decoding: octetCount)
    }

    /// Turns what has arrived into frames for `next`; gives how many octets it wrote. What cannot be decoded ends the
    /// session.
    public mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) -> Int {
        do throws(FrameViolation) {
            return try ingress.decode(octets, into: frames)
        } catch {
            close(.framing(error))
            return 0
        }
    }

    /// From here on the peer's own version frames what is read and sent.
    mutating func setFraming(_ framing: Framing) {
        ingress = framing.ingress
        egress = framing.egress
    }

    /// Octets arrived, and `next` will be called for them.
    public mutating func handleRead(at now: Instant) {
        // Before the traffic: a PING in it asks for octets that come after it.
        updateLiveness { $0.heartbeat.handleActivity(at: now) }
    }

    /// What there is in `bytes` from `offset` on, which is moved past it.
    public mutating func next(
        _ bytes: UnsafeRawBufferPointer,
        from offset: inout Int,
        at now: Instant
    ) -> Event {
        switch state {
        case .established, .draining, .flushed:
            let event = scanner.next(bytes, from: &offset)
            switch event {
            case .violation(let violation): close(.framing(violation))
            case .drained:
                guard let violation = protection?.violation else { return .traffic(event) }
                close(.framing(violation))
            case .run, .messagePiece, .command, .commandPiece: return .traffic(event)
            }
            return .over
        case .opening:
            if state.isAwaitingVerdict { return .wait }
            guard offset < bytes.count else { return .traffic(.drained) }
            continueHandshake(bytes, &offset, at: now)
            return .handshake
        case .idle, .parting, .aborted, .closed:
            return .over
        }
    }

    /// All that arrived has been given to `next`.
    public mutating func handleReadEnd(at now: Instant) {
        guard options.stallTimeout != nil else { return }
        let isPartial = scanner.isInsideMessage || protection?.isInsideFrame ?? false
        updateLiveness { $0.stallWatch.handleRead(isPartial: isPartial, at: now) }
    }
}
