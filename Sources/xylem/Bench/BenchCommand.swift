import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Measure our own sockets between two processes on this machine, and what encryption costs.",
        discussion: """
            The last line of standard output is one JSON object. The comparison with libzmq is 'tools/bench sockets'; \
            'tools/bench relay' and 'tools/bench plan FILE' measure the relay and the planner.
            """,
        subcommands: [
            ThroughputCommand.self, LatencyCommand.self, CipherCommand.self, BenchPeerCommand.self,
        ]
    )
}

/// What both measurements take.
struct BenchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Octets per message.", valueName: "octets"))
    var size = 64
    @Option(help: ArgumentHelp("How many messages.", valueName: "messages"))
    var count: Int?

    func validate() throws {
        guard (0...Self.sizeMax).contains(size) else {
            throw ValidationError("--size is between 0 and \(Self.sizeMax) octets")
        }
        guard count.map({ (2...Self.countMax).contains($0) }) ?? true else {
            throw ValidationError("--count is between 2 and \(Self.countMax)")
        }
    }

    private static let sizeMax = 64 << 20
    private static let countMax = 1_000_000_000
}
