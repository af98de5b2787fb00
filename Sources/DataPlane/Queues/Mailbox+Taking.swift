package import NIOCore
import Synchronization
import Wire

/// Taking out of a mailbox: at once, suspended, or blocked.
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
            ahead.pace.rest(arrivals: arrivals.load(ordering: .acquiring))
            return state.withLock { state in
                let run = state.queue.popRun(&relief)
                state.updateDescriptor()
                if relief.peer != nil { relief.onRoom = state.onRoom }
                ahead.pace.handleTake(state, arrivals: arrivals.load(ordering: .relaxed))
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
        ahead.pace.rest(arrivals: arrivals.load(ordering: .acquiring))
        return state.withLock { state in
            let item = pop(&state, wantsNotes: wantsNotes, &relief)
            if case .message = item, state.mayTakeAhead,
                let next = state.queue.popAhead(&relief)
            {
                ahead.fill(next.run, messageCount: next.messageCount, from: next.peer)
                if relief.peer != nil { relief.onRoom = state.onRoom }
            }
            ahead.pace.handleTake(state, arrivals: arrivals.load(ordering: .relaxed))
            return item
        }
    }

    private func pop(
        _ state: inout MailboxState,
        wantsNotes: Bool,
        _ relief: inout Relief
    ) -> Item? {
        let item = state.queue.popFirst(wantsNotes: wantsNotes, &relief)
        state.updateDescriptor()
        if relief.peer != nil { relief.onRoom = state.onRoom }
        return item
    }
}
