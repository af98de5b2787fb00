import ArgumentParser

/// How much is measured.
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

/// Between what it is measured.
struct BenchSetup: ParsableArguments {
    @Option(help: "Between which sockets.")
    var pattern = BenchPattern.pubSub
    @Option(help: "Over what: tcp and ipc between two processes, inproc within one.")
    var transport = BenchTransport.tcp
    @Flag(help: "With CURVE.")
    var curve = false

    func validate() throws {
        guard !curve || transport != .inproc else {
            throw ValidationError(
                "within a process nothing is encrypted: --curve goes with tcp and ipc"
            )
        }
    }
}
