import Foundation
import SocketTestSupport

/// Runs `body` on a thread of its own, so that it may block.
func onThread<Result: Sendable>(
    _ awaited: String = "end of a thread",
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await within(awaited) { try await startThread(body).value }
}

/// Starts a thread; the task waits for its end.
func startThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) -> Task<Result, any Error> {
    Task {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Swift.Result { try body() })
            }
        }
    }
}
