import DequeModule
import NIOCore
import Synchronization
import Transports
import Wire

/// Where runs wait for the application: whole runs go in, single messages come out as slices.
///
///     append(run) ─▶ runs ─▶ head ── one message at a time ──▶ take, tryTake
///
/// Bounded: above the limit `append` asks for a pause, and `onRoom` is called when half is taken.
final class Mailbox: Sendable {
    private struct Run {
        var buffer: ByteBuffer
        var messageCount: Int
    }

    private struct Waiter {
        var id: UInt64
        var continuation: UnsafeContinuation<ByteBuffer?, Never>
    }

    private struct State {
        /// The run that is being taken apart; apart from the others, so that taking a message moves no run.
        var head = ByteBuffer()
        var headMessageCount = 0
        var runs = Deque<Run>()
        /// Of the head and all runs.
        var messageCount = 0
        var byteCount = 0
        var isPaused = false
        var isClosed = false
        var waiters = Deque<Waiter>()
        var nextWaiter: UInt64 = 0
        var onRoom: @Sendable () -> Void = {}
        var onReadable: (@Sendable () -> Void)?
    }

    private let limit: QueueLimit
    private let state = Mutex(State())

    init(limit: QueueLimit) {
        self.limit = limit
    }

    func setRoomHandler(_ handler: @escaping @Sendable () -> Void) {
        state.withLock { $0.onRoom = handler }
    }

    /// Called, on some event loop, whenever an empty mailbox gets something.
    func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        let isReadable = state.withLock { state in
            state.onReadable = handler
            return state.messageCount > 0
        }
        if isReadable { handler?() }
    }

    /// Takes a run. `false` asks the caller to pause its peers until `onRoom`.
    @discardableResult
    func append(_ buffer: ByteBuffer, messageCount: Int) -> Bool {
        typealias Delivery = (Waiter, ByteBuffer)
        let (goOn, deliveries, onReadable) = state.withLock { state in
            var deliveries: [Delivery] = []
            guard !state.isClosed else { return (true, deliveries, (@Sendable () -> Void)?.none) }
            let wasEmpty = state.messageCount == 0
            state.runs.append(Run(buffer: buffer, messageCount: messageCount))
            state.messageCount += messageCount
            state.byteCount += buffer.readableBytes
            while !state.waiters.isEmpty, let message = takeFirst(&state) {
                deliveries.append((state.waiters.removeFirst(), message))
            }
            if state.messageCount >= limit.messageCount || state.byteCount >= limit.byteCount {
                state.isPaused = true
            }
            let isReadable = wasEmpty && state.messageCount > 0
            return (!state.isPaused, deliveries, isReadable ? state.onReadable : nil)
        }
        for (waiter, message) in deliveries { waiter.continuation.resume(returning: message) }
        onReadable?()
        return goOn
    }

    /// The oldest message, if there is one.
    func tryTake() -> ByteBuffer? {
        var onRoom: (@Sendable () -> Void)?
        let message = state.withLock { state in
            let message = takeFirst(&state)
            if state.isPaused { onRoom = roomHandler(&state) }
            return message
        }
        onRoom?()
        return message
    }

    /// The oldest message, when there is one; `nil` when the mailbox is closed and empty, or the task cancelled.
    func take() async -> ByteBuffer? {
        if Task.isCancelled { return nil }
        if let message = tryTake() { return message }
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let (answer, onRoom) = state.withLock {
                    state -> (ByteBuffer??, (@Sendable () -> Void)?) in
                    // The handler could not have seen this waiter if the task was cancelled before now.
                    if Task.isCancelled { return (.some(nil), nil) }
                    if let message = takeFirst(&state) {
                        return (.some(message), state.isPaused ? roomHandler(&state) : nil)
                    }
                    if state.isClosed { return (.some(nil), nil) }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return (nil, nil)
                }
                onRoom?()
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    /// No more will come; what is there can still be taken.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    var isReadable: Bool { state.withLock { $0.messageCount > 0 } }

    private func takeFirst(_ state: inout State) -> ByteBuffer? {
        if state.headMessageCount == 0 {
            guard let run = state.runs.popFirst() else { return nil }
            state.head = run.buffer
            state.headMessageCount = run.messageCount
        }
        state.headMessageCount -= 1
        state.messageCount -= 1
        guard state.headMessageCount > 0 else {
            // The last of a run takes it away, so that the run's storage is free when its messages are.
            let message = state.head
            state.head = ByteBuffer()
            state.byteCount -= message.readableBytes
            return message
        }
        let byteCount = state.head.withUnsafeReadableBytes {
            MessageWalker.byteCount(ofFirst: 1, in: $0)
        }
        state.byteCount -= byteCount
        return state.head.readSlice(length: byteCount)
    }

    private func roomHandler(_ state: inout State) -> (@Sendable () -> Void)? {
        guard state.messageCount <= limit.messageCount / 2,
            state.byteCount <= limit.byteCount / 2
        else { return nil }
        state.isPaused = false
        return state.onRoom
    }
}
