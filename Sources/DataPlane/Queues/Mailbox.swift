import DequeModule
package import NIOCore
import Synchronization
package import Transports
import Wire

/// Where runs wait for the application: whole runs go in, single messages come out as slices.
///
///     append(run) ─▶ runs ─▶ head ── one message at a time ──▶ take, tryTake
///     append(loss) ───▲                    └─ and losses ─────▶ takeItem, tryTakeItem
///
/// Who takes messages only does not see losses.
/// Bounded: above the limit `append` asks for a pause, and `onRoom` is called when half is taken.
package final class Mailbox: Sendable {
    /// What can be taken.
    package enum Item {
        case message(ByteBuffer)
        /// Messages are missing here.
        case loss(MulticastLoss)

        package var message: ByteBuffer? {
            if case .message(let message) = self { message } else { nil }
        }
    }

    private struct Run {
        var buffer: ByteBuffer
        var messageCount: Int
        /// Stands alone, without messages.
        var loss: MulticastLoss?
    }

    private struct Waiter {
        var id: UInt64
        var wantsLosses: Bool
        var continuation: UnsafeContinuation<Item?, Never>
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

    package init(limit: QueueLimit) {
        self.limit = limit
    }

    package func setRoomHandler(_ handler: @escaping @Sendable () -> Void) {
        state.withLock { $0.onRoom = handler }
    }

    /// Called, on some event loop, whenever an empty mailbox gets something.
    package func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        let isReadable = state.withLock { state in
            state.onReadable = handler
            return state.messageCount > 0
        }
        if isReadable { handler?() }
    }

    /// Takes a run. `false` asks the caller to pause its peers until `onRoom`.
    @discardableResult
    package func append(_ buffer: ByteBuffer, messageCount: Int) -> Bool {
        typealias Delivery = (Waiter, Item)
        let (goOn, deliveries, onReadable) = state.withLock { state in
            var deliveries: [Delivery] = []
            guard !state.isClosed else { return (true, deliveries, (@Sendable () -> Void)?.none) }
            let wasEmpty = state.messageCount == 0
            state.runs.append(Run(buffer: buffer, messageCount: messageCount))
            state.messageCount += messageCount
            state.byteCount += buffer.readableBytes
            serveWaiters(&state, &deliveries)
            if state.messageCount >= limit.messageCount || state.byteCount >= limit.byteCount {
                state.isPaused = true
            }
            let isReadable = wasEmpty && state.messageCount > 0
            return (!state.isPaused, deliveries, isReadable ? state.onReadable : nil)
        }
        for (waiter, item) in deliveries { waiter.continuation.resume(returning: item) }
        onReadable?()
        return goOn
    }

    /// Takes note that messages are missing here.
    package func append(_ loss: MulticastLoss) {
        let deliveries = state.withLock { state in
            var deliveries: [(Waiter, Item)] = []
            guard !state.isClosed else { return deliveries }
            // When nobody takes anything, neither losses may fill the memory.
            if state.runs.count(where: { $0.loss != nil }) >= Self.lossCountMax,
                let oldest = state.runs.firstIndex(where: { $0.loss != nil })
            {
                state.runs.remove(at: oldest)
            }
            state.runs.append(Run(buffer: ByteBuffer(), messageCount: 0, loss: loss))
            serveWaiters(&state, &deliveries)
            return deliveries
        }
        for (waiter, item) in deliveries { waiter.continuation.resume(returning: item) }
    }

    private func serveWaiters(_ state: inout State, _ deliveries: inout [(Waiter, Item)]) {
        while let waiter = state.waiters.first,
            let item = takeFirst(&state, wantsLosses: waiter.wantsLosses)
        {
            deliveries.append((state.waiters.removeFirst(), item))
        }
    }

    private static let lossCountMax = 1_024

    /// The oldest message, if there is one.
    package func tryTake() -> ByteBuffer? { tryTakeItem(wantsLosses: false)?.message }

    /// The oldest message or loss, if there is one.
    package func tryTakeItem(wantsLosses: Bool = true) -> Item? {
        var onRoom: (@Sendable () -> Void)?
        let item = state.withLock { state in
            let item = takeFirst(&state, wantsLosses: wantsLosses)
            if state.isPaused { onRoom = roomHandler(&state) }
            return item
        }
        onRoom?()
        return item
    }

    /// The oldest message, when there is one; `nil` when the mailbox is closed and empty, or the task cancelled.
    package func take() async -> ByteBuffer? { await takeItem(wantsLosses: false)?.message }

    /// The oldest message or loss, when there is one.
    package func takeItem(wantsLosses: Bool = true) async -> Item? {
        if Task.isCancelled { return nil }
        if let item = tryTakeItem(wantsLosses: wantsLosses) { return item }
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let (answer, onRoom) = state.withLock {
                    state -> (Item??, (@Sendable () -> Void)?) in
                    // The handler could not have seen this waiter if the task was cancelled before now.
                    if Task.isCancelled { return (.some(nil), nil) }
                    if let item = takeFirst(&state, wantsLosses: wantsLosses) {
                        return (.some(item), state.isPaused ? roomHandler(&state) : nil)
                    }
                    if state.isClosed { return (.some(nil), nil) }
                    state.waiters.append(
                        Waiter(id: id, wantsLosses: wantsLosses, continuation: continuation)
                    )
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
    package func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    package var isReadable: Bool { state.withLock { $0.messageCount > 0 } }

    private func takeFirst(_ state: inout State, wantsLosses: Bool) -> Item? {
        while state.headMessageCount == 0 {
            guard let run = state.runs.popFirst() else { return nil }
            if wantsLosses, let loss = run.loss { return .loss(loss) }
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
            return .message(message)
        }
        let byteCount = state.head.withUnsafeReadableBytes {
            MessageWalker.byteCount(ofFirst: 1, in: $0)
        }
        state.byteCount -= byteCount
        return state.head.readSlice(length: byteCount).map { .message($0) }
    }

    private func roomHandler(_ state: inout State) -> (@Sendable () -> Void)? {
        guard state.messageCount <= limit.messageCount / 2,
            state.byteCount <= limit.byteCount / 2
        else { return nil }
        state.isPaused = false
        return state.onRoom
    }
}
