import Wire

@testable import ZMTP

/// A session with a stream and a handler made of values: it does what the session asks for, keeps the promises a shell
/// must keep, and writes down what happens, a line per event.
///
/// Time moves only by `pass`, and timers go off exactly at their deadlines.
struct SessionRig {
    private(set) var session: Session
    private(set) var lines: [String] = []
    /// Octets that were given to the stream.
    private(set) var sent: [UInt8] = []
    private(set) var now = Instant(nanoseconds: 0)
    /// Whether the peer's machine acknowledges what is sent.
    var isAcknowledged = true
    /// Whether the stream takes all that waits.
    var isFull = false
    /// Messages that wait to be sent.
    private(set) var waitingCount = 0
    private(set) var isStreamOpen = true
    /// Called between two directives, as a stream calls back in the middle of a flush.
    var onDirective: (inout SessionRig) -> Void = { _ in }
    private var held: [UInt8] = []
    /// What follows the signature of our greeting.
    private var unsentGreeting = greeting.dropFirst(Greeting.signatureByteCount)
    private var messageSpill: [UInt8] = []
    private var commandSpill: [UInt8] = []

    init(
        _ type: SocketType = .pub,
        carriage: Carriage = .octets,
        configure: (inout SessionOptions) -> Void = { _ in }
    ) {
        var options = SessionOptions(local: LocalPeer(socketType: type))
        configure(&options)
        session = Session(options: options, carriage: carriage)
    }

    static let greeting = Greeting(mechanism: "NULL").encoded

    static func opening(_ type: SocketType = .sub) -> [UInt8] {
        greeting + Command.readyFrame(LocalPeer(socketType: type).metadata)
    }

    /// A session whose handshake is over; its lines begin afterwards.
    static func established(
        _ configure: (inout SessionOptions) -> Void = { _ in }
    ) -> SessionRig {
        var rig = SessionRig(configure: configure)
        rig.open()
        rig.receive(opening())
        rig.lines = []
        rig.sent = []
        return rig
    }

    mutating func open() {
        session.handleOpen(at: now)
        perform()
    }

    /// One read.
    mutating func receive(_ octets: [UInt8]) {
        session.handleRead(at: now)
        if session.readsInPlace { return consume(octets, isAsItCame: true) }
        consume(decoded(octets), isAsItCame: false)
    }

    private mutating func decoded(_ octets: [UInt8]) -> [UInt8] {
        var frames = [UInt8](repeating: 0, count: session.byteCountMax(decoding: octets.count))
        let byteCount = octets.withUnsafeBytes { octets in
            frames.withUnsafeMutableBytes { session.decode(octets, into: $0) }
        }
        return Array(frames.prefix(byteCount))
    }

    mutating func handleVerdict(_ verdict: AuthenticationVerdict) {
        session.handleVerdict(verdict, at: now)
        perform()
        let rest = held
        held = []
        consume(rest, isAsItCame: session.readsInPlace)
    }

    /// Sends frames by the codec that the session has agreed on.
    mutating func sendAhead(_ frames: [UInt8]) {
        guard case .rewritten(var encoder) = session.egress else {
            sent += frames
            return
        }
        var octets = [UInt8](repeating: 0, count: encoder.byteCountMax(encoding: frames.count))
        let byteCount = frames.withUnsafeBytes { frames in
            octets.withUnsafeMutableBytes { encoder.encode(frames, into: $0) }
        }
        sent += octets.prefix(byteCount)
    }

    /// Queues a message and hands the stream what it takes.
    mutating func send() {
        waitingCount += 1
        drain()
    }

    mutating func drain() {
        if !isFull { waitingCount = 0 }
        session.handleWrite(isEmpty: waitingCount == 0, at: now)
        perform()
    }

    mutating func handleWritable() {
        isFull = false
        session.handleWritable(at: now)
        drain()
    }

    mutating func finish(linger: Duration?) {
        session.finish(linger: linger, at: now)
        perform()
        if session.isSending { drain() }
    }

    mutating func close(_ reason: DisconnectReason, farewell: [UInt8]? = nil) {
        if let farewell {
            session.close(reason, farewell: farewell, at: now)
        } else {
            session.close(reason)
        }
        perform()
    }

