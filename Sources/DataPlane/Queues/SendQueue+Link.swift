import DequeModule
import NIOCore
import Synchronization
import Transports

/// Being taken from by another socket's mailbox, and not by the loop.
extension SendQueue {
    /// From now on the loop takes nothing, until the link has ended. `false`: this queue is not for links.
    package func offer(_ link: QueueLink) -> Bool {
        state.withLock { state in
            guard !state.refusesLinks, !state.isClosed, !state.isBlocked, case .loop = state.taker
            else { return false }
            state.taker = .offered(link)
            state.isLoopBusy = true
            return true
        }
    }

    /// The mailbox will look for what is there. `false`: the link has ended meanwhile.
    func open(_ link: QueueLink) -> Bool {
        state.withLock { state in
            guard case .offered(let known) = state.taker, known === link else { return false }
            state.taker = .mailbox(link)
            state.isLinked = true
            state.isLoopBusy = true
            return true
        }
    }

    /// From now on the loop takes again, and is expected to look by itself. `false`: the link had ended before.
    package func detach(_ link: QueueLink) -> Bool {
        state.withLock { state in
            guard state.taker.link === link else { return false }
            state.taker = .loop
            state.isLinked = false
            state.isLoopBusy = true
            state.open.trim()
            return true
        }
    }

    /// From now on everything goes by the loop: there are some who watch this queue, or whose messages must be looked at.
    package func refuseLinks() {
        state.withLock { $0.refusesLinks = true }
        endLink()
    }

    /// What is appended from now on is not taken before the loop has heard of the end.
    package func endLink() { state.withLock { $0.taker.link }?.end() }

    /// Takes for the link what is there, as much as is worth a way between two cores. Nothing: there will be news of the next append. Whom to
    /// tell that there is room is left to the caller.
    func take(into chunks: inout Deque<Chunk>, _ rooms: inout [Room]) {
        let room = state.withLock { state in
            // A blocked queue has no link.
            guard state.messageCount > 0 else {
                state.isLoopBusy = false
                state.open.trim()
                return Room()
            }
            var byteCount = 0
            while byteCount < Self.chunkByteCountMax, let chunk = popFirst(&state) {
                byteCount += chunk.buffer.readableBytes
                state.messageCount -= chunk.messageCount
                chunks.append(chunk)
            }
            state.byteCount -= byteCount
            return handleRoom(&state)
        }
        if !room.isNobody { rooms.append(room) }
    }

    private func popFirst(_ state: inout State) -> Chunk? {
        if let chunk = state.sealed.popFirst() {
            state.slack.release(chunk.buffer)
            return chunk
        }
        guard state.openMessageCount > 0 else { return nil }
        defer { state.openMessageCount = 0 }
        return Chunk(buffer: state.open.takeSlice(), messageCount: state.openMessageCount)
    }
}
