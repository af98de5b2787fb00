import Dissection
import ZMTP

/// One TCP connection at one tap.
///
///     unanswered ─ SYN's answer ──▶ open ── FIN ──▶ finished
///         └─ RST ──▶ refused         └──── RST ──▶ reset
///
/// A connection whose opening the capture lacks is `midstream` from its first segment on.
final class TCPConnection {
    let tap: Tap
    private let first: TCPConnectionHalf
    private let second: TCPConnectionHalf
    private var isFirstClient: Bool
    private(set) var opening: SessionReport.Opening
    private(set) var ending = SessionReport.Ending.open
    private let firstNanoseconds: Int64
    private(set) var lastNanoseconds: Int64
    private var synSequence: UInt32?
    private var isDone = false

    /// - Parameters:
    ///   - segment: the first that was captured; its sender is `first`.
    ///   - isSenderServer: whether others are known to connect to its sender.
    ///   - sinks: for what the sender sends, and for what it is sent.
    init(
        _ segment: TCPSegment,
        isSenderServer: Bool,
        sinks: (first: MessageSink?, second: MessageSink?)
    ) {
        let datagram = segment.datagram
        tap = Tap(capture: datagram.capture, interface: datagram.interface)
        let isSYN = segment.flags.contains(.syn)
        isFirstClient =
            isSYN
            ? !segment.flags.contains(.ack)
            : !isSenderServer && segment.sourcePort >= segment.destinationPort
        opening = isSYN ? .unanswered : .midstream
        first = TCPConnectionHalf(
            address: SocketAddress(address: datagram.source, port: segment.sourcePort),
            stream: ZMTPStream(isMidstream: !isSYN, sink: sinks.first)
        )
        second = TCPConnectionHalf(
            address: SocketAddress(address: datagram.destination, port: segment.destinationPort),
            stream: ZMTPStream(isMidstream: !isSYN, sink: sinks.second)
        )
        firstNanoseconds = datagram.nanoseconds
        lastNanoseconds = datagram.nanoseconds
        first.stream.peer = second.stream
        second.stream.peer = first.stream
        sinks.first?.handleOpening(
            isFromClient: isFirstClient,
            isWhole: isSYN,
            at: firstNanoseconds
        )
        sinks.second?.handleOpening(
            isFromClient: !isFirstClient,
            isWhole: isSYN,
            at: firstNanoseconds
        )
    }

    var server: SocketAddress { isFirstClient ? second.address : first.address }

    /// Whether a segment opens another connection between the same two ports.
    func isSucceeded(by segment: TCPSegment) -> Bool {
        guard segment.flags.contains(.syn), !segment.flags.contains(.ack) else { return false }
        return synSequence != segment.sequence
            && (synSequence != nil || ending != .open || opening == .midstream)
    }

    func handle(_ segment: TCPSegment, isFromFirst: Bool) {
        let sender = isFromFirst ? first : second
        let receiver = isFromFirst ? second : first
        let now = segment.datagram.nanoseconds
        lastNanoseconds = max(lastNanoseconds, now)
        if segment.flags.contains(.syn) {
            sender.begin(at: segment.sequence &+ 1)
            if segment.flags.contains(.ack) {
                opening = .seen
                receiver.begin(at: segment.acknowledgement)
            } else {
                synSequence = segment.sequence
            }
        }
        sender.handle(segment)
        if segment.flags.contains(.rst) {
            handleReset(at: now)
        } else if segment.flags.contains(.ack) {
            receiver.handleAcknowledgement(segment.acknowledgement, at: now)
            // An answer shows, or what can only follow one: a capture may have one direction only.
            if opening == .unanswered, !isFromFirst || !segment.flags.contains(.syn) {
                opening = .seen
            }
        }
        if segment.flags.contains(.fin), ending == .open { end(.finished, at: now) }
        if receiver.stream.phase == .greeting { receiver.stream.handlePeerProgress() }
    }

    private func handleReset(at now: Int64) {
        if opening == .unanswered { opening = .refused }
        if ending == .open || !(first.hasFinished && second.hasFinished) { end(.reset, at: now) }
    }

    private func end(_ ending: SessionReport.Ending, at now: Int64) {
        self.ending = ending
        first.stream.sink?.handleEnding(at: now)
        second.stream.sink?.handleEnding(at: now)
    }

    func finish() {
        guard !isDone else { return }
        isDone = true
        for half in [first, second] {
            half.finish(at: lastNanoseconds)
            half.stream.sink?.handleLast(at: lastNanoseconds)
        }
    }

    var report: SessionReport {
        let client = isFirstClient ? first : second
        let server = isFirstClient ? second : first
        return SessionReport(
            capture: tap.capture,
            interface: tap.interface,
            client: client.address,
            server: server.address,
            opening: opening,
            ending: ending,
            firstNanoseconds: firstNanoseconds,
            lastNanoseconds: lastNanoseconds,
            content: content,
            complaint: complaint(client.stream, server.stream),
            fromClient: Self.side(client),
            fromServer: Self.side(server)
        )
    }

    private static func side(_ half: TCPConnectionHalf) -> SessionSide {
        SessionSide(tcp: half.tcp, zmtp: half.stream.isZMTP ? half.stream.report : nil)
    }

    private var content: SessionReport.Content {
        if first.stream.isZMTP || second.stream.isZMTP { return .zmtp }
        return first.stream.isForeign || second.stream.isForeign ? .foreign : .undecided
    }

    /// Why the two did not come to talk.
    private func complaint(_ client: ZMTPStream, _ server: ZMTPStream) -> String? {
        if let complaint = client.complaint ?? server.complaint { return complaint }
        if let reason = client.report.errors.first { return "the client refused: \(reason)" }
        if let reason = server.report.errors.first { return "the server refused: \(reason)" }
        guard client.isZMTP, server.isZMTP, opening != .midstream else { return nil }
        if let ours = client.report.mechanism, let theirs = server.report.mechanism, ours != theirs
        {
            return "the client wants \(ours), the server \(theirs); both need the same mechanism"
        }
        if let ours = client.report.socketType, let theirs = server.report.socketType,
            !Self.mayTalk(ours, theirs)
        {
            return
                "\(SocketType.withArticle(ours)) cannot talk to \(SocketType.withArticle(theirs))"
        }
        let isVersion3 =
            client.report.version.hasPrefix("3") && server.report.version.hasPrefix("3")
        // What the capture lacks may have been said.
        let isWhole = [first, second].allSatisfy { $0.hasSpoken && $0.tcp.isWhole }
        if isWhole, isVersion3, ending != .open,
            !(client.report.isReady && server.report.isReady)
        {
            return "it was closed before the handshake was complete"
        }
        return nil
    }

    private static func mayTalk(_ ours: String, _ theirs: String) -> Bool {
        guard let ours = SocketType(rawValue: ours), let theirs = SocketType(rawValue: theirs)
        else { return false }
        return ours.accepts(theirs)
    }
}
