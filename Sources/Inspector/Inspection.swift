public import Dissection

/// The one object that is fed with packets, and gives the report.
///
/// ```
///   beginCapture ─▶ handle(packet) … ─▶ endCapture ─▶ … next capture … ─▶ finish() ─▶ InspectionReport
///                        │
///                        ▼
///                    Dissector ─┬─▶ StreamTable ──────┐
///                               ├─▶ MembershipTable   ├─▶ MessageLog, when a verdict is asked for
///                               └─▶ SessionTable ─────┘
/// ```
public final class Inspection {
    public let dissector: Dissector
    /// Messages of all taps; `nil` unless a verdict was asked for.
    public let log: MessageLog?

    private let filter: PacketFilter?
    private let verdict: VerdictOptions?
    private let clocks: ClockTable?
    private let memberships: MembershipTable
    private let streams: StreamTable
    private let sessions: SessionTable
    private var tallies: [CaptureTally] = []
    private var startNanoseconds: Int64?

    public init(_ options: InspectionOptions = InspectionOptions()) {
        dissector = Dissector(options: options.dissector)
        filter = options.filter
        verdict = options.verdict
        log = options.verdict == nil ? nil : MessageLog()
        clocks = options.verdict == nil ? nil : ClockTable()
        memberships = MembershipTable(options: options.streams)
        streams = StreamTable(options: options.streams, memberships: memberships, log: log)
        sessions = SessionTable(log: log)
    }

    /// A capture begins, named and placed at a node as the user said; gives its index.
    public func beginCapture(_ name: String, node: String? = nil) -> Int {
        tallies.append(CaptureTally(name: name, node: node))
        return tallies.count - 1
    }

    /// - Precondition: `capture` was begun.
    public func handle(_ packet: CapturedPacket, of capture: Int) {
        tallies[capture].handle(packet)
        handle(dissector.dissect(packet, of: capture), of: packet, capture)
        while let more = dissector.nextDissection() { handle(more, of: packet, capture) }
    }

    /// What the reader says about the capture, at its end or, while it is followed, for now.
    public func update(_ contents: CaptureContents, of capture: Int) {
        tallies[capture].contents = contents
    }

    /// The report as it is now; analysis goes on.
    public func makeReport() -> InspectionReport {
        var report = InspectionReport(
            captures: tallies.indices.map { capture in
                tallies[capture].makeReport(
                    incompleteDatagramCount: dissector.incompleteDatagramCount(of: capture)
                )
            },
            sessions: sessions.reports,
            radio: sessions.radioReports
        )
        streams.fill(&report)
        report.findings = (FindingMaker.findings(of: report) + sessions.findings)
            .sorted(by: Finding.isBefore)
        return report
    }

    /// The captures have ended; gives the report.
    public func finish() -> InspectionReport {
        dissector.handleEnd()
        streams.finish()
        sessions.finish()
        var report = makeReport()
        if let verdict, let log, let clocks {
            report.verdict = Verdict.make(
                log: log,
                clocks: clocks,
                captures: report.captures,
                options: verdict
            )
            report.verdict?.consider(report.streams)
        }
        return report
    }

    @inline(__always)
    private func handle(_ dissection: DissectedPacket, of packet: CapturedPacket, _ capture: Int) {
        if filter != nil, !isWanted(dissection, packet, capture) { return }
        if let clocks { clocks.handle(dissection) }
        switch dissection {
        case .pgm(let pgm): streams.handle(pgm)
        case .membership(let message): memberships.handle(message)
        case .tcp(let segment): sessions.handle(segment)
        case .udp(let udp): sessions.handle(udp)
        case .other, .notIP, .incomplete: break
        case .skipped(let reason): tallies[capture].handleSkip(reason, packet)
        }
    }

    private func isWanted(
        _ dissection: DissectedPacket,
        _ packet: CapturedPacket,
        _ capture: Int
    ) -> Bool {
        guard let filter else { return true }
        let start = startNanoseconds ?? packet.nanoseconds
        startNanoseconds = start
        return filter.matches(
            PacketFacts(
                packet: packet,
                capture: capture,
                dissection: dissection,
                startNanoseconds: start
            )
        )
    }
}
