import ArgumentParser
import Foundation
import Topology
import TreeBuilder

/// The death of every interior node of a plan, one at a time: what its repair moves, what that does to the radius, and how long it takes.
struct RepairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract:
            "What the repair of a plan costs when a node dies, for each of its interior nodes."
    )

    @Argument(help: "The topology file.")
    var file: String
    @OptionGroup(title: "Planning options")
    var planning: PlanningOptions
    @Option(
        help: ArgumentHelp("Of larger plans, so many nodes are tried.", valueName: "count")
    )
    var deaths = 200

    private struct Measurement: Encodable {
        var nodes: Int
        var deaths: Int
        /// Nodes that move for each child of a dead node.
        var ratio: Double
        /// The radius after a death over the one before.
        var medianInflation: Double
        var percentile95Inflation: Double
        var mostInflation: Double
        /// Until the new plan is there, ranks and backup parents included.
        var medianMilliseconds: Double
        var mostMilliseconds: Double
    }

    func run() throws {
        let (topology, plan) = try PlanSource.plan(
            topologyFile: file,
            options: planning.options,
            importing: planning.importing.options
        )
        let upkeep = try PlanSource.planning(file) { () throws(PlanError) in
            try Upkeep(plan, of: topology)
        }
        let interior = plan.trees[0].nodes.filter { !$0.children.isEmpty }
        let stride = max(1, interior.count / max(1, deaths))
        var times: [Double] = []
        var inflations: [Double] = []
        var (moveCount, orphanCount) = (0, 0)
        for (index, node) in interior.enumerated() where index % stride == 0 {
            var best = Double.infinity
            var change: PlanChange?
            for _ in 0..<Self.runCount {
                var trial = upkeep
                let begin = ContinuousClock.now
                change = try PlanSource.planning(file) { () throws(PlanError) in
                    try trial.repair(without: [node.id])
                }
                best = min(best, (ContinuousClock.now - begin) / .milliseconds(1))
            }
            guard let tree = change?.trees.first else { continue }
            times.append(best)
            inflations.append(tree.radiusMs.after / tree.radiusMs.before)
            moveCount += tree.moves.count
            orphanCount += node.children.count
        }
        times.sort()
        inflations.sort()
        let last = times.count - 1
        let measurement = Measurement(
            nodes: plan.nodes.count,
            deaths: times.count,
            ratio: Double(moveCount) / Double(max(1, orphanCount)),
            medianInflation: inflations[inflations.count / 2],
            percentile95Inflation: inflations[min(last, times.count * 95 / 100)],
            mostInflation: inflations[last],
            medianMilliseconds: times[times.count / 2],
            mostMilliseconds: times[last]
        )
        BenchReport.print(
            "\(measurement.nodes) nodes, \(measurement.deaths) deaths: "
                + "\(BenchReport.text(measurement.ratio, decimals: 2)) moves for each orphan; radius × "
                + "\(BenchReport.text(measurement.medianInflation, decimals: 3)) in the median, "
                + "\(BenchReport.text(measurement.percentile95Inflation, decimals: 3)) for 95 %, "
                + "\(BenchReport.text(measurement.mostInflation, decimals: 3)) at most; "
                + "\(BenchReport.text(measurement.medianMilliseconds, decimals: 2)) ms in the median, "
                + "\(BenchReport.text(measurement.mostMilliseconds, decimals: 2)) ms at most",
            measurement
        )
    }

    /// Of which the best counts: other processes are not what is measured.
    private static let runCount = 3
}
