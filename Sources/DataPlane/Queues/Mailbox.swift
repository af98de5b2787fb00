package import NIOCore
import Synchronization
package import Transports
import Wire

/// Where messages wait for the application, on its side of the event loop.
///
///     append, offer ─▶ InboundQueue ─▶ tryTake…   at once
///                                  ─▶ take…       a task waits
///                                  ─▶ take…(timeout:)  a thread waits
///
/// Whoever takes messages only does not see notes, such as losses. Bounded for each peer: above the limit `append` asks for a pause of that one, and
/// `onRoom` is called when half of what it sent is taken; `offer` refuses instead.
package final class Mailbox: Sendable {
    /// What can be taken.
    package enum Item: Sendable {
        case message(ByteBuffer, from: PeerID)
        /// Messages are missing here.
        case loss(MulticastLoss)
        /// The peer from which an answer was waited for is gone.
        case gone(PeerID)

        package var message: ByteBuffer? {
            if case .message(let message, _) = self { message } else { nil }
        }
    }

    /// How a wait ended.
    package enum Outcome: Sendable {
        case item(Item)
        case timedOut
        /// The task was cancelled; it has taken nothing.
        case cancelled
        /// The mailbox is closed, and empty.
        case closed

        package var item: Item? {
            if case .item(let item) = self { item } else { nil }
        }
    }

    private typealias Waiters = WaiterList<Bool, Outcome>

    private struct State: ~Copyable {
        var queue: InboundQueue
        var isClosed = false
        /// Each wants notes, or does not.
        var waiters = Waiters()
        var onRoom: @Sendable (PeerID) -> Void = { _ in }
        var onReadable: (@Sendable () -> Void)?
        var descriptor: ReadinessDescriptor?
        var spin: SpinGovernor
        /// Whether consumers had taken messages ahead when somebody asked for the descriptor, and still have some.
        var hasAhead = false

        init(limit: QueueLimit, spinTime: Duration, conflates: Bool) {
            queue = InboundQueue(limit: limit, conflates: conflates)
            spin = SpinGovernor(spinTime: Int64(spinTime / .nanoseconds(1)))
        }

        var isReadable: Bool { queue.messageCount > 0 }

        /// Not while somebody is told whether there is a message: what is ahead is not seen from the loop.
        var mayTakeAhead: Bool { descriptor == nil && onReadable == nil }

        mutating func updateDescriptor() {
            guard descriptor != nil else { return }
            let isReady = isClosed || isReadable || hasAhead
            descriptor?.set(isReady)
        }
    }

    private let state: Mutex<State>
    /// The consumers' own; taken before `state`.
    private let ahead = Mutex(AheadRun())
    /// Grows with everything that comes; for a consumer that looks without taking the lock.
    private let arrivals = Atomic<UInt64>(0)

    /// `spinTime` is how long a wait may look for a message before it sleeps (`SpinGovernor`); with `conflates` only the newest message of each peer
    /// is kept.
    package init(limit: QueueLimit, spinTime: Duration = .zero, conflates: Bool = false) {
        state = Mutex(State(limit: limit, spinTime: spinTime, conflates: conflates))
    }

    /// Called, wherever messages are taken, with the peer that may send again.
    package func setRoomHandler(_ handler: @escaping @Sendable (PeerID) -> Void) {
        state.withLock { $0.onRoom = handler }
    }

    /// The peer will send nothing more; what it has sent can still be taken.
    package func detach(_ peer: PeerID) {
        state.withLock { $0.queue.detach(peer) }
    }

    /// Called whenever an empty mailbox gets a message, on some event loop, and when it is closed.
    package func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        let isReadable = ahead.withLock { ahead in
            state.withLock { state in
                state.onReadable = handler
                return ahead.messageCount > 0 || state.isReadable
            }
        }
        if isReadable { handler?() }
    }

    package var isReadable: Bool {
        ahead.withLock { ahead in ahead.messageCount > 0 || state.withLock { $0.isReadable } }
    }

    /// A descriptor that `poll` finds readable while there is a message or the mailbox is closed. It is the mailbox's: not to be
    /// read or closed. `nil` when the process has no descriptor left.
    package func readinessDescriptor() -> Int32? {
        ahead.withLock { ahead in
            state.withLock { state in
                if state.descriptor == nil { state.descriptor = ReadinessDescriptor() }
                state.hasAhead = ahead.messageCount > 0
                state.updateDescriptor()
                return state.descriptor?.fileDescriptor
            }
        }
    }

    /// Messages of one peer that have not been taken yet.
    package func messageCount(from peer: PeerID) -> Int {
        ahead.withLock { ahead in
            (ahead.peer == peer ? ahead.messageCount : 0)
                + state.withLock { $0.queue.messageCount(from: peer) }
        }
    }

    /// What it holds beyond the octets of its messages.
    var slackByteCount: Int { state.withLock { $0.queue.slackByteCount } }

    /// No more will come; what is there can still be taken.
    package func close() {
        let (waiters, onReadable) = state.withLock { state in
            let onReadable = state.onReadable
            state.onReadable = nil
            state.isClosed = true
            // Nobody is to send again, and the handler may be what keeps this mailbox.
            state.onRoom = { _ in }
            arrivals.wrappingAdd(1, ordering: .releasing)
            state.updateDescriptor()
            return (state.waiters.removeAll { _ in true }, onReadable)
        }
        for waiter in waiters { waiter.resume(returning: .closed) }
        onReadable?()
    }

    /// Whether it is closed, and all that was there is taken.
    package var isOver: Bool {
        ahead.withLock { ahead in
            ahead.messageCount == 0 && state.withLock { $0.isClosed && !$0.isReadable }
        }
    }
}

