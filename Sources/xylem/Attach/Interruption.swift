/// How a command's work ended.
enum Ending: Equatable, Sendable {
    case finished
    /// By SIGINT or SIGTERM.
    case interrupted
    case timedOut
}

extension TerminationSignals {
    /// Runs `body` until it returns, a signal comes, or the time is over; it is cancelled then.
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
                await self.first()
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

    /// Waits for `body`, but not beyond a signal or the time: it goes on alone then, for as long as the process.
    func wait(
        atMost limit: Duration? = nil,
        for body: @escaping @Sendable () async -> Void
    ) async {
        let (end, continuation) = AsyncStream.makeStream(of: Void.self)
        Task {
            await body()
            continuation.finish()
        }
        let alarm = Task {
            if let limit {
                try await Task.sleep(for: limit)
            } else {
                await first()
            }
            continuation.finish()
        }
        for await _ in end {}
        alarm.cancel()
    }
}
