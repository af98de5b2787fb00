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
    @Option(
        help: """
            text: the tree and a summary; json: what 'xylem node' reads; dot: GraphViz; svg: a picture; network: not the \
            plan, but the network it is for, as JSON.
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
    }

    func run() async throws {
        let text = try render()
        guard let output, output != "-" else { return Output.write(text, terminator: "") }
        try OutputFile.write(text, to: output)
        Diagnostics.report("wrote \(output)")
    }

    private func svg(_ plan: Plan, _ topology: Topology) throws(CommandError) -> String {
        guard layout != .map || PlanSVG.hasMap(topology) else {
            throw .badInput(
                "\(file): no map can be drawn: fewer than two places have coordinates; --layout tree draws levels"
            )
        }
        return PlanSVG.render(plan, topology: topology, layout: layout)
    }

    private func render() throws(CommandError) -> String {
        let importing = planning.importing.options
        // A network that admits no tree is a network all the same.
        if format == .network {
            let topology = try PlanSource.topology(file, importing: importing)
            return Output.json(NetworkJSON(topology), isPretty: true) + "\n"
        }
        var options = planning.options
        options.comparesObjectives = format == .text
        var (topology, plan) = try PlanSource.plan(
            topologyFile: file,
            options: options,
            importing: importing
        )
        if let keys {
            let madeCount = try FleetKeys.assign(to: &plan, in: keys)
            Diagnostics.report(
                "\(keys): \(Figures.plural(madeCount, "pair")) made, \(plan.nodes.count - madeCount) kept"
            )
        }
        return switch format {
        case .json: PlanJSON.render(plan)
        case .dot: PlanDOT.render(plan)
        case .svg: try svg(plan, topology)
        case .text, .network:
            // What its nodes will say that they follow.
            PlanText.render(plan, topology: topology) + "\nplan         \(PlanIdentity(plan))\n"
                + (plan.openNodesNote.map { "security     \($0)\n" } ?? "")
        }
    }
}

/// In which form a plan is printed.
enum PlanFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, dot, svg, network
}