// MARK: - Putting in

extension Mailbox {
    /// Takes a run. `false` asks the caller to pause that peer until `onRoom`.
    @discardableResult
    package func append(_ buffer: ByteBuffer, messageCount: Int, from peer: PeerID) -> Bool {
        put(buffer, messageCount: messageCount, from: peer, isRefusable: false)
    }

    /// Takes a run if it is within the peer's limit. `false`: it was refused.
    package func offer(_ buffer: ByteBuffer, messageCount: Int, from peer: PeerID) -> Bool {
        put(buffer, messageCount: messageCount, from: peer, isRefusable: true)
    }

    private func put(
        _ buffer: ByteBuffer,
        messageCount: Int,
        from peer: PeerID,
        isRefusable: Bool
    ) -> Bool {
        var served = Served()
        var onReadable: (@Sendable () -> Void)?
        let isTaken = state.withLock { state in
            guard !state.isClosed else { return true }
            if isRefusable, !state.queue.hasRoom(messageCount, buffer.readableBytes, from: peer) {
                return false
            }
            let wasReadable = state.isReadable
            let goesOn = state.queue.append(buffer, messageCount: messageCount, from: peer)
            arrivals.wrappingAdd(1, ordering: .releasing)
            serveWaiters(&state, &served)
            if !wasReadable, state.isReadable {
                onReadable = state.onReadable
                state.updateDescriptor()
            }
            return isRefusable || goesOn
        }
        served.resume()
        onReadable?()
        return isTaken
    }

    /// Takes note that messages are missing here.
    package func append(_ loss: MulticastLoss) { append(.loss(loss), from: .none) }

    /// Puts in what is no message, in its place among the peer's; only who wants notes sees it.
    package func append(_ note: Item, from peer: PeerID) {
        var served = Served()
        state.withLock { state in
            guard !state.isClosed else { return }
            state.queue.append(note, from: peer)
            arrivals.wrappingAdd(1, ordering: .releasing)
            serveWaiters(&state, &served)
        }
        served.resume()
    }

    private func serveWaiters(_ state: inout State, _ served: inout Served) {
        while let wantsNotes = state.waiters.first?.need,
            let item = state.queue.popFirst(wantsNotes: wantsNotes, relieved: &served.relieved),
            let waiter = state.waiters.popFirst()
        {
            served.append(waiter, item)
        }
        if served.relieved != nil { served.onRoom = state.onRoom }
    }

    /// Waiters and what they are given, once the lock is free. There is hardly ever more than one, and one costs no
    /// allocation.
    private struct Served {
        private var first: (Waiters.Waiter, Item)?
        private var others: [(Waiters.Waiter, Item)] = []
        /// Who may send again, if anybody.
        var relieved: PeerID?
        var onRoom: (@Sendable (PeerID) -> Void)?

