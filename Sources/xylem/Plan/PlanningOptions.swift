import ArgumentParser
import Topology
import TreeBuilder

/// The options of every command that plans: they say what the topology file does not, or otherwise.
struct PlanningOptions: ParsableArguments {
    @Option(help: "One tree of the file only: its name, or its position counted from 1.")
    var tree: String?
    @Option(help: "The id of the root; auto chooses the most central node.")
    var root: String?
    @Option(
        help: """
            link: relays connect along links of the file only; mesh: any two may; auto: link, unless the file gives every \
            node an address.
            """
    )
    var mode: Topology.ModeChoice?
    @Option(
        help: ArgumentHelp(
            """
            The most children of any node: a number, unlimited, or auto, which is 8 in mode mesh where neither \
            max-children nor uplink and rate are known.
            """,
            valueName: "count"
        )
    )
    var fanOut: Topology.FanOut?
    @Option(
        help: """
            What is made small: radius, the farthest node's delay; mean, the weighted mean; or cost, that of the links \
            used, or their kilometres where all cost the same.
            """
    )
    var objective: Topology.Objective?
    @Option(
        help: ArgumentHelp(
            """
            With --objective cost, how late nodes may be: so many times their least delay, or a delay such as 80ms. \
            (default: 2)
            """,
            valueName: "bound"
        )
    )
    var delayBound: Topology.DelayBound?
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
        help: ArgumentHelp(
            "How many children of the root are ready to become the root. (default: as the file says, else 1)",
            valueName: "count"
        )
    )
    var standbys: Int?
    @Option(
        help: ArgumentHelp(
            """
            2: two trees to every node, such that no node's death costs another both its feeds. (default: as the file says, \
            else 1)
            """,
            valueName: "count"
        )
    )
    var redundant: Int?
    @Option(
        help: ArgumentHelp(
            """
            One copy for each region, unless that makes the tree worse than so many times the one without regard to regions.
            """,
            valueName: "factor"
        )
    )
    var regionStretch: Double?
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
        if case .atMost(let count) = fanOut, count < 1 {
            throw ValidationError("--fan-out is \(count); a tree needs at least 1")
        }
        if let standbys, standbys < 0 {
            throw ValidationError("--standbys is \(standbys); a count is not negative")
        }
        if let redundant, !(1...2).contains(redundant) {
            throw ValidationError("--redundant is \(redundant); it is 1 or 2")
        }
        if let regionStretch, !Topology.Tree.regionStretchRange.contains(regionStretch) {
            throw ValidationError("--region-stretch is \(regionStretch); a factor is at least 1")
        }
        if let epoch, epoch < 0 {
            throw ValidationError("--epoch is \(epoch); a count is not negative")
        }
    }

    var options: PlanOptions {
        var options = PlanOptions(
            tree: tree,
            root: root,
            mode: mode,
            fanOut: fanOut,
            objective: objective,
            delayBound: delayBound,
            hopDelayMilliseconds: hopDelay?.milliseconds,
            multicast: multicast,
            epoch: epoch,
            seed: seed
        )
        options.standbyCount = standbys
        options.redundancy = redundant
        options.regionStretch = regionStretch
        return options
    }
}
