import ArgumentParser
import Topology
import TreeBuilder

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Plan a topology and run every node of it on this machine.",
        discussion: """
            Starts one relay process per node, restarts one that crashes, and stops all of them with Ctrl-C or SIGTERM; \
            SIGHUP, as when its terminal is closed, changes nothing. \
            Nodes without endpoints get free ports of this machine; the endpoints are printed, and kept in the state \
            file, where 'xylem status', 'publish' and 'subscribe' find them. Addresses that the file gives must be this \
            machine's; --only runs some nodes of a fleet that is spread over several, --local all of them whatever their \
            addresses are.

            With --demo it publishes at one leaf, subscribes at every node, and ends with a table of what arrived; the \
            exit code is 0 only if nothing is missing or duplicated.
            """
    )

    @Argument(help: "The topology file, or a plan of it ('xylem plan --format json').")
    var file: String
    @OptionGroup(title: "Planning options")
    var planning: PlanningOptions
    @OptionGroup(title: "Relay options")
    var relay: RelayOptions
    @Option(
        help: ArgumentHelp(
            "Where the state is kept. (default: a name made from FILE in $XDG_RUNTIME_DIR/xylem or /tmp/xylem-UID)",
            valueName: "file"
        )
    )
    var state: String?
    @Option(
        help: ArgumentHelp(
            "Run each node in the network namespace that this file gives it, with the addresses it gives; "
                + "tools/lab writes it.",
            valueName: "file"
        )
    )
    var placement: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Run these nodes only; the others run elsewhere, at the addresses that the file gives.",
            valueName: "node"
        )
    )
    var only: [String] = []
    @Option(
        help: ArgumentHelp(
            "A folder with certificates by the names of nodes: nodes let in whose certificate is there, under CURVE. 'xylem node' "
                + "has the same option.",
            valueName: "folder"
        )
    )
    var keys: String?
    @Flag(help: "Pass over the addresses of the file: all nodes get free ports of this machine.")
    var local = false
    @Option(help: "text: for a person; json: one object per line.")
    var format = OutputFormat.text
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Stop after this time; with --demo, publish for this time. (default for --demo: 10s)",
            valueName: "duration"
        )
    )
    var duration: DurationArgument?
    @Flag(help: "Publish at one leaf, subscribe at every node, report, and stop.")
    var demo = false
    @Option(help: "Messages per second of the demo.")
    var rate: Int = Demo.Options().rate
    @Option(help: "The size of the demo's messages.")
    var size = ByteCountArgument(Demo.Options().byteCount)

    func validate() throws {
        guard rate > 0 else { throw ValidationError("--rate must be positive") }
        guard keys == nil || !demo else {
            throw ValidationError("--demo has no keys: publish and subscribe with --server-key")
        }
        guard only.isEmpty || !local && placement == nil && !demo else {
            throw ValidationError("--only goes with none of --local, --placement and --demo")
        }
        guard !local || placement == nil else {
            throw ValidationError("--local and --placement exclude each other")
        }
    }

    func run() async throws {
        FileLimit.raise()
        let stateFile = try state.map { path throws(CommandError) in
            try FleetStateFile(named: path)
        }
        var plan = try plan()
        let reporter = UpReporter(format: format)
        // A person has read them on standard error.
        if format == .json { for note in plan.notes { await reporter.note(note) } }
        let nodeCount = only.isEmpty ? plan.nodes.count : only.count
        guard plan.security == .none || keys != nil else {
            throw CommandError.badInput(
                "\(file) asks for security '\(plan.security.rawValue)': give --keys FOLDER, where the keys of its nodes are"
            )
        }
        if let keys {
            if plan.security != .none {
                _ = try FleetKeys.assign(to: &plan, in: keys, makesMissing: only.isEmpty)
            }
            try SecurityArguments.checkFleetKeys(
                keys,
                nodes: only.isEmpty ? plan.nodes.map(\.id) : only
            )
        }
        let fleet = Fleet(
            plan: plan,
            only: only,
            topologyFile: file,
            stateFile: stateFile ?? FleetStateFile(topologyFile: file),
            relayArguments: relay.arguments(nodeCount: nodeCount)
                + (keys.map { ["--keys", $0] } ?? []),
            areLinksNumbered: relay.links == .numbered,
            placement: try placement.map { path throws(CommandError) in try Placement.read(path) },
            duration: duration?.duration,
            demo: demo ? demoOptions : nil,
            reporter: reporter
        )
        let status = try await fleet.run()
        if status != .success { throw status }
    }

    /// The plan, if all that shall run can run here.
    private func plan() throws(CommandError) -> Plan {
        let plan = try PlanSource.planOrTopology(
            file,
            options: planning.options,
            importing: planning.importing.options
        )
        for tree in plan.trees {
            guard let reason = tree.modeReason else { continue }
            Diagnostics.report("tree \(tree.name): mode \(tree.mode.rawValue), since \(reason)")
        }
        if local { return plan.withoutAddresses }
        guard placement == nil else { return plan }
        let own = try plan.nodes(named: only)
        if !only.isEmpty { try plan.requireAddresses() }
        let foreign = ForeignAddresses(own, isLocal: OwnAddresses.contains)
        if let refusal = foreign.refusal(file: file, ownAddresses: OwnAddresses.all()) {
            throw .badInput(refusal)
        }
        return plan
    }

    private var demoOptions: Demo.Options {
        var options = Demo.Options(rate: rate, byteCount: size.byteCount)
        if let duration { options.duration = duration.duration }
        return options
    }
}
