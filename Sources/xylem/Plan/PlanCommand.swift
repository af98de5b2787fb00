import ArgumentParser
import RouterNode
import Topology
import TreeBuilder

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Compute the multicast trees of a topology, and say how good they are.",
        discussion: """
            FILE is a topology in Xylem's own YAML, or a graph of another tool: GraphML, GML, JSON, DOT, a table of links and more; \
            docs/topology-format.md has every key. The same file, options and seed give the same bytes. A topology that admits no tree is refused with the \
            node and the reason.
            """
    )

    @Argument(help: "The topology file.")
    var file: String
    @OptionGroup(title: "Planning options")
    var planning: PlanningOptions
    @OptionGroup(title: "Upkeep options")
    var upkeep: UpkeepArguments
    @Option(
        help: """
            text: the tree and a summary, of more than 4,096 nodes the summary alone; json: what 'xylem node' reads; lines: \
            JSON Lines, an object for each node; binary: the same in columns, docs/tree-table.md; dot: GraphViz; svg: a \
            picture; moves: with --previous, --without or --improve, what moves, as JSON; network: not the plan, but the \
            network it is for, as JSON.
            """
    )
    var format = PlanFormat.text
    @Option(
        help: """
            How --format svg draws: map, nodes where they are; tree, levels in columns. (default: map where most nodes \
            have coordinates, else tree)
            """
    )
    var layout: PlanSVG.Layout?
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file; - is standard output, as without it.",
            valueName: "file"
        )
    )
    var output: String?

    @Option(
        help: ArgumentHelp(
            "A folder for the keys of nodes: makes the pairs that are missing, and puts the public keys into the plan.",
            valueName: "folder"
        )
    )
    var keys: String?

    func validate() throws {
        if layout != nil, format != .svg {
            throw ValidationError("--layout is for --format svg")
        }
        if format == .moves, !upkeep.isChange {
            throw ValidationError(
                "--format moves is for a plan that goes on from another: --previous, --without, --improve"
            )
        }
        if upkeep.whatIf, format != .text, format != .json {
            throw ValidationError("--what-if is told as text or as json")
        }
        if keys != nil, format == .lines || format == .binary {
            throw ValidationError("--keys is for plans that nodes read: --format json")
        }
    }

    func run() async throws {
        if [.text, .lines, .binary].contains(format), keys == nil, !upkeep.isGiven,
            let table = try LargeSource.plan(
                file,
                options: planning.options,
                importing: planning.importing.options
            )
        {
            return try SummarisedPlan.write([table], as: format, to: output)
        }
        guard let text = try render() else { return }
        guard let output, output != "-" else { return Output.write(text, terminator: "") }
        try OutputFile.write(text, to: output)
        Diagnostics.report("wrote \(output)")
    }

    private func svg(
        _ plan: Plan,
        _ topology: Topology,
        _ change: PlanChange?
    ) throws(CommandError) -> String {
        guard layout != .map || PlanSVG.hasMap(topology) else {
            throw .badInput(
                "\(file): no map can be drawn: fewer than two places have coordinates; --layout tree draws levels"
            )
        }
        return PlanSVG.render(
            plan,
            topology: topology,
            layout: layout,
            changes: change?.trees ?? []
        )
    }

    /// `nil` = it was written in columns.
    private func render() throws(CommandError) -> String? {
        let importing = planning.importing.options
        // A network that admits no tree is a network all the same.
        if format == .network {
            let topology = try PlanSource.topology(file, importing: importing)
            return Output.json(NetworkJSON(topology), isPretty: true) + "\n"
        }
        let topology = try PlanSource.topology(file, importing: importing)
        let isLarge = topology.nodes.count > SummarisedPlan.nodeCountMax
        var options = planning.options
        options.comparesObjectives =
            format == .text && !isLarge && !upkeep.isChange && !upkeep.whatIf
        let measured = try upkeep.measurements()
        var plan: Plan
        if let previous = upkeep.previous {
            plan = try PlanSource.plan(previous)
        } else {
            plan = try PlanSource.plan(topology, file: file, options: options, measured: measured)
        }
        var change: PlanChange?
        if upkeep.isChange {
            change = try changed(plan, topology, options, measured)
            plan = change?.plan ?? plan
        }
        if upkeep.whatIf {
            let reports = try PlanSource.planning(file) { [plan] () throws(PlanError) in
                try Upkeep(plan, of: topology, measured: measured).deaths()
            }
            return format == .json
                ? PlanChangeJSON.render(reports) : PlanChangeText.render(reports, of: plan)
        }
        if let keys {
            let madeCount = try FleetKeys.assign(to: &plan, in: keys)
            Diagnostics.report(
                "\(keys): \(Figures.plural(madeCount, "pair")) made, \(plan.nodes.count - madeCount) kept"
            )
        }
        if format == .lines || format == .binary || format == .text && isLarge {
            let tables = plan.trees.map {
                TreeTable($0, of: plan, linkCount: topology.links.count)
            }
            try SummarisedPlan.write(tables, as: format, to: output)
            return nil
        }
        return switch format {
        case .json: PlanJSON.render(plan)
        case .dot: PlanDOT.render(plan)
        case .svg: try svg(plan, topology, change)
        case .moves: change.map { PlanChangeJSON.render($0) } ?? ""
        case .text, .network, .lines, .binary:
            // What its nodes will say that they follow.
            PlanText.render(plan, topology: topology) + "\nplan         \(PlanIdentity(plan))\n"
                + (plan.openNodesNote.map { "security     \($0)\n" } ?? "")
                + (change.map { "\n" + PlanChangeText.render($0) } ?? "")
        }
    }

    private func changed(
        _ plan: Plan,
        _ topology: Topology,
        _ options: PlanOptions,
        _ measured: Measurements?
    ) throws(CommandError) -> PlanChange {
        try PlanSource.planning(file) { () throws(PlanError) in
            try plan.replan(
                for: topology,
                options: options,
                without: upkeep.without,
                measured: measured,
                // A plan that was made for what was measured has nothing to adjust.
                improvingBy: upkeep.previous == nil ? upkeep.improve ?? 0 : upkeep.improve
            )
        }
    }
}

/// In which form a plan is printed.
enum PlanFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, lines, binary, dot, svg, moves, network
}
