import Synchronization

/// Keeps anybody from using a relay's event loops after they have been shut down, which would be fatal.
///
///     running ── stop ──▶ stopping ── closed, no visitor left ──▶ loops shut down
final class RelayLifetime: Sendable {
    private struct State {
        var visitorCount = 0
        var isOver = false
        var onLeft: CheckedContinuation<Void, Never>?
        var stopping: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Runs `body` with the loops kept alive; `nil` when they are shut down or about to be.
    func visit<Result>(_ body: () async -> Result) async -> Result? {
        let isWelcome = state.withLock { state in
            if !state.isOver { state.visitorCount += 1 }
            return !state.isOver
        }
        guard isWelcome else { return nil }
        let result = await body()
        leave()
        return result
    }

    /// Runs `body` once, for the first caller; every caller returns when it has finished.
    func stop(_ body: @escaping @Sendable () async -> Void) async {
        let task = state.withLock { state in
            let task = state.stopping ?? Task { await body() }
            state.stopping = task
            return task
        }
        await task.value
    }

    /// Admits no more visitors and waits for those inside to leave.
    func end() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                state.isOver = true
                if state.visitorCount > 0 { state.onLeft = continuation }
                return state.visitorCount == 0
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func leave() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.visitorCount -= 1
            guard state.isOver, state.visitorCount == 0 else { return nil }
            defer { state.onLeft = nil }
            return state.onLeft
        }
        waiting?.resume()
    }
}
