import ArgumentParser
import Topology

struct ConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a topology in another format.",
        discussion: """
            FILE is read as by 'xylem plan': Xylem's own YAML, or a graph of another tool. Ids, attributes and what means \
            nothing to Xylem are kept; what was changed, and what the format has no place for, is told on standard error. \
            docs/topology-format.md says what becomes of what.
            """
    )

    @Argument(help: "The topology file; - is standard input.")
    var file: String
    @Option(
        help: """
            yaml: Xylem's own; graphml: for yEd, Gephi, Cytoscape, networkx; dot: GraphViz; containerlab: a lab to run; \
            json: node-link JSON, for networkx and D3.
            """
    )
    var to: TopologyWriter.Target
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file; - is standard output, as without it.",
            valueName: "file"
        )
    )
    var output: String?
    @OptionGroup(title: "Options for files of other tools")
    var importing: ImportArguments

    func run() async throws {
        var options = importing.options
        options.keepsAttributes = true
        let topology = try PlanSource.topology(file, importing: options)
        let result = TopologyWriter.output(topology, as: to)
        for note in result.notes { Diagnostics.report("\(to.rawValue): \(note)") }
        guard let output, output != "-" else {
            return Output.write(result.text, terminator: "")
        }
        try OutputFile.write(result.text, to: output)
        Diagnostics.report("wrote \(output)")
    }
}
