import ArgumentParser
import Topology
import TreeBuilder

/// How a plan goes on from one that was made before.
struct UpkeepArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A plan of before ('xylem plan --format json'): nodes keep their parents where FILE still allows it, and the \
            moves are listed in an order that can be carried out.
            """,
            valueName: "plan"
        )
    )
    var previous: String?
    @Option(
        help: ArgumentHelp(
            "Without this node, as if it had died: its children move, nobody else. Can be given several times.",
            valueName: "node"
        )
    )
    var without: [String] = []
    @Option(
        help: ArgumentHelp(
            "Move so many more nodes at most, where that makes the trees better.",
            valueName: "count"
        )
    )
    var improve: Int?
    @Option(
        help: ArgumentHelp(
            """
            Measured delays, a line for each sample: two nodes and a delay. They count in place of the file's where they have changed; \
            with --previous nodes move only where it is worth it.
            """,
            valueName: "file"
        )
    )
    var measured: String?
    @Flag(help: "Tell for every node what its death would do, in place of the plan.")
    var whatIf = false

    func validate() throws {
        if let improve, improve < 0 {
            throw ValidationError("--improve is \(improve); a number of moves is not negative")
        }
    }

    /// Whether anything moves.
    var isChange: Bool { previous != nil || !without.isEmpty || improve != nil }

    /// Whether anything is said that a large network is not planned with.
    var isGiven: Bool { isChange || measured != nil || whatIf }

    func measurements() throws(CommandError) -> Measurements? {
        guard let measured else { return nil }
        do {
            return try Measurements(InputFile.read(measured), file: measured)
        } catch let error as TopologyError {
            throw .badInput(error.description)
        } catch let error as CommandError {
            throw error
        } catch {
            throw .badInput("\(measured): cannot be read")
        }
    }
}
