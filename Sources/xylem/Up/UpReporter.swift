import Foundation
import RouterNode

/// Tells the user of `xylem up` what happens: a table that is refreshed in place at a terminal, plain lines in a file or
/// pipe, or one JSON object per line.
actor UpReporter {
    private enum Mode { case live, lines, json }

    private let mode: Mode
    private var screen = LiveScreen()
    private var table = FleetTable()
    private var report: FleetReport?
    private var states: [String: String] = [:]
    private var progress: String?
    private var lastLineAt: ContinuousClock.Instant?

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
        case .lines where isLineDue: Output.write(text)
        case .lines, .json: break
        }
    }

    func endProgress() {
        progress = nil
        lastLineAt = nil
        if mode == .live { redraw() }
    }

    /// Everything runs: where it is.
    func showFleet(_ fleet: FleetState, file: FleetStateFile, seconds: Double) {
        if mode == .json {
            return Output.writeJSON(Line(event: "fleet", stateFile: file.path, fleet: fleet))
        }
        var endpoints = TextTable(
            columns: [.text("NODE"), .text("PUBLISHERS"), .text("SUBSCRIBERS"), .text("CONTROL")]
        )
        endpoints.rows = fleet.nodes.map {
            [Figures.name($0.id, $0.label), $0.publishers, $0.subscribers, $0.control]
        }
        let lines =
            endpoints.lines() + [
                "\(Figures.plural(fleet.nodes.count, "node")) of '\(fleet.name)' up after \(Figures.seconds(seconds)); "
                    + "state file \(file.path)"
            ]
        write(lines.joined(separator: "\n"))
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
        case .gaveUp(let node, let end, let log):
            let message = "\(end), five times in a row, and is given up"
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
        case .lines where progress == nil && isLineDue: Output.write(FleetTable.summary(report))
        case .lines: break
        }
    }

    func showDemo(_ report: DemoReport) {
        progress = nil
        self.report = nil
        if mode == .live { screen.clear() }
        if mode == .json { return Output.writeJSON(Line(event: "demo", demo: report)) }
        let width = mode == .live ? Terminal.size.columns : .max
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
        if mode == .json { Output.writeJSON(line) } else { write(text) }
    }

    private func write(_ text: String) {
        if mode == .live { screen.log(text) } else { Output.write(text) }
    }

    private func redraw() {
        let size = Terminal.size
        var lines: [String] = []
        if let report {
            lines = table.lines(
                report,
                states: states,
                width: size.columns,
                rowCountMax: max(1, size.rows - Self.otherRowCount)
            )
        }
        if let progress { lines.append(progress) }
        screen.show(lines)
    }

    /// A log that is read later wants few lines.
    private var isLineDue: Bool {
        let now = ContinuousClock.now
        if let lastLineAt, now - lastLineAt < Self.lineInterval { return false }
        lastLineAt = now
        return true
    }

    private static let lineInterval = Duration.seconds(5)
    /// The table's title, its remark on rows left out, the summary, the progress, and the cursor's row.
    private static let otherRowCount = 5
}
