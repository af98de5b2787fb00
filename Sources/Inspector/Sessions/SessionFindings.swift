import Rendering

/// Counts what went wrong over all connections, and speaks once for each server and cause.
struct SessionFindings {
    private struct Cause: Hashable {
        var code: String
        var subject: String
        /// What tells causes of one code apart: the reason of a failed handshake.
        var detail: String
    }

    private struct Tally {
        var severity: Finding.Severity
        var connectionCount = 0
        var count = 0
        var worst: Int64 = 0
        /// Of connections in mid-flow: octets passed over, and how certain the least certain place is.
        var skippedByteCount = 0
        var certaintyBits: Int?
        var first: Int64
        var last: Int64
        var capture: Int
        var peer: String
    }

    /// When each capture ended.
    private let captureEnds: [Int: Int64]
    private var tallies: [Cause: Tally] = [:]
    /// In order of appearance, since a dictionary has none.
    private var causes: [Cause] = []
    /// Servers that accepted a connection at some time.
    private var accepting: Set<String> = []

    init(captureEnds: [Int: Int64] = [:]) { self.captureEnds = captureEnds }

    private func captureEnd(_ capture: Int) -> Int64 { captureEnds[capture] ?? .max }

    mutating func add(_ session: SessionReport) {
        let server = session.server.description
        let client = session.client.description
        switch session.opening {
        case .refused: count(.problem, "tcp-refused", server, session, peer: client)
        case .unanswered:
            // A SYN is sent again after a second; before that its answer may be on its way.
            guard captureEnd(session.capture) &- session.firstNanoseconds > Self.answerNanoseconds
            else { break }
            count(.warning, "tcp-unanswered", server, session, peer: client)
        case .midstream:
            if session.content == .zmtp {
                count(.note, "zmtp-midstream", server, session, peer: client)
                noteSearch(of: session, server)
            }
        case .seen: accepting.insert(server)
        }
        if let complaint = session.complaint {
            count(.problem, "zmtp-handshake", server, session, peer: client, detail: complaint)
        }
        let isEncrypted =
            session.fromClient.zmtp?.isEncrypted == true
            || session.fromServer.zmtp?.isEncrypted == true
        if isEncrypted { count(.note, "zmtp-encrypted", server, session, peer: client) }
        add(session.fromClient, of: client, to: server, session)
        add(session.fromServer, of: server, to: client, session)
    }

    private mutating func noteSearch(of session: SessionReport, _ server: String) {
        let cause = Cause(code: "zmtp-midstream", subject: server, detail: "")
        for report in [session.fromClient.zmtp, session.fromServer.zmtp].compactMap({ $0 }) {
            tallies[cause]?.skippedByteCount += report.skippedByteCount
            guard let bits = report.certaintyBits else { continue }
            let known = tallies[cause]?.certaintyBits ?? .max
            tallies[cause]?.certaintyBits = min(known, bits)
        }
    }

    private mutating func add(
        _ side: SessionSide,
        of sender: String,
        to receiver: String,
        _ session: SessionReport
    ) {
        let tcp = side.tcp
        addRepeats(tcp, of: sender, to: receiver, session)
        if tcp.zeroWindowNanoseconds > 100_000_000 {
            count(
                .warning,
                "tcp-zero-window",
                sender,
                session,
                peer: receiver,
                by: tcp.zeroWindowCount,
                worst: tcp.zeroWindowNanoseconds
            )
        }
        if tcp.stallNanosecondsMax >= 1_000_000_000 {
            count(
                .warning,
                "tcp-stall",
                sender,
                session,
                peer: receiver,
                worst: tcp.stallNanosecondsMax
            )
        }
        if tcp.missingByteCount > 0 {
            count(
                .warning,
                "tcp-capture-gap",
                sender,
                session,
                peer: receiver,
                by: tcp.missingByteCount
            )
        }
        if tcp.cutByteCount > 0 {
            count(.note, "tcp-cut", sender, session, peer: receiver, by: tcp.cutByteCount)
        }
        if tcp.doubledCount > 10, tcp.doubledCount * 3 > tcp.segmentCount {
            count(.note, "tcp-doubled", sender, session, peer: receiver, by: tcp.doubledCount)
        }
        addHeartbeat(side, of: sender, to: receiver, session)
    }

    private mutating func addRepeats(
        _ tcp: TCPReport,
        of sender: String,
        to receiver: String,
        _ session: SessionReport
    ) {
        let lostCount = tcp.retransmissionCount + tcp.repairCount
        guard lostCount >= 10, lostCount * 100 > tcp.segmentCount else { return }
        count(
            .warning,
            "tcp-retransmissions",
            sender,
            session,
            peer: receiver,
            by: lostCount,
            detail: "\(tcp.segmentCount)"
        )
    }

    private mutating func addHeartbeat(
        _ side: SessionSide,
        of sender: String,
        to receiver: String,
        _ session: SessionReport
    ) {
        guard let zmtp = side.zmtp else { return }
        // Where the capture lacks octets, a PONG may be among them, and the next one answers two PINGs.
        if session.fromClient.tcp.isWhole, session.fromServer.tcp.isWhole,
            zmtp.heartbeat.count >= 3, zmtp.heartbeat.quantile(0.9) > 1_000_000_000
        {
            count(
                .warning,
                "zmtp-heartbeat-slow",
                receiver,
                session,
                peer: sender,
                worst: zmtp.heartbeat.maximum
            )
        }
    }

