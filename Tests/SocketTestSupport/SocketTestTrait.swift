import Synchronization
package import Testing

/// Marks tests that move octets through real sockets: only a few of them run at a time, whatever their suite. All at
/// once, on few cores, they would wait for each other until their time is up.
package struct SocketTestTrait: TestTrait, SuiteTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? {
        testCase == nil ? nil : self
    }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing body: @Sendable @concurrent () async throws -> Void
    ) async throws {
        await Turnstile.shared.enter()
        defer { Turnstile.shared.leave() }
        try await body()
    }
}

extension Trait where Self == SocketTestTrait {
    package static var sockets: Self { SocketTestTrait() }
}

/// Lets a few in; the others wait in order.
private final class Turnstile: Sendable {
    static let shared = Turnstile()

    private struct State {
        var roomCount = 3
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func enter() async {
        await withCheckedContinuation { continuation in
            let isIn = state.withLock { state in
                guard state.roomCount > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.roomCount -= 1
                return true
            }
            if isIn { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.roomCount += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
