import ArgumentParser
import Glibc
import Topology
import TreeBuilder

/// What each step of planning a large file of links takes: `tools/bench plan --scale` sets it beside other libraries.
struct PlanBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Measure the steps of planning a large file of links.",
        discussion: """
            FILE is a table of links, GraphML or GML of more than 4,096 nodes, in the plain form that programs write. Steps \
            are in seconds; the memory of each is by how much it raised the process's peak.
            """
    )

    @Argument(help: "The topology file.")
    var file: String
    @Option(help: "The id of the root; auto chooses the most central node.")
    var root = "auto"
    @Option(help: "link or mesh.")
    var mode = Topology.ModeChoice.link
    @Option(help: ArgumentHelp("The most children of any node.", valueName: "count"))
    var fanOut = Topology.FanOut.unlimited
    @Option(help: ArgumentHelp("What forwarding costs at each relay.", valueName: "duration"))
    var hopDelay: DurationArgument?

    private struct Step: Encodable {
        var name: String
        var seconds: Double
        var megabytes: Double
    }

    private struct Report: Encodable {
        var nodes: Int
        var links: Int
        var fileMegabytes: Double
        var radiusMs: Double
        var lowerBoundMs: Double
        var meanMs: Double
        var peakMegabytes: Double
        var steps: [Step]
    }

    /// Ends one step and begins the next.
    private struct Stopwatch {
        private(set) var steps: [Step] = []
        private var name: String
        private var begin = ContinuousClock.now
        private var peak = Self.peakMegabytes

        init(_ name: String) {
            self.name = name
        }

        mutating func begin(_ next: String) {
            let now = ContinuousClock.now
            let reached = Self.peakMegabytes
            steps.append(
                Step(name: name, seconds: (now - begin) / .seconds(1), megabytes: reached - peak)
            )
            (name, begin, peak) = (next, now, reached)
        }

        static var peakMegabytes: Double {
            var usage = rusage()
            getrusage(RUSAGE_SELF.rawValue, &usage)
            return Double(usage.ru_maxrss) * 1024 / 1e6
        }
    }

    func run() async throws {
        var watch = Stopwatch("reading")
        guard let edges = LargeSource.edges(file, importing: ImportOptions()) else {
            throw CommandError.badInput("\(file): not a large file of links in plain form")
        }
        watch.begin("checks")
        let options = PlanOptions(
            root: root,
            mode: mode,
            fanOut: fanOut,
            hopDelayMilliseconds: hopDelay?.milliseconds
        )
        let table: TreeTable
        do throws(PlanError) {
            table = try LargePlanner.plan(edges, options: options) { watch.begin($0) }
        } catch {
            throw CommandError.badInput("\(file): \(error.message)")
        }
        watch.begin("lines")
        TreeTableLines.write(table) { _ in }
        watch.begin("binary")
        TreeTableBinary.write(table) { _ in }
        watch.begin("")
        var status = stat()
        stat(file, &status)
        Output.writeJSON(
            Report(
                nodes: edges.nodeCount,
                links: edges.linkCount,
                fileMegabytes: Double(status.st_size) / 1e6,
                radiusMs: table.summary.radiusMs,
                lowerBoundMs: table.summary.lowerBoundMs,
                meanMs: table.summary.meanMs,
                peakMegabytes: Stopwatch.peakMegabytes,
                steps: watch.steps
            )
        )
    }
}
