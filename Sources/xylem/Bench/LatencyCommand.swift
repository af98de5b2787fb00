import ArgumentParser
import Foundation
import Transports
import ZeroMQ

/// Ping-pong: a PUB here to a SUB in a child process, and a PUB there back to a SUB here.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Round-trip time of one message at a time through two PUB-SUB pairs over TCP."
    )

    @OptionGroup var options: BenchOptions
    @Flag(help: "Run the tasks on the sockets' event loop: no thread switch per message.")
    var onLoop = false

    private struct Measurement: Encodable {
        /// The mean, because that is what other tools of this kind give.
        var roundTripMicroseconds: Double
        var medianMicroseconds: Double
        var percentile99Microseconds: Double
        var size: Int
        var count: Int
    }

    @concurrent func run() async throws {
        let publisher = XPublisher()
        try await withTaskExecutorPreference(onLoop ? publisher.taskExecutor : nil) {
            try await measure(publisher)
        }
    }

    @concurrent private func measure(_ publisher: XPublisher) async throws {
        let count = options.count ?? Self.defaultCount
        let subscriber = Subscriber()
        let there = try await publisher.bind("tcp://127.0.0.1:*")
        let back = try await subscriber.bind("tcp://127.0.0.1:*")
        try await subscriber.subscribe(to: "")
        let turnCount = count + Self.warmUpCount
        let peer = try BenchPeer.start(
            ["echo", there.description, back.description, "--count", "\(turnCount)"]
                + (onLoop ? ["--on-loop"] : []),
            onExit: {
                await subscriber.close()
                await publisher.close()
            }
        )
        let nanoseconds = try await peer.whileRunning {
            try await roundTrips(count, publisher, subscriber)
        }
        peer.stop()
        report(nanoseconds)
    }

    /// Nanoseconds of each.
    private func roundTrips(
        _ count: Int,
        _ publisher: XPublisher,
        _ subscriber: Subscriber
    ) async throws -> [Double] {
        // The subscription: what is sent before it arrives reaches nobody.
        _ = try await publisher.receive()
        let message = Message([UInt8](repeating: 0, count: options.size))
        var nanoseconds: [Double] = []
        nanoseconds.reserveCapacity(count)
        for turn in -Self.warmUpCount..<count {
            let begin = ContinuousClock.now
            publisher.send(message)
            _ = try await subscriber.receive()
            if turn >= 0 { nanoseconds.append((ContinuousClock.now - begin) / .nanoseconds(1)) }
        }
        return nanoseconds
    }

    private func report(_ nanoseconds: [Double]) {
        let sorted = nanoseconds.sorted()
        let figures = Measurement(
            roundTripMicroseconds: sorted.reduce(0, +) / Double(sorted.count) / 1e3,
            medianMicroseconds: sorted[sorted.count / 2] / 1e3,
            percentile99Microseconds: sorted[sorted.count * 99 / 100] / 1e3,
            size: options.size,
            count: sorted.count
        )
        BenchReport.print(
            "\(sorted.count) round trips of \(options.size) B: "
                + "mean \(BenchReport.text(figures.roundTripMicroseconds, decimals: 1)) µs, "
                + "median \(BenchReport.text(figures.medianMicroseconds, decimals: 1)) µs, "
                + "99 % \(BenchReport.text(figures.percentile99Microseconds, decimals: 1)) µs",
            figures
        )
    }

    private static let defaultCount = 50_000
    private static let warmUpCount = 1_000
}
