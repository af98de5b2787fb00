import ArgumentParser
import Topology
import TreeBuilder

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Compute the multicast trees of a topology, and say how good they are.",
        discussion: """
            FILE is a topology in Xylem's own YAML, GraphML, or a plain list of edges; docs/topology-format.md has every \
            key. The same file, options and seed give the same bytes. A topology that admits no tree is refused with the \
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
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file; - is standard output, as without it.",
            valueName: "file"
        )
    )
    var output: String?

    func run() async throws {
        let text = try format.render(file, planning.options)
        guard let output, output != "-" else { return Output.write(text, terminator: "") }
        try OutputFile.write(text, to: output)
        Diagnostics.report("wrote \(output)")
    }
}

/// In which form a plan is printed.
enum PlanFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, dot, svg, network

    func render(_ file: String, _ options: PlanOptions) throws(CommandError) -> String {
        // A network that admits no tree is a network all the same.
        if self == .network {
            return Output.json(NetworkJSON(try PlanSource.topology(file)), isPretty: true) + "\n"
        }
        var options = options
        options.comparesObjectives = self == .text
        let (topology, plan) = try PlanSource.plan(topologyFile: file, options: options)
        return switch self {
        case .json: PlanJSON.render(plan)
        case .dot: PlanDOT.render(plan)
        case .svg: PlanSVG.render(plan)
        case .text, .network: PlanText.render(plan, topology: topology)
        }
    }
}
