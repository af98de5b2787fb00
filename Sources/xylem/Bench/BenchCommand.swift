import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Measure our own sockets between two processes on this machine, what encryption costs, and the planner.",
        discussion: """
            The last line of standard output is one JSON object. The comparison with libzmq is 'tools/bench sockets'; \
            'tools/bench relay' and 'tools/bench plan FILE' measure the relay and the planner.
            """,
        subcommands: [
            ThroughputCommand.self, LatencyCommand.self, CipherCommand.self, ChurnCommand.self,
            PlanBenchCommand.self, RepairCommand.self, BenchPeerCommand.self,
        ]
    )
}
