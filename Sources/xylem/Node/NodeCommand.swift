public import ArgumentParser
import Foundation
import Logging
public import Patterns
import RouterNode
import Transports
import UnixSignals

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run one relay.",
        discussion: """
            With --plan and --name it is a relay of a plan. With --publishers and --subscribers it is a lone relay, \
            for what people use zmq_proxy for: publishers connect to one endpoint, subscribers to the other.
            """
    )

    @Option(help: "Where publishers connect, such as tcp://127.0.0.1:6001.")
    var publishers: String?
    @Option(help: "Where subscribers connect, such as tcp://127.0.0.1:6002.")
    var subscribers: String?
    @Option(help: "Where status is served over HTTP, as host:port; port 0 lets the system choose.")
    var control: String?
    @Option(
        help:
            "What happens to messages for a subscriber that is too slow: drop-newest, drop-oldest, disconnect or block."
    )
    var overflow: OverflowPolicy?
    @Option(help: "Event-loop threads; subscribers are spread over them.")
    var threads = 1

    func run() async throws {
        guard let publishers, let subscribers else { throw ValidationError("give both") }
        var configuration = RelayConfiguration.lone(
            publishersEndpoint: publishers,
            subscribersEndpoint: subscribers,
            overflow: overflow ?? .dropNewest
        )
        configuration.threadCount = threads
        var logger = Logger(label: "xylem")
        logger.logLevel = .notice
        let relay = try await Relay.start(configuration, logger: logger)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        for await _ in signals { break }
        await relay.stop()
    }
}

extension OverflowPolicy: ExpressibleByArgument {}
