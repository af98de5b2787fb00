import Dissection

/// The work of `Inspection`, as a value with one owner: its parts are reached without the checks that a class's properties need.
struct InspectionCore: ~Copyable {
    private let dissector: Dissector
    private let filter: PacketFilter?
    private var chosenPacketCount = 0
    private let verdict: VerdictOptions?
    /// Messages of all taps, and what joins their clocks; `nil` unless a verdict was asked for.
    private let log: MessageLog?
    private let clocks: ClockTable?
    private let memberships: MembershipTable
    private let sessions: SessionTable
    private var streams: StreamTable
    private var tallies: [CaptureTally] = []
    private var entrances: [CaptureEntrance] = []
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

    mutating func beginCapture(_ name: String, node: String?, places: CapturePlaces) -> Int {
        let capture = tallies.count
        var entrance = CaptureEntrance(places)
        // What is judged as a tap of its own is a place of its own.
        for tap in verdict?.taps ?? [] where tap.capture == capture {
            if let interface = tap.interface { entrance.separate(interface) }
        }
        tallies.append(CaptureTally(name: name, node: node))
        entrances.append(entrance)
        return capture
    }

    mutating func handle(_ packet: CapturedPacket, of capture: Int) {
        tallies[capture].handle(packet)
        let place =
            if let known = entrances[capture].place(of: packet) {
                known
            } else {
                entrances[capture].discover(packet)
            }
        let dissection = dissector.dissect(packet, of: capture, at: place.index, way: place.way)
        if dissector.hasOuterLayers {
            tallies[capture].carried.handle(
                outer: dissector.outerLayers,
                way: dissector.wayNumber
            )
        }
        handle(dissection, of: packet, at: place.index, capture)
        while let more = dissector.nextDissection() {
            handle(more, of: packet, at: place.index, capture)
        }
    }

    mutating func update(_ contents: CaptureContents, of capture: Int) {
        tallies[capture].contents = contents
    }

    func makeReport() -> InspectionReport {
        var report = InspectionReport(
            captures: tallies.indices.map { capture in
                tallies[capture].makeReport(
                    entrances[capture],
                    incompleteDatagramCount: dissector.incompleteDatagramCount(of: capture),
                    unfilledSums: dissector.unfilledSums(of: capture)
                )
            },
            sessions: sessions.reports,
            radio: sessions.radioReports
        )
        report.take(streams, memberships)
        if filter != nil { report.chosenPacketCount = chosenPacketCount }
        report.findings = (report.makeFindings() + sessions.findings)
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
        at place: Int,
        _ capture: Int
    ) {
        if filter != nil {
            guard isWanted(dissection, packet, capture) else { return }
            chosenPacketCount += 1
        }
        if entrances[capture].isWatching(way: dissector.wayNumber),
            isCopy(dissection, packet, place, capture)
        {
            return
        }
        if let clocks { clocks.handle(dissection) }
        switch dissection {
        case .pgm(let pgm): streams.handle(pgm)
        case .membership(let message): memberships.handle(message)
        case .tcp(let segment): sessions.handle(segment)
        case .udp(let udp): sessions.handle(udp)
        case .unread(let what):
            tallies[capture].carried.handle(what, packetNumber: packet.number)
        case .incomplete: break
        case .skipped(let reason): tallies[capture].handleSkip(reason, packet)
        }
    }

    private mutating func isCopy(
        _ dissection: DissectedPacket,
        _ packet: CapturedPacket,
        _ place: Int,
        _ capture: Int
    ) -> Bool {
        entrances[capture].isCopy(
            dissection,
            at: place,
            way: dissector.wayNumber,
            packet.nanoseconds
        )
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
                startNanoseconds: start,
                outer: dissector.outerLayers
            )
        )
    }
}
