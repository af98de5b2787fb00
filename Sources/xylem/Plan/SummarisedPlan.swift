import Topology
import TreeBuilder

/// Trees in columns for output: the large ones, which nobody reads line by line, and the formats that programs read.
enum SummarisedPlan {
    /// Trees of more nodes are summarised at a terminal.
    static let nodeCountMax = 4096

    /// Writes trees as text, JSON Lines or binary, to a file or to standard output.
    static func write(
        _ tables: [TreeTable],
        as format: PlanFormat,
        to path: String?
    ) throws(CommandError) {
        let file = try OutputFile(path ?? "-")
        switch format {
        case .lines:
            for table in tables {
                try TreeTableLines.write(table) { (piece) throws(CommandError) in
                    try file.write(Array(piece.utf8))
                }
            }
        case .binary:
            guard let table = tables.first, tables.count == 1 else {
                throw .badInput(
                    "--format binary holds one tree, and there are \(tables.count); choose one with --tree"
                )
            }
            try TreeTableBinary.write(table) { (piece) throws(CommandError) in
                try file.write(Array(piece))
            }
        default:
            for table in tables {
                try file.write(Array(TreeTableText.render(table).utf8))
            }
            try file.write(
                Array("\nEvery node's place: --format lines, or --format binary\n".utf8)
            )
        }
        try file.finish()
        if let path, path != "-" { Diagnostics.report("wrote \(path)") }
    }
}
