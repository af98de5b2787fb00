import NIOCore
import Wire

/// Sending to one peer so that nothing is dropped.
extension AddressedCore {
    /// What became of one message.
    enum Route: Sendable {
        case sent
        case unroutable
        /// The peer's queue is full, or the peer is dialled under that address and not there yet.
        case wait(RouteWait)
    }

    struct RouteWait: Sendable {
        var address: [UInt8]
        var id: UInt64
        /// Succeeds when it is worth to try again.
        var end: EventLoopFuture<Void>
    }

    /// Sends a message, which begins with an address, to the peer that has it, and waits while its queue is full.
    ///
    /// - Throws: `ZeroMQError`: `unroutable` when nobody has that address; `timedOut`; `multipart`; `cancelled`; `closed`.
    func sendWaiting(
        _ message: ByteBuffer,
        timeout: Duration? = nil
    ) async throws(ZeroMQError) {
        guard fits(message) else { throw .multipart }
        let deadline = timeout.map { ContinuousClock.now + $0 }
        while true {
            if Task.isCancelled { throw .cancelled }
            let route: Route
            do { route = try await sendNow(message).get() } catch { throw ZeroMQError.wrap(error) }
            switch route {
            case .sent: return
            case .unroutable:
                throw ZeroMQError(
                    .unroutable,
                    "no peer has the routing id \(Message(encoded: message)[0]); it is not connected, or has left"
                )
            case .wait(let wait):
                let left = deadline.map { $0 - .now }
                if let left, left <= .zero {
                    end(wait)
                    throw ZeroMQError(.timedOut, "the peer had no room for the message in time")
                }
                await pass(wait, within: left)
            }
        }
    }

    /// Returns when it is worth to try again, or the task is cancelled, or the time is over.
    private func pass(_ wait: RouteWait, within time: Duration?) async {
        let timer = time.map { time in
            home.scheduleTask(in: .nanoseconds(time.nanoseconds)) { self.end(wait) }
        }
        await withTaskCancellationHandler {
            try? await wait.end.get()
        } onCancel: {
            end(wait)
        }
        timer?.cancel()
    }

    private func end(_ wait: RouteWait) {
        home.execute { self.waits.end(wait.id, at: wait.address) }
    }

    /// The same as `send`, from any thread.
    func sendNow(_ message: ByteBuffer) -> EventLoopFuture<Route> {
        home.submit {
            guard !self.isFinished else { throw ZeroMQError.closed }
            return self.send(message)
        }
    }

    func makeWait(for address: [UInt8]) -> Route {
        let promise = home.makePromise(of: Void.self)
        let id = waits.append(address, promise)
        return .wait(RouteWait(address: address, id: id, end: promise.futureResult))
    }
}
