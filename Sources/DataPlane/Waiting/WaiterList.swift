import DequeModule
import Synchronization

/// Who waits for one queue, tasks and threads alike, first come, first served.
///
///     enter (under the queue's lock) ─▶ waiting ─┬─ taken by whoever has an answer ─▶ resume(answer)
///                                                └─ taken by a time-out, a cancellation ─▶ resume(that)
///
/// Whoever takes a waiter from the list, under the queue's lock, answers it, and nobody else can: an answer
/// that is a message is neither lost nor given twice. A waiter is never used again, so there is no stale wake-up.
struct WaiterList<Need: Sendable, Answer: Sendable>: Sendable {
    struct Waiter: Sendable {
        var id: WaiterID
        /// What it waits for.
        var need: Need
        fileprivate var place: Place

        /// Call it outside of the queue's lock.
        func resume(returning answer: Answer) {
            switch place {
            case .task(let continuation): continuation.resume(returning: answer)
            case .thread(let thread): thread.resume(returning: answer)
            }
        }
    }

    /// Where a waiter waits.
    enum Place: Sendable {
        case task(UnsafeContinuation<Answer, Never>)
        case thread(BlockedThread<Answer>)
    }

    private var waiters = Deque<Waiter>()

    var isEmpty: Bool { waiters.isEmpty }

    var first: Waiter? { waiters.first }

    mutating func append(_ id: WaiterID, _ need: Need, at place: Place) {
        waiters.append(Waiter(id: id, need: need, place: place))
    }

    mutating func popFirst() -> Waiter? { waiters.popFirst() }

    /// `nil` when somebody else has taken it, and answers it.
    mutating func remove(_ id: WaiterID) -> Waiter? {
        waiters.firstIndex { $0.id == id }.map { waiters.remove(at: $0) }
    }

    /// Takes out all that `isServed` says.
    mutating func removeAll(where isServed: (Need) -> Bool) -> [Waiter] {
        let served = waiters.filter { isServed($0.need) }
        if !served.isEmpty { waiters.removeAll { isServed($0.need) } }
        return Array(served)
    }
}

/// Names a wait, once and for all in this process.
struct WaiterID: Hashable, Sendable {
    private let number: UInt64

    static func next() -> WaiterID {
        WaiterID(number: counter.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    private static let counter = Atomic<UInt64>(0)
}

extension WaiterList {
    /// Suspends the task until it is answered or cancelled.
    ///
    /// - Parameters:
    ///   - cancelled: the answer to a task that is cancelled while it waits.
    ///   - enter: under the queue's lock, gives the answer that is there already, or puts the waiter into the list.
    ///   - leave: under the queue's lock, takes the waiter out of the list if it is there.
    /// - Returns: what the waiter was answered.
    static func suspendTask(
        cancelled: Answer,
        enter: (WaiterID, Place) -> Answer?,
        leave: @escaping @Sendable (WaiterID) -> Waiter?
    ) async -> Answer {
        let id = WaiterID.next()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if let answer = enter(id, .task(continuation)) {
                    continuation.resume(returning: answer)
                }
            }
        } onCancel: {
            leave(id)?.resume(returning: cancelled)
        }
    }

    /// Blocks the thread until it is answered, or for as long as `timeout` (`nil` = without end); `enter` and `leave` as
    /// above.
    static func blockThread(
        timeout: Duration?,
        timedOut: Answer,
        enter: (WaiterID, Place) -> Answer?,
        leave: (WaiterID) -> Waiter?
    ) -> Answer {
        let id = WaiterID.next()
        let thread = BlockedThread<Answer>()
        if let answer = enter(id, .thread(thread)) { return answer }
        guard let timeout else { return thread.wait() }
        if let answer = thread.wait(atMost: timeout) { return answer }
        // Time is up, unless somebody has just taken this waiter: then the answer, it may be a message, is on its way.
        return leave(id) == nil ? thread.wait() : timedOut
    }
}
