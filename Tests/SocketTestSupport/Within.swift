import Synchronization

/// Nothing happened in time: the test's wait is over, whatever the awaited code still does.
package struct TimedOut: Error, CustomStringConvertible {
    package var awaited: String

    package init(awaited: String) {
        self.awaited = awaited
    }

    package var description: String { "no \(awaited) in time" }
}

/// The result of `body`, or `TimedOut` after `limit`. A body that does not listen to cancellation is left behind, so
/// that a bug of the engine fails one test and does not hang them all.
package func within<Result: Sendable>(
    _ awaited: String,
    _ limit: Duration = .seconds(30),
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let race = Race<Result>()
    let work = Task {
        do { race.finish(.success(try await body())) } catch { race.finish(.failure(error)) }
    }
    let clock = Task {
        try await Task.sleep(for: limit)
        race.finish(.failure(TimedOut(awaited: awaited)))
        work.cancel()
    }
    defer { clock.cancel() }
    return try await race.result()
}

/// Asks again until the answer is the wanted one: for state that no event tells of.
package func eventually(
    _ awaited: String,
    _ limit: Duration = .seconds(30),
    _ isTrue: @escaping @Sendable () async throws -> Bool
) async throws {
    try await within(awaited, limit) {
        while try await !isTrue() { try await Task.sleep(for: .milliseconds(1)) }
    }
}

/// The first of several results; the others are dropped.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var outcome: Result<Value, any Error>?
        var waiter: CheckedContinuation<Value, any Error>?
    }

    private let state = Mutex(State())

    func finish(_ outcome: Result<Value, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            return state.waiter
        }
        waiter?.resume(with: outcome)
    }

    func result() async throws -> Value {
        try await withCheckedThrowingContinuation { waiter in
            let outcome = state.withLock { state in
                state.waiter = waiter
                return state.outcome
            }
            if let outcome { waiter.resume(with: outcome) }
        }
    }
}
