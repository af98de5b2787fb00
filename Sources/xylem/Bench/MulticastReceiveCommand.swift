import ArgumentParser
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
        do {
            while next < count {
                let number = Self.number(of: try await subscriber.receive())
                end = .now
                if first < 0 { (first, next, begin) = (number, number, end) }
                lost += number - next
                next = number + 1
                received += 1
                progress.receivedCount.store(received, ordering: .relaxed)
            }
        } catch let error as ZeroMQError where error.code == .closed {
            // Nothing came for too long.
        }
        watch.cancel()
        Output.writeJSON(
            Report(
                received: received,
                lost: lost + max(0, first) + count - next,
                first: first,
                seconds: (end - begin) / .seconds(1),
                cpuSeconds: ProcessClock.cpuSeconds() - cpu
            )
        )
        await subscriber.close()
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
