import ArgumentParser
import PGM
import Synchronization
import ZeroMQ

/// A SUB that checks the numbers of what it gets: prints `ready`, and what it got after the last message or when none
/// came for a while.
struct MulticastReceiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multicast-receive",
        shouldDisplay: false
    )

    @OptionGroup var options: MulticastPeerOptions

    private struct Report: Encodable {
        var received: Int
        var lost: Int
        var first: Int
        var seconds: Double
        var cpuSeconds: Double
        var repairs: Int
        var repairMedianMilliseconds: Double?
        var repair99Milliseconds: Double?
    }

    @concurrent func run() async throws {
        let count = options.bench.count ?? 1
        let subscriber = Subscriber(options: options.socketOptions())
        try await subscriber.subscribe(to: "")
        try await subscriber.bind(options.endpoint)
        Output.write("ready")
        let cpu = ProcessClock.cpuSeconds()
        let progress = Progress()
        let watch = Task { await progress.watch(subscriber) }
        var (received, first, next, lost) = (0, -1, 0, 0)
        var begin = ContinuousClock.now
        var end = begin
        while next < count {
            // What is there costs no async call.
            let ready = subscriber.tryReceive()
            guard let message = ready == nil ? try await Self.later(subscriber) : ready else {
                break
            }
            let number = Self.number(of: message)
            if first < 0 { (first, next, begin) = (number, number, .now) }
            // Reading the clock for each message would be a quarter of the receiver's work.
            if ready == nil || number + 1 >= count { end = .now }
            lost += number - next
            next = number + 1
            received += 1
            progress.receivedCount.store(received, ordering: .relaxed)
        }
        let cpuSeconds = ProcessClock.cpuSeconds() - cpu
        watch.cancel()
        let repairs = await subscriber.repairTimes().first
        Output.writeJSON(
            Report(
                received: received,
                lost: lost + max(0, first) + count - next,
                first: first,
                seconds: (end - begin) / .seconds(1),
                cpuSeconds: cpuSeconds,
                repairs: repairs?.count ?? 0,
                repairMedianMilliseconds: repairs?.percentile(0.5).map { $0 / .milliseconds(1) },
                repair99Milliseconds: repairs?.percentile(0.99).map { $0 / .milliseconds(1) }
            )
        )
        await subscriber.close()
    }

    /// `nil` when nothing came for too long.
    private static func later(_ subscriber: Subscriber) async throws -> Message? {
        do {
            return try await subscriber.receive()
        } catch {
            if error.code == .closed { return nil }
            throw error
        }
    }

    private static func number(of message: Message) -> Int {
        message[0].withUnsafeBytes { bytes in
            bytes.count < 8
                ? 0 : Int(truncatingIfNeeded: bytes.loadUnaligned(as: UInt64.self))
        }
    }

    /// Ends a measurement that nothing comes to any more.
    private final class Progress: Sendable {
        let receivedCount = Atomic(0)

        func watch(_ subscriber: Subscriber) async {
            var (last, silentTicks) = (0, 0)
            while !Task.isCancelled, silentTicks < (last == 0 ? Self.firstTicks : Self.silenceTicks)
            {
                do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
                let now = receivedCount.load(ordering: .relaxed)
                silentTicks = now == last ? silentTicks + 1 : 0
                last = now
            }
            await subscriber.close()
        }

        private static let firstTicks = 150
        private static let silenceTicks = 30
    }
}
