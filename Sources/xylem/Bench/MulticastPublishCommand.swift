import ArgumentParser
import Foundation
import Glibc
import ZeroMQ

/// A PUB that numbers its messages: prints `ready`, sends when a line comes, and ends with its standard input, since
/// somebody may still need a repair.
struct MulticastPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multicast-publish",
        shouldDisplay: false
    )

    @OptionGroup var options: MulticastPeerOptions
    /// Messages per second; 0 = as fast as they are taken.
    @Option var pace = 0.0

    private struct Report: Encodable {
        var sent: Int
        var seconds: Double
        var cpuSeconds: Double
    }

    @concurrent func run() async throws {
        let count = options.bench.count ?? 1
        let publisher = Publisher(options: options.socketOptions())
        try await publisher.bind(options.endpoint)
        Output.write("ready")
        let cpu = ProcessClock.cpuSeconds()
        var commands = standardInputLines().makeAsyncIterator()
        guard await commands.next() != nil else { return }
        let begin = ContinuousClock.now
        try await send(count, to: publisher)
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        while await commands.next() != nil {}
        Output.writeJSON(
            Report(sent: count, seconds: seconds, cpuSeconds: ProcessClock.cpuSeconds() - cpu)
        )
        await publisher.close()
    }

    private func send(_ count: Int, to publisher: Publisher) async throws {
        let begin = ContinuousClock.now
        let pacer = pace > 0 ? Pacer(rate: pace) : nil
        var bytes = [UInt8](repeating: 0, count: max(8, options.bench.size))
        for number in 0..<count {
            // A few at a time: a sleep for each would be the larger part of the work.
            if let pacer, number % 8 == 0 {
                let wait = pacer.nanosecondsToWait(
                    before: number,
                    elapsedNanoseconds: Int64((ContinuousClock.now - begin) / .nanoseconds(1))
                )
                if wait > 0 { try await Task.sleep(for: .nanoseconds(wait)) }
            }
            let message = bytes.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: UInt64(number), as: UInt64.self)
                return Message(UnsafeRawBufferPointer(bytes))
            }
            try await publisher.sendWaiting(message)
        }
    }
}

/// The lines of standard input until it ends; read on a thread that may wait.
private func standardInputLines() -> AsyncStream<String> {
    let (lines, continuation) = AsyncStream.makeStream(of: String.self)
    Thread.detachNewThread {
        while let line = readLine() { continuation.yield(line) }
        continuation.finish()
    }
    return lines
}

enum ProcessClock {
    /// CPU time of all threads of this process, in the kernel and outside.
    static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