    private mutating func count(
        _ severity: Finding.Severity,
        _ code: String,
        _ subject: String,
        _ session: SessionReport,
        peer: String,
        by count: Int = 1,
        worst: Int64 = 0,
        detail: String = ""
    ) {
        // Segments of all connections would be another cause each; the share is of the first.
        let isShare = code == "tcp-retransmissions"
        let cause = Cause(code: code, subject: subject, detail: isShare ? "" : detail)
        if tallies[cause] == nil {
            guard causes.count < Self.causeCountMax else { return }
            causes.append(cause)
            tallies[cause] = Tally(
                severity: severity,
                first: session.firstNanoseconds,
                last: session.lastNanoseconds,
                capture: session.capture,
                peer: peer
            )
        }
        tallies[cause]?.connectionCount += 1
        tallies[cause]?.count += count
        if let tally = tallies[cause] {
            tallies[cause]?.worst = max(tally.worst, worst)
            tallies[cause]?.first = min(tally.first, session.firstNanoseconds)
            tallies[cause]?.last = max(tally.last, session.lastNanoseconds)
        }
    }

    func findings(leftOutSegmentCount: Int) -> [Finding] {
        var findings = causes.compactMap { cause in
            tallies[cause].map { finding(cause, $0) }
        }
        if leftOutSegmentCount > 0 {
            findings.append(
                Finding(
                    .warning,
                    "tcp-left-out",
                    subject: "TCP",
                    text: "\(Figures.count(leftOutSegmentCount, "segment")) of connections beyond "
                        + "the first 65,536 not analysed; cut the capture into parts",
                    count: leftOutSegmentCount
                )
            )
        }
        return findings
    }

    private func finding(_ cause: Cause, _ tally: Tally) -> Finding {
        let isUpAtTimes = cause.code == "tcp-refused" && accepting.contains(cause.subject)
        return Finding(
            isUpAtTimes ? .note : tally.severity,
            cause.code,
            subject: cause.subject,
            text: isUpAtTimes
                ? "\(cause.subject) refused \(Self.connections(tally)) and accepted others: it was "
                    + "not up yet, or not any more"
                : Self.text(cause, tally),
            firstNanoseconds: tally.first,
            lastNanoseconds: tally.last,
            count: tally.count,
            capture: tally.capture
        )
    }

    private static func connections(_ tally: Tally) -> String {
        tally.connectionCount == 1 ? "a connection" : "\(tally.connectionCount) connections"
    }

    /// How much it cost to find frames, and how certain it is that they are.
    private static func search(_ tally: Tally) -> String {
        guard let bits = tally.certaintyBits else { return "" }
        // Ten bits are three digits.
        let digits = min(bits * 3 / 10, 99)
        return
            "; reading began after \(Figures.count(tally.skippedByteCount, "octet")), where frames "
            + "follow each other as chance would do once in 10^\(digits)"
    }

    private static func text(_ cause: Cause, _ tally: Tally) -> String {
        let who = cause.subject
        let number = tally.connectionCount
        let connections = connections(tally)
        let peers = number == 1 ? tally.peer : "\(tally.peer) and others"
        return switch cause.code {
        case "tcp-refused":
            "\(who) refused \(connections) from \(peers): nothing listened there; "
                + "start it, or correct the endpoint"
        case "tcp-unanswered":
            "\(who) did not answer \(connections) from \(peers): it is down or a filter drops "
                + "its packets"
        case "zmtp-midstream":
            "\(connections) with \(who) began before the capture: what was said in the handshake "
                + "and which topics were subscribed to is not known\(search(tally))"
        case "zmtp-handshake":
            "\(connections) from \(peers) to \(who) failed: \(cause.detail)"
        case "zmtp-encrypted":
            "\(connections) with \(who) is encrypted: only numbers and sizes can be told"
        case "tcp-retransmissions":
            "\(who) had to send \(Figures.count(tally.count, "segment")) again to \(peers): the network between "
                + "them loses packets"
        case "tcp-zero-window":
            "\(who) closed its receive window \(Figures.count(tally.count, "time")), for "
                + "\(Figures.duration(tally.worst)) in all: it reads more slowly than "
                + "\(peers) sends"
        case "tcp-stall":
            "what \(who) sent to \(peers) stood still for \(Figures.duration(tally.worst)) "
                + "until it was sent again"
        case "tcp-capture-gap":
            "the capture lacks \(Figures.count(tally.count, "octet")) that \(who) sent and \(peers) acknowledged: "
                + "the capture lost them, not the network; capture with a larger buffer"
        case "tcp-cut":
            "the snap length cut \(Figures.count(tally.count, "octet")) of what \(who) sent: messages in them "
                + "are only counted; capture whole packets"
        case "tcp-doubled":
            "the capture has \(Figures.count(tally.count, "segment")) of \(who) twice: it was taken at two "
                + "interfaces at once"
        default:
            "\(who) answers PING of \(peers) after up to \(Figures.duration(tally.worst)): "
                + "it is busy or the way is long"
        }
    }

    private static let answerNanoseconds: Int64 = 1_000_000_000
    private static let causeCountMax = 1000
}
