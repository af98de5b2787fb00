import ArgumentParser
import Foundation
import Transports
import ZeroMQ

/// A PUB in a child process, a SUB here; timed at the SUB from its first message to its last.
struct ThroughputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract:
            "Messages per second from a PUB to a SUB over TCP, nothing lost, one call per message."
    )

    @OptionGroup var options: BenchOptions

    private struct Measurement: Encodable {
        var messagesPerSecond: Double
        var megabytesPerSecond: Double
        var size: Int
        var count: Int
    }

    @concurrent func run() async throws {
        let count = options.count ?? Self.defaultCount
        let subscriber = Subscriber()
        let endpoint = try await subscriber.bind("tcp://127.0.0.1:*")
        try await subscriber.subscribe(to: "")
        let peer = try BenchPeer.start(
            ["send", endpoint.description, "--size", "\(options.size)", "--count", "\(count)"],
            onExit: { await subscriber.close() }
        )
        let seconds = try await peer.whileRunning {
            _ = try await subscriber.receive()
            let begin = ContinuousClock.now
            for _ in 1..<count { _ = try await subscriber.receive() }
            return (ContinuousClock.now - begin) / .seconds(1)
        }
        peer.stop()
        let rate = Double(count - 1) / seconds
        let figures = Measurement(
            messagesPerSecond: rate,
            megabytesPerSecond: rate * Double(options.size) / 1e6,
            size: options.size,
            count: count
        )
        BenchReport.print(
            "\(Figures.exact(count)) messages of \(options.size) B: "
                + "\(Figures.exact(Int(rate))) messages/s, "
                + "\(BenchReport.text(figures.megabytesPerSecond, decimals: 1)) MB/s",
            figures
        )
    }

    private static let defaultCount = 5_000_000
}
