import DequeModule
package import NIOCore
import Synchronization
package import Transports
import Wire

/// Where the application's messages wait for the event loop: copied at once, into an open chunk, under a lock.
///
///     append ─▶ open chunk ─ full ─▶ sealed chunks ──take (loop)──▶ fan-out
///         └──── large messages, not copied ──▲
///
/// A lone peer in the same process takes from here itself, and no loop does (`SendQueue+Link`). The loop is woken only when it is idle. A large message that would pin too much is copied (`SlackBudget`), so the worst
/// case is three times the limit of octets: the messages, as much slack, the rounding of copies.
package final class SendQueue: Sendable {
    package struct Chunk {
        package var buffer: ByteBuffer
        package var messageCount: Int

        package init(buffer: ByteBuffer, messageCount: Int) {
            self.buffer = buffer
            self.messageCount = messageCount
        }
    }

    package enum Outcome {
        case queued
        /// Queued, and the loop must be woken.
        case queuedFirst
        case full
        case closed
    }

    struct State: ~Copyable {
        var open = OpenChunk()
        var openMessageCount = 0
        var sealed = Deque<Chunk>()
        var messageCount = 0
        var byteCount = 0
        var isLoopBusy = false
        var isBlocked = false
        var isClosed = false
        var taker = QueueTaker.loop
        /// Whether messages go by the link; apart, because a look at the link itself is a retain of what both ends use.
        var isLinked = false
        /// Whether what is queued goes by the loop in any case.
        var refusesLinks = false
        /// Each needs room for so many octets.
        var waiters = Waiters()
        /// Whether somebody found the queue full since it last had room.
        var isRoomAwaited = false
        var onWritable: (@Sendable () -> Void)?
        var descriptor: ReadinessDescriptor?
        var refusedMessageCount = 0
        var slack: SlackBudget

        init(limit: QueueLimit) {
            slack = SlackBudget(limit: limit)
        }
    }

    typealias Waiters = WaiterList<Int, Wait>

    /// What small messages are collected to: large enough for one good write, small enough to stay in the cache between the two
    /// threads.
    package static let chunkByteCountMax = 64 << 10

    private let limit: QueueLimit
    let state: Mutex<State>

    package init(limit: QueueLimit) {
        self.limit = limit
        state = Mutex(State(limit: limit))
    }

    /// Appends whole messages, one or a run of them, or none. What is larger than the limit by itself is accepted when the queue is empty.
    package func append(
        _ message: ByteBuffer,
        messageCount: Int = 1,
        countRefused: Bool = false
    ) -> Outcome {
        let step = tryAppend(message, messageCount, countRefused, isRetry: false)
        if case .done(let outcome) = step { return outcome }
        return handle(step, message, messageCount, countRefused)
    }

    /// What is left to do after an append; without the link, so that an append counts no reference to it.
    private enum Step {
        case done(Outcome)
        case newsForLink
        case fullForLink
    }

    private func handle(
        _ step: Step,
        _ message: ByteBuffer,
        _ messageCount: Int,
        _ countRefused: Bool
    ) -> Outcome {
        // A link that ends meanwhile leaves the news to the loop, and one that is opened looks by itself.
        let link = state.withLock { $0.taker.openLink }
        switch step {
        case .done(let outcome): return outcome
        case .newsForLink:
            link?.handleNews()
            return .queued
        case .fullForLink:
            link?.advance()
            let next = tryAppend(message, messageCount, countRefused, isRetry: true)
            return handle(next, message, messageCount, countRefused)
        }
    }

    private func tryAppend(
        _ message: ByteBuffer,
        _ messageCount: Int,
        _ countRefused: Bool,
        isRetry: Bool
    ) -> Step {
        state.withLock { state in
            if state.isClosed { return .done(.closed) }
            let byteCount = state.byteCount + message.readableBytes
            let isOver = state.messageCount >= limit.messageCount || byteCount > limit.byteCount
            guard !state.isBlocked, !isOver || state.messageCount == 0 else {
                if !isRetry, state.isLinked { return .fullForLink }
                if countRefused { state.refusedMessageCount += messageCount }
                state.isRoomAwaited = true
                state.descriptor?.set(false)
                return .done(.full)
            }
            if state.open.append(message) {
                state.openMessageCount += messageCount
            } else {
                appendToNextChunk(message, messageCount, &state)
            }
            state.messageCount += messageCount
            state.byteCount = byteCount
            if state.descriptor != nil { updateDescriptor(&state) }
            if state.isLoopBusy { return .done(.queued) }
            state.isLoopBusy = true
            return state.isLinked ? .newsForLink : .done(.queuedFirst)
        }
    }

    /// The next octets to send; `nil` when there are none, and then the next append wakes the loop.
    package func take() -> Chunk? {
        let (chunk, room) = state.withLock { state -> (Chunk?, Room) in
            if state.sealed.isEmpty { seal(&state) }
            guard !state.isBlocked, !state.sealed.isEmpty else {
                state.isLoopBusy = false
                return (nil, Room())
            }
            let chunk = state.sealed.removeFirst()
            state.messageCount -= chunk.messageCount
            state.byteCount -= chunk.buffer.readableBytes
            state.slack.release(chunk.buffer)
            updateDescriptor(&state)
            return (chunk, handleRoom(&state))
        }
        room.tell()
        return chunk
    }

    /// A blocked queue keeps what it has and takes no more. Returns whether the loop has work again.
    package func setBlocked(_ isBlocked: Bool) -> Bool {
        let (hasWork, room) = state.withLock { state -> (Bool, Room) in
            state.isBlocked = isBlocked
            updateDescriptor(&state)
            guard !isBlocked else { return (false, Room()) }
            let hasWork = state.messageCount > 0 && !state.isLoopBusy
            if hasWork { state.isLoopBusy = true }
            return (hasWork, handleRoom(&state))
        }
        room.tell()
        return hasWork
    }

    package func close() {
        let (waiters, onWritable) = state.withLock { state in
            let onWritable = state.onWritable
            state.onWritable = nil
            state.isClosed = true
            updateDescriptor(&state)
            return (state.waiters.removeAll { _ in true }, onWritable)
        }
        for waiter in waiters { waiter.resume(returning: .closed) }
        onWritable?()
    }

    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Called when a queue that was found full can be written to again, on some event loop, and when it is closed.
    package func setWritableHandler(_ handler: (@Sendable () -> Void)?) {
        if handler != nil { refuseLinks() }
        state.withLock { $0.onWritable = handler }
    }

    /// A descriptor that `poll` finds readable while there is room, or the queue is closed. A queue that was full has room again when it is
    /// half empty. It is the queue's: not to be read or closed. `nil` when the process has no descriptor left.
    package func readinessDescriptor() -> Int32? {
        refuseLinks()
        return state.withLock { state in
            if state.descriptor == nil { state.descriptor = ReadinessDescriptor() }
            updateDescriptor(&state)
            return state.descriptor?.fileDescriptor
        }
    }

    private func updateDescriptor(_ state: inout State) {
        guard state.descriptor != nil else { return }
        if state.isClosed || hasRoom(state, 0) {
            state.descriptor?.set(true)
        } else if state.isBlocked || state.messageCount >= limit.messageCount
            || state.byteCount >= limit.byteCount
        {
            state.descriptor?.set(false)
        }
    }

    package var isEmpty: Bool { state.withLock { $0.messageCount == 0 } }

    /// Whether an append would be taken now.
    package var isWritable: Bool {
        let (isWritable, link) = look()
        guard !isWritable, let link else { return isWritable }
        link.advance()
        return look().isWritable
    }

    private func look() -> (isWritable: Bool, link: QueueLink?) {
        state.withLock { state in
            if state.isClosed { return (false, nil) }
            let hasRoom = hasRoom(state, 0)
            if !hasRoom { state.isRoomAwaited = true }
            return (hasRoom, state.taker.openLink)
        }
    }

    package var refusedMessageCount: Int { state.withLock { $0.refusedMessageCount } }

    private func appendToNextChunk(
        _ message: ByteBuffer,
        _ messageCount: Int,
        _ state: inout State
    ) {
        // What is full goes to a link as it is: the storage is done with. Few octets before a large message are copied, not to keep one.
        seal(&state, asSlice: state.isLinked && OpenChunk.copies(message.readableBytes))
        if state.open.append(message) {
            state.openMessageCount = messageCount
        } else {
            let slack = SlackBudget.slack(of: message, byteCount: message.readableBytes)
            append(
                Chunk(
                    buffer: slack <= state.slack.byteCountMax - state.slack.byteCount
                        ? message : ByteBuffer(buffer: message, trimmed: ()),
                    messageCount: messageCount
                ),
                &state
            )
        }
    }

    private func append(_ chunk: Chunk, _ state: inout State) {
        state.slack.recharge(chunk.buffer)
        state.sealed.append(chunk)
    }

    private func seal(_ state: inout State, asSlice: Bool = false) {
        guard state.openMessageCount > 0 else { return }
        let octets = asSlice ? state.open.takeSlice() : state.open.take()
        append(Chunk(buffer: octets, messageCount: state.openMessageCount), &state)
        state.openMessageCount = 0
    }

    /// At most half full, so that senders do not stop and start with every message, and with enough space for this one.
    private func hasRoom(_ state: borrowing State, _ byteCount: Int) -> Bool {
        guard !state.isBlocked else { return false }
        if state.messageCount == 0 { return true }
        return state.messageCount <= limit.messageCount / 2
            && state.byteCount <= limit.byteCount / 2
            && byteCount <= limit.byteCount - state.byteCount
    }

    /// Whom to tell that there is room, outside of the lock.
    func handleRoom(_ state: inout State) -> Room {
        // One look on the way of every chunk; nobody waits for a queue that was never full.
        guard state.isRoomAwaited, hasRoom(state, 0) else { return Room() }
        let free = limit.byteCount - state.byteCount
        let isEmpty = state.messageCount == 0
        let waiters = state.waiters.removeAll { isEmpty || $0 <= free }
        state.isRoomAwaited = !state.waiters.isEmpty
        return Room(waiters: waiters, onWritable: state.onWritable)
    }

    struct Room {
        var waiters: [Waiters.Waiter] = []
        var onWritable: (@Sendable () -> Void)?

        var isNobody: Bool { waiters.isEmpty && onWritable == nil }

        func tell() {
            for waiter in waiters { waiter.resume(returning: .room) }
            onWritable?()
        }
    }
}

