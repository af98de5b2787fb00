import ArgumentParser
import Foundation
import Transports
import ZeroMQ

/// One end sends, the other receives; timed at the receiver from its first message to its last.
struct ThroughputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract:
            "Messages per second from one socket to another, nothing lost, one call per message."
    )

    @OptionGroup var options: BenchOptions
    @OptionGroup var setup: BenchSetup

    private struct Measurement: Encodable {
        var messagesPerSecond: Double
        var megabytesPerSecond: Double
        var size: Int
        var count: Int
    }

    @concurrent func run() async throws {
        let security = BenchSecurity(setup)
        switch setup.pattern {
        case .pubSub:
            let subscriber = Subscriber(options: security.options)
            try await subscriber.subscribe(to: "")
            try await measure(subscriber, security)
        case .pushPull: try await measure(Puller(options: security.options), security)
        case .dealerRouter: try await measure(Router(options: security.options), security)
        case .reqRep:
            throw CommandError.badInput(
                "a REQ waits for each reply: 'xylem bench latency' measures that"
            )
        }
    }

    @concurrent private func measure(
        _ receiver: some ReceivingSocket,
        _ security: BenchSecurity
    ) async throws {
        let count = options.count ?? Self.defaultCount
        let endpoint = try await receiver.bind(setup.transport.endpoint("receiver")).description
        let other = try start(count, endpoint, security) { await receiver.close() }
        let seconds = try await other.whileRunning {
            _ = try await receiver.receive()
            let begin = ContinuousClock.now
            for _ in 1..<count { _ = try await receiver.receive() }
            return (ContinuousClock.now - begin) / .seconds(1)
        }
        other.stop()
        report(Double(count - 1) / seconds, count)
    }

    private func start(
        _ count: Int,
        _ endpoint: String,
        _ security: BenchSecurity,
        onExit: @escaping @Sendable () async -> Void
    ) throws -> BenchEnd {
        guard setup.transport == .inproc else {
            return try .process(
                ["send", endpoint] + arguments(count) + security.arguments,
                onExit: onExit
            )
        }
        let sender = BenchSender(
            pattern: setup.pattern,
            options: SocketOptions(),
            size: options.size,
            count: count
        )
        return .task(Task { try await sender.run(to: endpoint) })
    }

    /// As the other process is told.
    private func arguments(_ count: Int) -> [String] {
        [
            "--size", "\(options.size)", "--count", "\(count)", "--pattern",
            setup.pattern.rawValue,
        ]
    }

    private func report(_ rate: Double, _ count: Int) {
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
