import ArgumentParser
import TreeBuilder

/// What is different between two plans.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract:
            "Tell what is different between two plans: who moves, and what that wins or costs.",
        discussion: """
            OLD and NEW are plans of 'xylem plan --format json', or topology files, which are planned. The exit code is 0 \
            whether they differ or not.
            """
    )

    @Argument(help: "The plan of before.")
    var old: String
    @Argument(help: "The plan after it.")
    var new: String
    @Option(
        help:
            "text: tables; json: for programs; svg: a picture of the new trees, on which what has moved is marked."
    )
    var format = DiffFormat.text
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file; - is standard output, as without it.",
            valueName: "file"
        )
    )
    var output: String?

    func run() async throws {
        let text = try render()
        guard let output, output != "-" else { return Output.write(text, terminator: "") }
        try OutputFile.write(text, to: output)
        Diagnostics.report("wrote \(output)")
    }

    private func render() throws(CommandError) -> String {
        let before = try PlanSource.planOrTopology(old)
        let after = try PlanSource.planOrTopology(new)
        let difference = PlanDifference(from: before, to: after)
        return switch format {
        case .text: PlanChangeText.render(difference, from: before, to: after)
        case .json: PlanChangeJSON.render(difference)
        case .svg: PlanSVG.render(after, layout: .tree, changes: difference.trees)
        }
    }
}

/// In which form a difference is printed.
enum DiffFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, svg
}
