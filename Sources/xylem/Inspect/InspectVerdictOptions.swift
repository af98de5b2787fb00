import ArgumentParser
import Captures
import InspectionReports
import Inspector
import TreeBuilder

/// What the captures are compared with, and the page that shows it.
struct InspectVerdictOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            This capture was taken at this node; repeat it for every tap, from the source on. FILE may be a directory; \
            FILE#1 is interface 1 of a capture with several.
            """,
            valueName: "node=file"
        )
    )
    var at: [TapArgument] = []
    @Option(
        help: ArgumentHelp(
            "Judge the captures against this plan ('xylem plan --format json', or a topology file).",
            valueName: "file"
        )
    )
    var plan: String?
    @Option(help: ArgumentHelp("Delivered after more than this is late.", valueName: "duration"))
    var late: DurationArgument?
    @Option(
        help: ArgumentHelp(
            "Also write the report as one self-contained page; - is standard output, which then gets nothing else.",
            valueName: "file"
        )
    )
    var html: String?
    @OptionGroup(title: "Options for files of other tools")
    var importing: ImportArguments

    var needsVerdict: Bool { !at.isEmpty || plan != nil }

    func validate() throws {
        if late != nil, !needsVerdict {
            throw ValidationError(
                "--late is for a verdict: name taps with --at, or a plan with --plan."
            )
        }
        if at.count == 1, plan == nil {
            throw ValidationError("One tap has nothing to be compared with: add --at, or --plan.")
        }
    }

    /// Opens the captures of taps that are not open yet, and says which capture was taken where.
    func verdictOptions(
        _ inputs: inout [InspectInput],
        nodes: inout [Int: String],
        rule: PlaceRule
    ) throws(CommandError) -> VerdictOptions? {
        guard needsVerdict else { return nil }
        var options = VerdictOptions(
            lateNanoseconds: late.map { Int64(min($0.milliseconds * 1e6, 9e18)) }
        )
        options.plan = try plan.map { file throws(CommandError) in
            try PlanSource.planOrTopology(file, importing: importing.options)
        }
        for tap in at {
            for files in try captures(of: tap, rule) {
                let index = inputs.firstIndex { $0.files == files } ?? inputs.count
                if index == inputs.count { inputs.append(try open(files, rule)) }
                options.taps.append(
                    VerdictOptions.NodeTap(node: tap.node, capture: index, interface: tap.interface)
                )
                if tap.interface == nil { nodes[index] = tap.node }
            }
        }
        return options
    }

    private func captures(
        of tap: TapArgument,
        _ rule: PlaceRule
    ) throws(CommandError) -> [[String]] {
        do throws(CaptureError) {
            return try CapturePaths([tap.file], joining: rule.joining).captures
        } catch {
            throw CommandError.badInput("--at \(tap.node): \(error)")
        }
    }

    private func open(_ files: [String], _ rule: PlaceRule) throws(CommandError) -> InspectInput {
        do throws(CaptureError) {
            return try InspectInput(files, rule: rule)
        } catch {
            throw CommandError.badInput(error.description)
        }
    }

    func writeHTML(_ report: InspectionReport) throws(CommandError) {
        guard let html else { return }
        try OutputFile.write(HTMLReport.render(report), to: html)
    }

    /// The exit code for a report: that of its verdict if it has one, else that of its first word. A network that was listened to (`isLive`)
    /// and on which nothing was to be heard is no input that holds too little.
    static func conclude(_ report: InspectionReport, isLive: Bool) throws(ExitStatus) {
        switch (report.verdict?.outcome, report.conclusion) {
        case (.notAsPlanned, _), (nil, .problem): throw .failure
        case (.undecided, _): throw .badInput
        case (nil, .nothing): if !isLive { throw .badInput }
        case (.asPlanned, _), (nil, .good), (nil, .warning): return
        }
    }
}

/// `NODE=FILE` or `NODE=FILE#INTERFACE`.
struct TapArgument: ExpressibleByArgument, Equatable {
    var node: String
    var file: String
    var interface: Int?

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
            return nil
        }
        node = String(argument[..<equals])
        var path = argument[argument.index(after: equals)...]
        if let mark = path.lastIndex(of: "#"), let number = Int(path[path.index(after: mark)...]),
            number >= 0
        {
            interface = number
            path = path[..<mark]
        }
        guard !path.isEmpty else { return nil }
        file = String(path)
    }
}
