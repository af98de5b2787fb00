import ArgumentParser

@main
struct Xylem: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xylem",
        abstract: "Multicast trees for ZeroMQ.",
        subcommands: [NodeCommand.self, BenchCommand.self]
    )
}
