import ArgumentParser
import Captures
import Dissection
import InspectionReports
import Inspector

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract:
            "Read captures, or listen, and say what was lost, who asked for repairs, and who got what.",
        discussion: """
            PATH is a capture (pcap or pcapng, plain, gzip or zstd), one interface of it (FILE#1), a directory of captures, or - for \
            standard input. Files that a rotating capture wrote are one. EPGM is found \
            by its packets; no port need be named. docs/inspect.md explains every line and key.

              xylem inspect capture.pcapng                      the summary
              xylem inspect --at pub=a.pcap --at leaf=b.pcap    who got what, and where it was lost
              xylem inspect lo.pcap --plan plan.json            whether a tree did what was planned
              xylem inspect --interface eth0 --follow           a table that is refreshed until Ctrl-C
              xylem inspect c.pcap --packets --where 'type in [nak, ncf]'
              xylem inspect c.pcap --where 'group == 239.192.1.1' --write cut.pcap

            --where chooses packets: comparisons with == != < <= > >= and in, joined by and, or, not and brackets. \
            --where help lists its fields.
            """
    )

    @OptionGroup var input: InspectInputOptions
    @OptionGroup var verdict: InspectVerdictOptions

    @Flag(help: "Print one line for each packet instead of the summary.")
    var packets = false
    @Option(help: ArgumentHelp("Only packets that this expression chooses.", valueName: "expr"))
    var `where`: String?
    @Option(
        help: ArgumentHelp(
            "Write the chosen packets to this capture instead of analysing them; - is standard output.",
            valueName: "file"
        )
    )
    var write: String?
    @Option(help: "text for a person; json, ndjson and csv for programs.")
    var format = InspectFormat.text
    @Flag(help: "Show a table that is refreshed every second; the summary comes at the end.")
    var follow = false

    func validate() throws {
        if packets, write != nil {
            throw ValidationError("--packets prints and --write writes: choose one.")
        }
        if packets, format == .json {
            throw ValidationError("--packets has no end: use --format ndjson, one object a line.")
        }
        if `where` != "help" { try input.validateSources(hasTaps: !verdict.at.isEmpty) }
        if follow, packets || write != nil || format != .text {
            throw ValidationError(
                "--follow shows a table: it goes with none of --packets, --write and --format."
            )
        }
        if packets || write != nil, verdict.needsVerdict || verdict.html != nil {
            throw ValidationError(
                "--packets and --write analyse nothing: they go with none of --at, --plan and --html."
            )
        }
        if follow, !input.isLive {
            throw ValidationError(
                "--follow needs --interface, or - for a capture that is being written."
            )
        }
    }

    func run() async throws {
        if `where` == "help" { return Output.write(Self.filterHelp) }
        let filter = try `where`.map { text throws(CommandError) in
            do throws(FilterError) {
                return try PacketFilter(text)
            } catch {
                throw CommandError.badInput("--where: \(error)")
            }
        }
        FileLimit.raise()
        let signals = await TerminationSignals()
        let stop = StopFlag()
        let watch = Task {
            await signals.first()
            stop.set()
        }
        defer { watch.cancel() }
        let inputs = try input.open()
        if let path = write {
            return try await cut(inputs, to: path, filter, stop)
        }
        if packets { return try await list(inputs, filter, stop) }
        try await inspect(inputs, filter, stop)
    }

    private func cut(
        _ inputs: [InspectInput],
        to path: String,
        _ filter: PacketFilter?,
        _ stop: StopFlag
    ) async throws {
        let cutter = try CaptureCutter(path, inputs: inputs, isGrowing: input.isLive)
        let source = PacketSource(inputs, options: input.dissectorOptions, filter, stop)
        try await source.run { facts throws(CommandError) in try cutter.write(facts, source) }
        try cutter.finish()
        Diagnostics.report(
            "wrote \(Figures.count(cutter.packetCount)) of \(Figures.count(source.packetCount)) packets"
                + " to \(path)"
        )
        try source.reportFailures()
    }

    private func list(
        _ inputs: [InspectInput],
        _ filter: PacketFilter?,
        _ stop: StopFlag
    ) async throws {
        var printer = PacketPrinter(format, captureCount: inputs.count, isLive: input.isLive)
        let source = PacketSource(inputs, options: input.dissectorOptions, filter, stop)
        try await source.run { facts throws(CommandError) in printer.print(facts) }
        printer.finish()
        try source.reportFailures()
    }

    private func inspect(
        _ inputs: [InspectInput],
        _ filter: PacketFilter?,
        _ stop: StopFlag
    ) async throws {
        var inputs = inputs
        var nodes: [Int: String] = [:]
        var options = InspectionOptions()
        options.verdict = try verdict.verdictOptions(&inputs, nodes: &nodes, rule: input.places)
        options.dissector = input.dissectorOptions
        options.filter = filter
        let run = InspectionRun(inputs, options, stop, isFollowed: follow, nodes: nodes)
        let report = try await run.run()
        if verdict.html != "-" { format.write(report) }
        try verdict.writeHTML(report)
        try run.reportFailures()
        try InspectVerdictOptions.conclude(report, isLive: input.isLive)
    }
}

/// For whom the result is printed.
enum InspectFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, ndjson, csv

    func write(_ report: InspectionReport) {
        switch self {
        case .text:
            Output.write(
                ReportText.render(
                    report,
                    width: Terminal.size.columns,
                    tableWidth: Terminal.width
                ),
                terminator: ""
            )
        case .json: Output.write(ReportJSON.render(report))
        case .ndjson: Output.write(ReportJSON.renderLines(report), terminator: "")
        case .csv: Output.write(ReportCSV.render(report), terminator: "")
        }
    }
}
