import Glibc
import Synchronization
import UnixSignals

/// SIGTERM and SIGINT: the first asks for an orderly end, the second ends the process at once.
final class TerminationSignals: Sendable {
    private let firstSignal: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let lastWish = Mutex<@Sendable () -> Void>({})

    /// Traps them from now on; one that comes before `first()` is kept.
    init() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        firstSignal = stream
        self.continuation = continuation
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        Task { [weak self] in
            var count = 0
            for await signal in signals {
                count += 1
                continuation.finish()
                guard count > 1 else { continue }
                self?.lastWish.withLock { $0 }()
                // The code a shell gives to signals.
                _exit(128 + (signal == .sigint ? SIGINT : SIGTERM))
            }
        }
    }

    /// Returns with the first signal, or when the task is cancelled.
    func first() async {
        for await _ in firstSignal {}
    }

    /// Ends what waits for the first signal, as that would.
    func end() {
        continuation.finish()
    }

    /// What the second signal does before it ends the process.
    func setLastWish(_ body: @escaping @Sendable () -> Void) {
        lastWish.withLock { $0 = body }
    }
}