        mutating func append(_ waiter: Waiters.Waiter, _ item: Item) {
            if first == nil { first = (waiter, item) } else { others.append((waiter, item)) }
        }

        func resume() {
            first?.0.resume(returning: .item(first.unsafelyUnwrapped.1))
            for (waiter, item) in others { waiter.resume(returning: .item(item)) }
            if let relieved { onRoom?(relieved) }
        }
    }
}

// MARK: - Taking

extension Mailbox {
    /// The oldest message, if there is one.
    package func tryTake() -> ByteBuffer? { tryTakeItem(wantsNotes: false)?.message }

    /// The oldest message, if it was taken ahead: then it costs next to nothing.
    package func tryTakeAhead() -> Item? {
        ahead.withLock { ahead in
            guard let message = ahead.popFirst() else { return nil }
            if ahead.messageCount == 0 { handleAheadEnd() }
            return .message(message, from: ahead.peer)
        }
    }

    private func handleAheadEnd() {
        state.withLock { state in
            guard state.hasAhead else { return }
            state.hasAhead = false
            state.updateDescriptor()
        }
    }

    /// The oldest message or note, if there is one.
    package func tryTakeItem(wantsNotes: Bool = true) -> Item? {
        var relief = Relief()
        let item = ahead.withLock { takeFirst(&$0, wantsNotes: wantsNotes, &relief) }
        relief.tell()
        return item
    }

    /// The oldest messages that lie together, all of one peer, if there are any: for who passes them on as they are.
    package func tryTakeRun() -> (run: ByteBuffer, messageCount: Int)? {
        var relief = Relief()
        let run = ahead.withLock { ahead -> (run: ByteBuffer, messageCount: Int)? in
            if let run = ahead.popAll() {
                handleAheadEnd()
                return run
            }
            return state.withLock { state in
                let run = state.queue.popRun(relieved: &relief.peer)
                if !state.isReadable { state.updateDescriptor() }
                if relief.peer != nil { relief.onRoom = state.onRoom }
                return run
            }
        }
        relief.tell()
        return run
    }

    /// The oldest message, when there is one; `nil` when the mailbox is closed and empty, or the task cancelled.
    package func take() async -> ByteBuffer? { await takeItem(wantsNotes: false).item?.message }

    /// The oldest message or note, when there is one.
    package func takeItem(wantsNotes: Bool = true) async -> Outcome {
        if Task.isCancelled { return .cancelled }
        let begin = SpinPermit.monotonicNanoseconds()
        if let item = look(wantsNotes: wantsNotes) { return handle(.item(item), since: begin) }
        let outcome = await Waiters.suspendTask(cancelled: .cancelled) { id, place in
            // The cancellation could not have found this waiter if the task was cancelled before now.
            Task.isCancelled ? .cancelled : enter(id, wantsNotes, place)
        } leave: { id in
            self.state.withLock { $0.waiters.remove(id) }
        }
        return handle(outcome, since: begin)
    }

    /// The same for `timeout` at most; `timer` is the loop that keeps the time.
    package func takeItem(
        wantsNotes: Bool = true,
        within timeout: Duration,
        timer loop: any EventLoop
    ) async -> Outcome {
        if Task.isCancelled { return .cancelled }
        let begin = SpinPermit.monotonicNanoseconds()
        if let item = look(wantsNotes: wantsNotes, timeout: timeout) {
            return handle(.item(item), since: begin)
        }
        let passed = Duration.nanoseconds(SpinPermit.monotonicNanoseconds() - begin)
        guard timeout > passed else { return .timedOut }
        var timer: Scheduled<Void>?
        let outcome = await Waiters.suspendTask(cancelled: .cancelled) { id, place in
            if Task.isCancelled { return .cancelled }
            if let outcome = enter(id, wantsNotes, place) { return outcome }
            timer = loop.scheduleTask(in: .nanoseconds((timeout - passed).nanoseconds)) {
                self.state.withLock { $0.waiters.remove(id) }?.resume(returning: .timedOut)
            }
            return nil
        } leave: { id in
            self.state.withLock { $0.waiters.remove(id) }
        }
        timer?.cancel()
        return handle(outcome, since: begin)
    }