// MARK: - Waiting for room

extension SendQueue {
    /// How a wait for room ended.
    package enum Wait: Sendable {
        /// An append may succeed now; another sender may still be faster.
        case room
        case timedOut
        case cancelled
        case closed
    }

    /// Waits until an append of that many octets may succeed.
    package func waitForRoom(_ byteCount: Int) async -> Wait {
        await Waiters.suspendTask(cancelled: .cancelled) { id, place in
            Task.isCancelled ? .cancelled : enter(id, byteCount, place)
        } leave: { id in
            self.state.withLock { $0.waiters.remove(id) }
        }
    }

    /// The same for `timeout` at most; `timer` is the loop that keeps the time.
    package func waitForRoom(
        _ byteCount: Int,
        within timeout: Duration,
        timer loop: any EventLoop
    ) async -> Wait {
        guard timeout > .zero else { return .timedOut }
        var timer: Scheduled<Void>?
        let outcome = await Waiters.suspendTask(cancelled: .cancelled) { id, place in
            if Task.isCancelled { return .cancelled }
            if let outcome = enter(id, byteCount, place) { return outcome }
            timer = loop.scheduleTask(in: .nanoseconds(timeout.nanoseconds)) {
                self.state.withLock { $0.waiters.remove(id) }?.resume(returning: .timedOut)
            }
            return nil
        } leave: { id in
            self.state.withLock { $0.waiters.remove(id) }
        }
        timer?.cancel()
        return outcome
    }

    /// The same for a thread, which blocks; for `timeout` at most (`nil` = without end). Not for event loops.
    package func waitForRoom(_ byteCount: Int, timeout: Duration?) -> Wait {
        Waiters.blockThread(timeout: timeout, timedOut: .timedOut) { id, place in
            enter(id, byteCount, place)
        } leave: { id in
            state.withLock { $0.waiters.remove(id) }
        }
    }

    private func enter(_ id: WaiterID, _ byteCount: Int, _ place: Waiters.Place) -> Wait? {
        state.withLock { state in
            if state.isClosed { return .closed }
            if hasRoom(state, byteCount) { return .room }
            state.isRoomAwaited = true
            state.waiters.append(id, byteCount, at: place)
            return nil
        }
    }
}
