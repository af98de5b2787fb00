import ArgumentParser
import RouterNode

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the relays of a running fleet count.",
        discussion: """
            Without arguments it is the one fleet that runs on this machine. The exit code is 1 when a node is down or has no parent.
            """
    )

    @Argument(help: "The topology file of the fleet.")
    var file: String?
    @Option(
        help: ArgumentHelp(
            "The state file of the fleet, as 'xylem up' prints it.",
            valueName: "file"
        )
    )
    var state: String?
    @Option(
        help: ArgumentHelp(
            "Ask the nodes of this plan ('xylem plan --format json', or the topology file): for a fleet whose nodes were "
                + "started one by one.",
            valueName: "file"
        )
    )
    var plan: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Ask these relays, of whatever fleet.", valueName: "host:port")
    )
    var control: [String] = []
    @Option(help: "text: a table; json: everything the relays say.")
    var format = OutputFormat.text
    @Flag(help: "Show it every second, with rates, until Ctrl-C.")
    var watch = false

    func validate() throws {
        let ways = [file != nil, state != nil, plan != nil, !control.isEmpty].filter(\.self).count
        guard ways <= 1 else {
            throw ValidationError("give one of FILE, --state, --plan and --control")
        }
        for address in control {
            do throws(ControlError) {
                try ControlClient.check(address)
            } catch {
                throw ValidationError("--control: \(error.message)")
            }
        }
    }

    func run() async throws {
        let poll = try makePoll()
        if watch { return await show(poll) }
        let report = await poll.report()
        switch format {
        case .text:
            let width = Terminal.width
            for line in FleetTable.headLines(report, width: width)
                + FleetTable(showsVersion: true).lines(report, width: width)
                + FleetTable.detailLines(report, width: width)
            {
                Output.write(line)
            }
            reportProblems(report)
        case .json: Output.writeJSON(report, isPretty: true)
        }
        if report.summary.connected < report.summary.nodes { throw ExitStatus.failure }
    }

    private func makePoll() throws(CommandError) -> FleetPoll {
        guard control.isEmpty else {
            let targets = control.map {
                FleetPoll.Target(id: $0, label: $0, control: $0, isNameless: true)
            }
            return FleetPoll(name: "", targets: targets)
        }
        if let plan { return FleetPoll(try .ofPlan(plan)) }
        return FleetPoll(try FleetStateFile.running(state: state, topologyFile: file).state)
    }

    /// Why nodes do not answer.
    private func reportProblems(_ report: FleetReport) {
        let silent = report.nodes.filter { $0.problem != nil }
        for node in silent.prefix(Self.problemCountMax) {
            let name = node.id == node.control ? "" : "\(node.id): "
            Diagnostics.report(name + (node.problem ?? ""))
        }
        if silent.count > Self.problemCountMax {
            Diagnostics.report("and \(silent.count - Self.problemCountMax) more")
        }
    }

    private static let problemCountMax = 10

    /// Until a signal ends the process: there is nothing to clean up but the frame, which stays as the last news.
    private func show(_ poll: FleetPoll) async {
        var (screen, table) = (LiveScreen(), FleetTable())
        while true {
            let report = await poll.report()
            table.update(report)
            switch format {
            case .json: Output.writeJSON(report)
            case .text where Terminal.isInteractive:
                let size = Terminal.size
                // The details get half of the screen at most.
                let details = FleetTable.detailLines(report, width: size.columns)
                    .prefix(size.rows / 2)
                let head = FleetTable.headLines(report, width: size.columns)
                    .prefix(size.rows / 4)
                let height = size.rows - 1 - details.count - head.count
                screen.show(
                    head + table.lines(report, width: size.columns, height: height) + details
                )
            case .text:
                let width = Terminal.width
                for line in FleetTable.headLines(report, width: width)
                    + table.lines(report, width: width)
                    + FleetTable.detailLines(report, width: width)
                {
                    Output.write(line)
                }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
