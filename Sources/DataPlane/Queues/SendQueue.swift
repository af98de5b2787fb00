import DequeModule
package import NIOCore
import Synchronization
package import Transports

/// Where the application's messages wait for the event loop: copied at once, into an open chunk, under a lock.
///
///     append ─▶ open chunk ─ full ─▶ sealed chunks ──take (loop)──▶ fan-out
///         └──── large messages, not copied ──▲
///
/// The loop is woken only when it had nothing to do.
package final class SendQueue: Sendable {
    package struct Chunk {
        package var buffer: ByteBuffer
        package var messageCount: Int
    }

    package enum Outcome {
        case queued
        /// Queued, and the loop must be woken.
        case queuedFirst
        case full
        case closed
    }

    private struct State: ~Copyable {
        var open = OpenChunk()
        var openMessageCount = 0
        var sealed = Deque<Chunk>()
        var messageCount = 0
        var byteCount = 0
        var isLoopBusy = false
        var isBlocked = false
        var isClosed = false
        var waiters: [Waiter] = []
        var nextWaiter: UInt64 = 0
        var refusedMessageCount = 0
    }

    private struct Waiter {
        var id: UInt64
        /// The size of its message.
        var byteCount: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    private let limit: QueueLimit
    private let state = Mutex<State>(State())

    package init(limit: QueueLimit) {
        self.limit = limit
    }

    /// Appends one whole message. A message that alone is larger than the limit goes when the queue is empty.
    package func append(_ message: ByteBuffer, countRefused: Bool) -> Outcome {
        state.withLock { state in
            if state.isClosed { return .closed }
            let byteCount = state.byteCount + message.readableBytes
            let isOver = state.messageCount >= limit.messageCount || byteCount > limit.byteCount
            guard !state.isBlocked, !isOver || state.messageCount == 0 else {
                if countRefused { state.refusedMessageCount += 1 }
                return .full
            }
            if state.open.append(message) {
                state.openMessageCount += 1
            } else {
                appendToNextChunk(message, &state)
            }
            state.messageCount += 1
            state.byteCount = byteCount
            if state.isLoopBusy { return .queued }
            state.isLoopBusy = true
            return .queuedFirst
        }
    }

    /// The next octets to send; `nil` when there are none, and then the next append wakes the loop.
    package func take() -> Chunk? {
        let (chunk, waiters) = state.withLock { state -> (Chunk?, [Waiter]) in
            if state.sealed.isEmpty { seal(&state) }
            guard !state.isBlocked, !state.sealed.isEmpty else {
                state.isLoopBusy = false
                return (nil, [])
            }
            let chunk = state.sealed.removeFirst()
            state.messageCount -= chunk.messageCount
            state.byteCount -= chunk.buffer.readableBytes
            return (chunk, takeWaiters(&state))
        }
        for waiter in waiters { waiter.continuation.resume(returning: true) }
        return chunk
    }

    /// A blocked queue keeps what it has and takes no more. Gives whether the loop has work again.
    package func setBlocked(_ isBlocked: Bool) -> Bool {
        let (hasWork, waiters) = state.withLock { state -> (Bool, [Waiter]) in
            state.isBlocked = isBlocked
            guard !isBlocked else { return (false, []) }
            let hasWork = state.messageCount > 0 && !state.isLoopBusy
            if hasWork { state.isLoopBusy = true }
            return (hasWork, takeWaiters(&state))
        }
        for waiter in waiters { waiter.continuation.resume(returning: true) }
        return hasWork
    }

    /// Waits until an append of that many octets may succeed. `false` when the queue was closed or the task cancelled.
    package func waitForRoom(_ byteCount: Int) async -> Bool {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if state.isClosed || Task.isCancelled { return false }
                    if hasRoom(state, byteCount) { return true }
                    state.waiters.append(
                        Waiter(id: id, byteCount: byteCount, continuation: continuation)
                    )
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: false)
        }
    }

    package func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: false) }
    }

    package var isEmpty: Bool { state.withLock { $0.messageCount == 0 } }

    /// Whether an append would be taken now.
    package var isWritable: Bool { state.withLock { !$0.isClosed && hasRoom($0, 0) } }

    package var refusedMessageCount: Int { state.withLock { $0.refusedMessageCount } }

    private func appendToNextChunk(_ message: ByteBuffer, _ state: inout State) {
        seal(&state)
        if state.open.append(message) {
            state.openMessageCount = 1
        } else {
            state.sealed.append(Chunk(buffer: message, messageCount: 1))
        }
    }

    private func seal(_ state: inout State) {
        guard state.openMessageCount > 0 else { return }
        state.sealed.append(
            Chunk(buffer: state.open.take(), messageCount: state.openMessageCount)
        )
        state.openMessageCount = 0
    }

    /// Half empty, so that senders do not stop and go for every message, and not so full that this one is too large.
    private func hasRoom(_ state: borrowing State, _ byteCount: Int) -> Bool {
        guard !state.isBlocked else { return false }
        if state.messageCount == 0 { return true }
        return state.messageCount <= limit.messageCount / 2
            && state.byteCount <= limit.byteCount / 2
            && byteCount <= limit.byteCount - state.byteCount
    }

    private func takeWaiters(_ state: inout State) -> [Waiter] {
        guard !state.waiters.isEmpty, hasRoom(state, 0) else { return [] }
        let waiters = state.waiters
        state.waiters = waiters.filter { !hasRoom(state, $0.byteCount) }
        return waiters.filter { hasRoom(state, $0.byteCount) }
    }
}
