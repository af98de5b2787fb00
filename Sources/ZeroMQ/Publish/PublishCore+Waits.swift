import NIOCore
import Patterns
import Synchronization
import Wire

extension PublishCore {
    /// Returns when messages that begin with `topic` reach `count` subscribers at least; `nil` counts every subscriber that has any
    /// subscription.
    func waitForSubscribers(
        _ count: Int,
        topic: [UInt8]?,
        timeout: Duration?
    ) async throws(ZeroMQError) {
        // A cancellation may come before the wait is in the list.
        let cancellation = Mutex(WaitCancellation())
        do {
            try await withTaskCancellationHandler {
                try await home.flatSubmit {
                    self.beginWait(count, topic, timeout) { id in
                        cancellation.withLock { state in
                            state.id = id
                            return state.isCancelled
                        }
                    }
                }.get()
            } onCancel: {
                let id = cancellation.withLock { state in
                    state.isCancelled = true
                    return state.id
                }
                if let id { home.execute { self.waits.fail(id, .cancelled) } }
            }
        } catch {
            throw ZeroMQError.wrap(error)
        }
    }

    /// `enlist` is told the wait's name, and says whether it is cancelled already.
    private func beginWait(
        _ count: Int,
        _ topic: [UInt8]?,
        _ timeout: Duration?,
        _ enlist: (SubscriberWaits.ID) -> Bool
    ) -> EventLoopFuture<Void> {
        let promise = home.makePromise(of: Void.self)
        guard !isFinished else {
            promise.fail(ZeroMQError.closed)
            return promise.futureResult
        }
        let id = waits.append(count: count, topic: topic, promise)
        if enlist(id) { waits.fail(id, .cancelled) }
        settleWaits()
        guard let timeout, waits.contains(id) else { return promise.futureResult }
        let timer = home.scheduleTask(in: .nanoseconds(timeout.nanoseconds)) {
            let found = self.subscriberCount(to: topic)
            self.waits.fail(
                id,
                ZeroMQError(
                    .timedOut,
                    "\(found) of \(count) subscribers were there after \(timeout)"
                )
            )
        }
        return promise.futureResult.always { _ in timer.cancel() }
    }

    /// Call it after every change of who subscribes.
    func settleWaits() {
        guard !waits.isEmpty else { return }
        waits.settle { subscriberCount(to: $0) }
    }
}

private struct WaitCancellation {
    var id: SubscriberWaits.ID?
    var isCancelled = false
}
