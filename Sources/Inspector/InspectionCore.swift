import Dissection

/// The work of `Inspection`, as a value with one owner: its parts are reached without the checks that a class's properties need.
struct InspectionCore: ~Copyable {
    private let dissector: Dissector
    private let filter: PacketFilter?
    private let verdict: VerdictOptions?
    /// Messages of all taps, and what joins their clocks; `nil` unless a verdict was asked for.
    private let log: MessageLog?
    private let clocks: ClockTable?
    private let memberships: MembershipTable
    private let sessions: SessionTable
    private var streams: StreamTable
    private var tallies: [CaptureTally] = []
    private var startNanoseconds: Int64?

    init(_ options: InspectionOptions) {
        dissector = Dissector(options: options.dissector)
        filter = options.filter
        verdict = options.verdict
        log = options.verdict == nil ? nil : MessageLog()
        clocks = options.verdict == nil ? nil : ClockTable()
        memberships = MembershipTable(options: options.streams)
        sessions = SessionTable(log: log)
        streams = StreamTable(options: options.streams, memberships: memberships, log: log)
    }

    mutating func beginCapture(_ name: String, node: String?) -> Int {
        tallies.append(CaptureTally(name: name, node: node))
        return tallies.count - 1
    }

    mutating func handle(_ packet: CapturedPacket, of capture: Int) {
        tallies[capture].handle(packet)
        handle(dissector.dissect(packet, of: capture), of: packet, capture)
        while let more = dissector.nextDissection() { handle(more, of: packet, capture) }
    }

    mutating func update(_ contents: CaptureContents, of capture: Int) {
        tallies[capture].contents = contents
    }

    func makeReport() -> InspectionReport {
        var report = InspectionReport(
            captures: tallies.indices.map { capture in
                tallies[capture].makeReport(
                    incompleteDatagramCount: dissector.incompleteDatagramCount(of: capture)
                )
            },
            sessions: sessions.reports,
            radio: sessions.radioReports
        )
        report.take(streams, memberships)
        var ends: [Int: Int64] = [:]
        for (index, capture) in report.captures.enumerated() {
            ends[index] = capture.lastNanoseconds
        }
        report.findings = (report.makeFindings() + sessions.findings(captureEnds: ends))
            .sorted(by: Finding.isBefore)
        return report
    }

    mutating func finish() -> InspectionReport {
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
    private mutating func handle(
        _ dissection: DissectedPacket,
        of packet: CapturedPacket,
        _ capture: Int
    ) {
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

    private mutating func isWanted(
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
