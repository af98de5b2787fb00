import Synchronization

/// How a command's work ended.
enum Ending: Equatable, Sendable {
    case finished
    /// By SIGINT or SIGTERM.
    case interrupted
    case timedOut

    /// Of what was not done: `interrupted before everything had left`.
    var phrase: String { self == .timedOut ? "the time was over" : "interrupted" }
}

/// Work that the first SIGINT or SIGTERM ends; the second ends the process at once.
final class Interruption: Sendable {
    /// Who waits for the signal; `nil` once it has come.
    private let waiting = Mutex<[AsyncStream<Void>.Continuation]?>([])

    /// Traps the signals from now on.
    convenience init() async {
        let signals = await TerminationSignals()
        self.init { await signals.first() }
    }

    /// `signal` returns when the work is to end.
    init(by signal: @escaping @Sendable () async -> Void) {
        // Not cancelled with any of the work, so that the signal is still heard after it.
        Task {
            await signal()
            let waiting = self.waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting ?? []
            }
            for waiter in waiting { waiter.finish() }
        }
    }

    /// Runs `body` until it returns, the signal comes, or the time is over; it is cancelled then.
    func run(
        for limit: Duration? = nil,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Ending {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask {
                try await body()
                return .finished
            }
            group.addTask {
                await self.signal()
                return .interrupted
            }
            if let limit {
                group.addTask {
                    try await Task.sleep(for: limit)
                    return .timedOut
                }
            }
            let ending = try await group.next() ?? .finished
            group.cancelAll()
            // Whatever a cancelled body still throws, it was told to.
            while let result = await group.nextResult() { _ = result }
            return ending
        }
    }

    /// Waits for `body`, but not beyond the time, or the signal if there is no time or `hearsSignal`: it goes on alone then,
    /// for as long as the process. Gives whether it ended.
    func wait(
        atMost limit: Duration? = nil,
        hearsSignal: Bool = false,
        for body: @escaping @Sendable () async -> Void
    ) async -> Bool {
        let (end, continuation) = AsyncStream.makeStream(of: Void.self)
        let isOver = Mutex(false)
        Task {
            await body()
            isOver.withLock { $0 = true }
            continuation.finish()
        }
        var alarms: [Task<Void, Never>] = []
        if let limit {
            alarms.append(
                Task {
                    guard (try? await Task.sleep(for: limit)) != nil else { return }
                    continuation.finish()
                }
            )
        }
        if limit == nil || hearsSignal {
            alarms.append(
                Task {
                    await signal()
                    continuation.finish()
                }
            )
        }
        for await _ in end {}
        for alarm in alarms { alarm.cancel() }
        return isOver.withLock { $0 }
    }

    /// Returns when the signal has come, or the task is cancelled.
    private func signal() async {
        // A stream each: the first cancelled task that reads one ends it for all.
        let (end, continuation) = AsyncStream.makeStream(of: Void.self)
        let hasCome = waiting.withLock { waiting in
            waiting?.append(continuation)
            return waiting == nil
        }
        if hasCome { return }
        for await _ in end {}
    }
}
