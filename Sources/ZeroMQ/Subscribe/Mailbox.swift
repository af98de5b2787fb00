import DequeModule
import NIOCore
import Synchronization
import Transports
import Wire

/// Where runs wait for the application: whole runs go in, single messages come out as slices.
///
/// Bounded: above the limit `append` asks for a pause, and `onRoom` is called when half is taken.
final class Mailbox: Sendable {
    struct Entry {
        var buffer: ByteBuffer
        var messageCount: Int
        var note: SubscriptionNews?
    }

    private struct Waiter {
        var id: UInt64
        var continuation: CheckedContinuation<Entry?, Never>
    }

    private struct State {
        var runs = Deque<Entry>()
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
    func append(_ buffer: ByteBuffer, messageCount: Int, note: SubscriptionNews?) -> Bool {
        typealias Delivery = (Waiter, Entry)
        let (goOn, deliveries, onReadable) = state.withLock { state in
            var deliveries: [Delivery] = []
            guard !state.isClosed else { return (true, deliveries, (@Sendable () -> Void)?.none) }
            let wasEmpty = state.messageCount == 0
            state.runs.append(Entry(buffer: buffer, messageCount: messageCount, note: note))
            state.messageCount += messageCount
            state.byteCount += buffer.readableBytes
            while !state.waiters.isEmpty, let entry = takeFirst(&state) {
                deliveries.append((state.waiters.removeFirst(), entry))
            }
            if state.messageCount >= limit.messageCount || state.byteCount >= limit.byteCount {
                state.isPaused = true
            }
            let isReadable = wasEmpty && state.messageCount > 0
            return (!state.isPaused, deliveries, isReadable ? state.onReadable : nil)
        }
        for (waiter, entry) in deliveries { waiter.continuation.resume(returning: entry) }
        onReadable?()
        return goOn
    }

    /// The oldest message, if there is one.
    func tryTake() -> Entry? {
        let (entry, onRoom) = state.withLock { state in
            let entry = takeFirst(&state)
            return (entry, roomHandler(&state))
        }
        onRoom?()
        return entry
    }

    /// The oldest message, when there is one; `nil` when the mailbox is closed and empty, or the task cancelled.
    func take() async -> Entry? {
        if Task.isCancelled { return nil }
        if let entry = tryTake() { return entry }
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, onRoom) = state.withLock {
                    state -> (Entry??, (@Sendable () -> Void)?) in
                    // The handler could not have seen this waiter if the task was cancelled before now.
                    if Task.isCancelled { return (.some(nil), nil) }
                    if let entry = takeFirst(&state) { return (.some(entry), roomHandler(&state)) }
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

    private func takeFirst(_ state: inout State) -> Entry? {
        guard var run = state.runs.popFirst() else { return nil }
        state.messageCount -= 1
        guard run.messageCount > 1 else {
            state.byteCount -= run.buffer.readableBytes
            return run
        }
        let byteCount = run.buffer.withUnsafeReadableBytes {
            MessageWalker.byteCount(ofFirst: 1, in: $0)
        }
        guard let first = run.buffer.readSlice(length: byteCount) else { return nil }
        run.messageCount -= 1
        state.runs.prepend(run)
        state.byteCount -= byteCount
        return Entry(buffer: first, messageCount: 1, note: nil)
    }

    private func roomHandler(_ state: inout State) -> (@Sendable () -> Void)? {
        guard state.isPaused, state.messageCount <= limit.messageCount / 2,
            state.byteCount <= limit.byteCount / 2
        else { return nil }
        state.isPaused = false
        return state.onRoom
    }
}
