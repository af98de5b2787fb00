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

    typealias Waiters = WaiterList<Bool, Outcome>

    let state: Mutex<MailboxState>
    /// The consumers' own; taken before `state`.
    let ahead = Mutex(AheadRun())
    /// Grows with everything that comes; for a consumer that looks without taking the lock.
    let arrivals = Atomic<UInt64>(0)

    /// `spinTime` is how long a wait may look for a message before it sleeps (`SpinGovernor`); with `conflates` only the newest message of each peer
    /// is kept; with `keepsOrder` all peers share one queue and its limit, and nobody's message overtakes another's.
    package init(
        limit: QueueLimit,
        spinTime: Duration = .zero,
        conflates: Bool = false,
        keepsOrder: Bool = false
    ) {
        state = Mutex(
            MailboxState(
                limit: limit,
                spinTime: spinTime,
                conflates: conflates,
                keepsOrder: keepsOrder
            )
        )
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
        if handler != nil { refuseLinks() }
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
        refuseLinks()
        return ahead.withLock { ahead in
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
        // What has not been taken from other sockets stays theirs.
        refuseLinks(forGood: true)
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
        var served = ServedWaiters()
        var onReadable: (@Sendable () -> Void)?
        let isTaken = state.withLock { state in
            guard !state.isClosed else { return true }
            if isRefusable, !state.queue.hasRoom(messageCount, buffer.readableBytes, from: peer) {
                return false
            }
            let wasReadable = state.isWatched && state.isReadable
            let goesOn = state.queue.append(buffer, messageCount: messageCount, from: peer)
            arrivals.wrappingAdd(1, ordering: .releasing)
            serveWaiters(&state, &served)
            if state.isWatched, !wasReadable, state.isReadable {
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
        var served = ServedWaiters()
        state.withLock { state in
            guard !state.isClosed else { return }
            state.queue.append(note, from: peer)
            arrivals.wrappingAdd(1, ordering: .releasing)
            serveWaiters(&state, &served)
        }
        served.resume()
    }

    func serveWaiters(_ state: inout MailboxState, _ served: inout ServedWaiters) {
        while let wantsNotes = state.waiters.first?.need,
            let item = state.queue.popFirst(wantsNotes: wantsNotes, &served.relief),
            let waiter = state.waiters.popFirst()
        {
            served.append(waiter, item)
        }
        if served.relief.peer != nil { served.relief.onRoom = state.onRoom }
    }
}