    /// The same for a thread, which blocks; for `timeout` at most (`nil` = without end). Not for event loops.
    package func takeItem(wantsNotes: Bool = true, timeout: Duration?) -> Outcome {
        let begin = SpinPermit.monotonicNanoseconds()
        if let item = look(wantsNotes: wantsNotes, timeout: timeout) {
            return handle(.item(item), since: begin)
        }
        let passed = Duration.nanoseconds(SpinPermit.monotonicNanoseconds() - begin)
        let rest = timeout.map { max(.zero, $0 - passed) }
        let outcome = Waiters.blockThread(timeout: rest, timedOut: .timedOut) { id, place in
            enter(id, wantsNotes, place)
        } leave: { id in
            state.withLock { $0.waiters.remove(id) }
        }
        return handle(outcome, since: begin)
    }

    /// What is there, or comes while it is worth looking.
    private func look(wantsNotes: Bool, timeout: Duration? = nil) -> Item? {
        let seen = arrivals.load(ordering: .acquiring)
        if let item = tryTakeItem(wantsNotes: wantsNotes) { return item }
        // Those who sleep were here first.
        var allowance = state.withLock { $0.waiters.isEmpty ? $0.spin.allowance : 0 }
        if let timeout, timeout < .nanoseconds(allowance) {
            allowance = Int64(timeout / .nanoseconds(1))
        }
        let hasNews = SpinPermit.spin(for: allowance) {
            arrivals.load(ordering: .acquiring) != seen
        }
        return hasNews ? tryTakeItem(wantsNotes: wantsNotes) : nil
    }

    /// Learns from a wait that has ended.
    private func handle(_ outcome: Outcome, since begin: Int64) -> Outcome {
        if case .item = outcome {
            let time = SpinPermit.monotonicNanoseconds() - begin
            state.withLock { $0.spin.handleWait(time) }
        }
        return outcome
    }

    /// What is there by now, or a place in the list.
    private func enter(_ id: WaiterID, _ wantsNotes: Bool, _ place: Waiters.Place) -> Outcome? {
        var relief = Relief()
        let outcome = ahead.withLock { ahead -> Outcome? in
            if let item = takeFirst(&ahead, wantsNotes: wantsNotes, &relief) {
                return .item(item)
            }
            return state.withLock { state in
                // Something may have come between the two looks.
                if let item = pop(&state, wantsNotes: wantsNotes, &relief) { return .item(item) }
                if state.isClosed { return .closed }
                state.waiters.append(id, wantsNotes, at: place)
                return nil
            }
        }
        relief.tell()
        return outcome
    }

    /// What was taken ahead, or else what is in the queue, and then some messages after it.
    private func takeFirst(
        _ ahead: inout AheadRun,
        wantsNotes: Bool,
        _ relief: inout Relief
    ) -> Item? {
        if let message = ahead.popFirst() {
            if ahead.messageCount == 0 { handleAheadEnd() }
            return .message(message, from: ahead.peer)
        }
        return state.withLock { state in
            let item = pop(&state, wantsNotes: wantsNotes, &relief)
            if case .message = item, state.mayTakeAhead,
                let next = state.queue.popAhead(relieved: &relief.peer)
            {
                ahead.fill(next.run, messageCount: next.messageCount, from: next.peer)
                if relief.peer != nil { relief.onRoom = state.onRoom }
            }
            return item
        }
    }

    private func pop(
        _ state: inout State,
        wantsNotes: Bool,
        _ relief: inout Relief
    ) -> Item? {
        let item = state.queue.popFirst(wantsNotes: wantsNotes, relieved: &relief.peer)
        if !state.isReadable { state.updateDescriptor() }
        if relief.peer != nil { relief.onRoom = state.onRoom }
        return item
    }

    /// Whom to tell, outside of the lock, that there is room again.
    private struct Relief {
        var peer: PeerID?
        var onRoom: (@Sendable (PeerID) -> Void)?

        func tell() {
            guard let peer else { return }
            onRoom?(peer)
        }
    }
}
