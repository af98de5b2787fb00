import DequeModule
import NIOCore
import Transports

/// Peers whose messages are taken straight from the queue in which they wait to be sent.
///
///     peer 1  ▒▒▒▒ ─────────────────────┐
///     peer 2  ▒ ◀── one chunk at a time ┼─▶ 1 2 1 2 1 …
///                   ▒▒▒▒▒▒▒▒▒▒ its own queue
///
/// A peer with a link keeps its turn while its own queue may have something; only when a look there has found nothing does it leave the list,
/// and comes back with the news of the next message. When its own queue is full it is relieved of as much as there is room for here, so that both
/// limits together bound what waits.
extension InboundQueue {
    /// Whether something waits at the other end of a link.
    var hasMoreByLink: Bool {
        turns.contains { slot in peers[slot].link.map { !$0.source.isEmpty } ?? false }
    }

    var links: [QueueLink] { peers.compactMap(\.link) }

    func link(from peer: PeerID) -> QueueLink? { slots[peer].flatMap { peers[$0].link } }

    /// Takes the peer's messages from the link, after those that are here. `false`: the order among peers has a meaning here, or only their newest
    /// messages have, or the link has ended.
    mutating func open(_ link: QueueLink, from peer: PeerID, prefix: [UInt8]) -> Bool {
        guard !conflates, !keepsOrder else { return false }
        let slot = slot(of: peer)
        peers[slot].link = link
        peers[slot].prefix = prefix
        takeTurn(slot)
        return true
    }

    /// Takes nothing from the link any more. `false`: it was not that peer's.
    mutating func close(_ link: QueueLink, from peer: PeerID) -> Bool {
        guard let slot = slots[peer], peers[slot].link === link else { return false }
        peers[slot].link = nil
        if peers[slot].isEmpty, peers[slot].isInTurn {
            peers[slot].isInTurn = false
            turns.removeAll { $0 == slot }
        }
        return true
    }

    /// Takes the next messages from the other end of the link. `false`: there are none, and there will be news of the next.
    mutating func refill(_ slot: Int, _ relief: inout Relief) -> Bool {
        guard let link = peers[slot].link else { return false }
        link.take(into: &taken, &relief.rooms)
        var byteCount = 0
        let isAny = !taken.isEmpty
        while let chunk = taken.popFirst() {
            byteCount += chunk.buffer.readableBytes
            append(chunk, slot)
        }
        if !isAny { prefixedRuns.trim() }
        let isSmall = isAny && byteCount < TakePace.smallByteCount && turns.count == 1
        lastSmallRefill = isSmall ? SpinPermit.monotonicNanoseconds() : 0
        return isAny
    }

    private mutating func append(_ chunk: SendQueue.Chunk, _ slot: Int) {
        let prefix = peers[slot].prefix
        let isLate = chunk.buffer.readableBytes > chunk.messageCount * Self.earlyByteCountMax
        peers[slot].append(
            prefix.isEmpty || isLate
                ? chunk.buffer
                : prefixedRuns.run(
                    chunk.buffer,
                    prepending: prefix,
                    messageCount: chunk.messageCount
                ),
            messageCount: chunk.messageCount,
            isBare: !prefix.isEmpty && isLate,
            &slack
        )
        messageCount += chunk.messageCount
    }

    /// What was popped last from that peer, with the prefix before each message if it is still to be put there.
    mutating func complete(_ run: ByteBuffer, messageCount: Int, _ slot: Int) -> ByteBuffer {
        guard peers[slot].isHeadBare else { return run }
        return prefixedRuns.run(
            run,
            prepending: peers[slot].prefix,
            messageCount: messageCount
        )
    }

    mutating func complete(_ item: Mailbox.Item, _ slot: Int) -> Mailbox.Item {
        guard case .message(let message, let peer) = item else { return item }
        return .message(complete(message, messageCount: 1, slot), from: peer)
    }

    /// Small messages get their prefix many at a time, by a sender that finds its queue full, too. Large ones get it as they are popped: they
    /// wait without a copy, which is then made into memory that is in the cache.
    private static let earlyByteCountMax = 4 << 10

    /// Takes as much as there is room for.
    mutating func fill(_ slot: Int, _ relief: inout Relief) {
        repeat {
            guard peers[slot].messageCount < limit.messageCount,
                peers[slot].byteCount < limit.byteCount
            else {
                peers[slot].isPaused = true
                return
            }
        } while refill(slot, &relief)
    }

    /// There is news of that link. `false`: it has ended.
    mutating func handleNews(of link: QueueLink, from peer: PeerID) -> Bool {
        guard let slot = slots[peer], peers[slot].link === link else { return false }
        takeTurn(slot)
        return true
    }

    /// The other end of that link is full. `false`: it has ended.
    mutating func fill(from link: QueueLink, _ peer: PeerID, _ relief: inout Relief) -> Bool {
        guard let slot = slots[peer], peers[slot].link === link else { return false }
        takeTurn(slot)
        fill(slot, &relief)
        return true
    }
}