    mutating func setReading(_ isReading: Bool) {
        if isReading { session.handleResume() } else { session.handlePause(at: now) }
        perform()
    }

    mutating func handleStreamClose(_ failure: String? = nil) {
        isStreamOpen = false
        if let reason = session.handleClose(failure: failure) { note("closed: \(reason)") }
    }

    mutating func allowPauses() {
        session.allowPauses(at: now)
    }

    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let deadline = session.deadline, deadline <= end {
            let isLate = deadline < now
            now = max(now, deadline)
            session.handleTimeout(at: now)
            perform()
            if session.deadline == deadline || isLate {
                note("a deadline that does not move")
                break
            }
        }
        now = end
    }

    private mutating func perform() {
        while let directive = session.nextDirective() {
            carryOut(directive)
            onDirective(&self)
        }
    }

    private mutating func carryOut(_ directive: Session.Directive) {
        if !isStreamOpen { note("\(directive) after the stream's end") }
        switch directive {
        case .send(let octets):
            sent += octets
            let isGreeting = octets.first == 0xFF
            // The rest of a greeting goes with whatever follows it.
            var rest = octets[...]
            while !isGreeting, let octet = rest.first, octet == unsentGreeting.first {
                rest.removeFirst()
                unsentGreeting.removeFirst()
            }
            if !rest.isEmpty {
                note("send " + (isGreeting ? "greeting" : Self.name(rest.dropFirst(2))))
            }
        case .authenticate(let request): note("authenticate \(request.mechanism)")
        case .advanceContext: note("advance the context")
        case .establish(let peer):
            note("establish \(peer.socketType.rawValue)" + (peer.userID.map { " as \($0)" } ?? ""))
        case .deliver(let message): note("1 in a run of \(message.count)")
        case .sendPing(let octets): note("ping \(hex(octets.dropFirst(7).prefix(2)))")
        case .sendPong(let octets): note("pong \(hex(octets.dropFirst(7)))")
        case .finishStream: note("finish the stream")
        case .confirmSilence:
            note("confirm the silence")
            if !isAcknowledged { session.close(.heartbeat) }
        case .abortStream: note("abort the stream")
        }
    }

    private mutating func consume(_ octets: [UInt8], isAsItCame: Bool) {
        octets.withUnsafeBytes { bytes in
            var offset = 0
            while true {
                switch session.next(bytes, from: &offset, at: now) {
                case .handshake:
                    perform()
                    guard isAsItCame, !session.readsInPlace else { continue }
                    return consume(decoded(Array(bytes[offset...])), isAsItCame: false)
                case .wait:
                    held += bytes[offset...]
                    return
                case .over, .traffic(.drained), .traffic(.violation): return
                case .traffic(.run(let range, let count)):
                    note("\(count) in a run of \(range.count)")
                case .traffic(.messagePiece(let range, let isLast)):
                    messageSpill += bytes[range]
                    guard isLast else { continue }
                    note("1 in a run of \(messageSpill.count)")
                    messageSpill = []
                case .traffic(.command(let range)): handleCommand(Array(bytes[range]))
                case .traffic(.commandPiece(let range, let isLast)):
                    commandSpill += bytes[range]
                    guard isLast else { continue }
                    handleCommand(commandSpill)
                    commandSpill = []
                }
            }
        }
        session.handleReadEnd(at: now)
        perform()
    }

    private mutating func handleCommand(_ body: [UInt8]) {
        let command = body.withUnsafeBytes { session.handleCommand($0, at: now) }
        if command != nil { note("command \(Self.name(body[...]))") }
        perform()
    }

    private mutating func note(_ line: String) {
        lines.append("\(now.nanoseconds / 1_000_000) \(line)")
    }

    /// The lines since the last call.
    mutating func takeLines() -> [String] {
        defer { lines = [] }
        return lines
    }

    /// The name of a command with that body.
    private static func name(_ body: ArraySlice<UInt8>) -> String {
        String(decoding: body.dropFirst().prefix(Int(body.first ?? 0)), as: UTF8.self)
    }
}
