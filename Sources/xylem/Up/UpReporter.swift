import Foundation
import RouterNode

/// Tells the user of `xylem up` what happens: a table that is refreshed in place at a terminal, plain lines in a file or
/// pipe, or one JSON object per line.
///
///                   terminal                          lines              JSON
///     the log       standard error; above the table   standard error     standard output
///     where it is   standard output                   standard output    standard output
///     how it goes   the table                         standard error     standard output
///     how it ended  standard output                   standard output    standard output
actor UpReporter {
    private enum Mode { case live, lines, json }

    private let mode: Mode
    private var screen = LiveScreen()
    private var table = FleetTable()
    private var report: FleetReport?
    private var states: [String: String] = [:]
    private var progress: String?
    /// In the plain form: what was written last, and when; and who was in trouble then.
    private var lastLine = ""
    private var lastLineAt = ContinuousClock.now
    private var lastHealth: String?

    init(format: OutputFormat) {
        switch format {
        case .json: mode = .json
        case .text: mode = Terminal.isInteractive ? .live : .lines
        }
    }

    /// One line of the JSON form; what does not apply is left out.
    private struct Line: Encodable {
        var event: String
        var node: String?
        var pid: Int?
        var message: String?
        var log: [String]?
        var stateFile: String?
        var fleet: FleetState?
        var summary: FleetReport.Summary?
        var demo: DemoReport?
    }

    func note(_ message: String) {
        say(message, Line(event: "note", message: message))
    }

    /// How far a longer piece of work is; the next replaces it.
    func showProgress(_ text: String) {
        progress = text
        switch mode {
        case .live: redraw()
        case .lines where text != lastLine && isTimeOver(Self.progressInterval): writeLine(text)
        case .lines, .json: break
        }
    }

    func endProgress() {
        progress = nil
        if mode == .live { redraw() }
    }

    /// Everything runs: where it is.
    func showFleet(
        _ fleet: FleetState,
        file: FleetStateFile,
        runningCount: Int,
        startedCount: Int,
        seconds: Double
    ) {
        if mode == .json {
            return Output.writeJSON(Line(event: "fleet", stateFile: file.path, fleet: fleet))
        }
        let lines =
            Self.endpointLines(fleet, width: width)
            + Terminal.folded(
                "\(runningCount) of \(Figures.plural(startedCount, "node")) of '\(fleet.name)' up after "
                    + "\(Figures.seconds(seconds)); state file \(file.path)",
                width: width
            )
        write(lines.joined(separator: "\n"))
    }

    /// A table; where that is too narrow for it, endpoints below their nodes, since half an endpoint is of no use.
    private static func endpointLines(_ fleet: FleetState, width: Int) -> [String] {
        var table = TextTable(
            columns: [.text("NODE"), .text("PUBLISHERS"), .text("SUBSCRIBERS"), .text("CONTROL")]
        )
        table.rows = fleet.nodes.map {
            [Figures.name($0.id, $0.label), $0.publishers, $0.subscribers, $0.control]
        }
        let lines = table.lines()
        guard lines.contains(where: { $0.count > width }) else { return lines }
        return table.rows.flatMap { row in
            [row[0]]
                + zip(table.columns, row).dropFirst().map { "  \($0.title.lowercased()) \($1)" }
        }
    }

    func handle(_ event: Supervisor.Event) {
        switch event {
        case .ready(let ready):
            if mode == .json {
                Output.writeJSON(Line(event: "ready", node: ready.name, pid: ready.pid))
            }
        case .logged(let node, let line):
            say("\(node): \(line)", Line(event: "log", node: node, message: line))
        case .ended(let node, let end, let delay):
            let message = "\(end), starting it again in \(Int(delay / .milliseconds(1))) ms"
            say("\(node) \(message)", Line(event: "ended", node: node, message: message))
        case .gaveUp(let node, let end, let delay, let log):
            let message =
                "\(end) again and again, and is given up; the next try is in \(Int(delay / .seconds(1))) s"
            let lines = ["\(node) \(message); its last words:"] + log.map { "    \($0)" }
            say(
                lines.joined(separator: "\n"),
                Line(event: "gave-up", node: node, message: message, log: log)
            )
        }
    }

    func handle(_ report: FleetReport, states: [String: Supervisor.NodeState]) {
        table.update(report)
        self.report = report
        self.states = states.mapValues(\.rawValue)
        switch mode {
        case .live: redraw()
        case .json: Output.writeJSON(Line(event: "status", summary: report.summary))
        case .lines where progress == nil: log(report)
        case .lines: break
        }
    }

    /// A log that is read later wants few lines: when a node is lost or back, and else once a minute if anything moved.
    private func log(_ report: FleetReport) {
        let health = FleetTable.troubles(report, states: states)
        let line = FleetTable.summary(report) + (health.map { "; \($0)" } ?? "")
        guard health != lastHealth || line != lastLine && isTimeOver(Self.summaryInterval) else {
            return
        }
        lastHealth = health
        writeLine(line)
    }

    private func writeLine(_ text: String) {
        (lastLine, lastLineAt) = (text, .now)
        Diagnostics.write(text)
    }

    private func isTimeOver(_ interval: Duration) -> Bool {
        ContinuousClock.now - lastLineAt >= interval
    }

    func showDemo(_ report: DemoReport) {
        progress = nil
        self.report = nil
        if mode == .live { screen.clear() }
        if mode == .json { return Output.writeJSON(Line(event: "demo", demo: report)) }
        Output.write(report.lines(width: width).joined(separator: "\n"))
    }

    /// The last news stay where they are, and what is printed from now on comes below.
    func endNews() {
        progress = nil
        if mode == .live { redraw() }
        if mode == .lines, let report { Output.write(FleetTable.summary(report)) }
        (screen, report) = (LiveScreen(), nil)
    }

    private func say(_ text: String, _ line: Line) {
        switch mode {
        case .json: Output.writeJSON(line)
        // The table must go out of its way.
        case .live where Terminal.isSharedByDiagnostics: screen.log(text)
        case .live, .lines: Diagnostics.write(text)
        }
    }

    private func write(_ text: String) {
        if mode == .live { screen.log(text) } else { Output.write(text) }
    }

    private func redraw() {
        let size = Terminal.size
        var lines: [String] = []
        if let report {
            // The last row is the cursor's.
            let height = size.rows - 1 - (progress == nil ? 0 : 1)
            let troubles = FleetAccount.troubleLines(
                report,
                width: size.columns,
                height: height / 2
            )
            lines =
                table.lines(
                    report,
                    states: states,
                    width: size.columns,
                    height: height - troubles.count
                ) + troubles
        }
        if let progress { lines.append(progress) }
        screen.show(lines)
    }

    private var width: Int { mode == .json ? .max : Terminal.width }

    private static let progressInterval = Duration.seconds(5)
    private static let summaryInterval = Duration.seconds(60)
}
