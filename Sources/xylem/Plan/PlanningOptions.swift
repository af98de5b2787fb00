import ArgumentParser
import Topology
import TreeBuilder

/// The options of every command that plans: they say what the topology file does not, or otherwise.
struct PlanningOptions: ParsableArguments {
    @Option(help: "One tree of the file only: its name, or its position counted from 1.")
    var tree: String?
    @Option(help: "The id of the root; auto chooses the most central node.")
    var root: String?
    @Option(help: "link: relays connect along links of the file only; mesh: any two may.")
    var mode: Topology.Mode?
    @Option(help: "The most children of any node.")
    var fanOut: Int?
    @Option(
        help: "What is made small: radius, the farthest node's delay, or mean, the weighted mean."
    )
    var objective: Topology.Objective?
    @Option(help: ArgumentHelp("What forwarding costs at each relay.", valueName: "duration"))
    var hopDelay: DurationArgument?
    @Option(
        help: """
            How multicast segments are served: auto decides by the number of receivers, always, or never; by default as \
            the file says of each segment.
            """
    )
    var multicast: Topology.MulticastUse?
    @Option(
        help: """
            Your count of plans, which tells the newer of two that differ; nodes that follow different plans do not connect. \
            (default: as the file says, else 1)
            """
    )
    var epoch: Int?
    @Option(help: "The same file, options and seed give the same plan.")
    var seed: UInt64 = 1
    @OptionGroup(title: "Options for files of other tools")
    var importing: ImportArguments

    func validate() throws {
        if let fanOut, fanOut < 1 {
            throw ValidationError("--fan-out is \(fanOut); a tree needs at least 1")
        }
        if let epoch, epoch < 0 {
            throw ValidationError("--epoch is \(epoch); a count is not negative")
        }
    }

    var options: PlanOptions {
        PlanOptions(
            tree: tree,
            root: root,
            mode: mode,
            fanOut: fanOut,
            objective: objective,
            hopDelayMilliseconds: hopDelay?.milliseconds,
            multicast: multicast,
            epoch: epoch,
            seed: seed
        )
    }
}
