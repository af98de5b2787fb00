import ArgumentParser
import Foundation
import Transports
import ZeroMQ

/// Ping-pong: a REQ here and a REP there, or a PUB here to a SUB there and a PUB there back to a SUB here.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract:
            "Round-trip time of one message at a time, through REQ and REP or two PUB-SUB pairs."
    )

    @OptionGroup var options: BenchOptions
    @OptionGroup var setup: BenchSetup
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
        let security = BenchSecurity(setup)
        switch setup.pattern {
        case .pubSub: try await measurePublishing(security)
        case .reqRep: try await measureRequests(security)
        case .pushPull, .dealerRouter:
            throw CommandError.badInput("latency is measured with --pattern pub-sub and req-rep")
        }
    }

    @concurrent private func measurePublishing(_ security: BenchSecurity) async throws {
        let publisher = XPublisher(options: security.options)
        try await withTaskExecutorPreference(onLoop ? publisher.taskExecutor : nil) {
            let subscriber = Subscriber(options: security.options)
            let there = try await publisher.bind(setup.transport.endpoint("there"))
            let back = try await subscriber.bind(setup.transport.endpoint("back"))
            try await subscriber.subscribe(to: "")
            let other = try start([there.description, back.description], security) {
                await subscriber.close()
                await publisher.close()
            }
            let nanoseconds = try await other.whileRunning {
                // The subscription: what is sent before it arrives reaches nobody.
                _ = try await publisher.receive()
                return try await roundTrips { message in
                    publisher.send(message)
                    _ = try await subscriber.receive()
                }
            }
            other.stop()
            report(nanoseconds)
        }
    }

    @concurrent private func measureRequests(_ security: BenchSecurity) async throws {
        let requester = Requester(options: security.options)
        try await withTaskExecutorPreference(onLoop ? requester.taskExecutor : nil) {
            let endpoint = try await requester.bind(setup.transport.endpoint("there"))
            let other = try start([endpoint.description], security) { await requester.close() }
            let nanoseconds = try await other.whileRunning {
                try await roundTrips { message in _ = try await requester.request(message) }
            }
            other.stop()
            report(nanoseconds)
        }
    }

    private func start(
        _ endpoints: [String],
        _ security: BenchSecurity,
        onExit: @escaping @Sendable () async -> Void
    ) throws -> BenchEnd {
        let turnCount = count + Self.warmUpCount
        guard setup.transport == .inproc else {
            return try .process(
                ["echo"] + endpoints + arguments(turnCount) + security.arguments
                    + (onLoop ? ["--on-loop"] : []),
                onExit: onExit
            )
        }
        let echo = BenchEcho(
            pattern: setup.pattern,
            options: SocketOptions(),
            count: turnCount,
            isOnLoop: onLoop
        )
        return .task(Task { try await echo.run(at: endpoints) })
    }

    private var count: Int { options.count ?? Self.defaultCount }

    /// Nanoseconds of each.
    private func roundTrips(
        _ turn: (Message) async throws -> Void
    ) async throws -> [Double] {
        let message = Message([UInt8](repeating: 0, count: options.size))
        var nanoseconds: [Double] = []
        nanoseconds.reserveCapacity(count)
        for number in -Self.warmUpCount..<count {
            let begin = ContinuousClock.now
            try await turn(message)
            if number >= 0 { nanoseconds.append((ContinuousClock.now - begin) / .nanoseconds(1)) }
        }
        return nanoseconds
    }

    /// As the other process is told.
    private func arguments(_ count: Int) -> [String] {
        [
            "--size", "\(options.size)", "--count", "\(count)", "--pattern",
            setup.pattern.rawValue,
        ]
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
