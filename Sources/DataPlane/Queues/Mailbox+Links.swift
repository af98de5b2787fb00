import Synchronization

/// Taking messages straight from the queues in which other sockets of the process let them wait.
///
/// The lock of a mailbox is taken before that of a source, never the other way around. A mailbox that is watched, by a handler or a descriptor, has
/// no links: it is for a loop to tell that there is a message.
extension Mailbox {
    /// From now on the peer's messages come by the link, after all that it has sent before, each with `prefix` before it. `false`: not here, or not
    /// any more; then everything is as before.
    package func open(_ link: QueueLink, from peer: PeerID, prefix: [UInt8] = []) -> Bool {
        serve { state, _ in
            guard !state.isClosed, !state.refusesLinks,
                state.queue.open(link, from: peer, prefix: prefix)
            else { return false }
            if link.open(to: self, as: peer) { return true }
            _ = state.queue.close(link, from: peer)
            return false
        }
    }

    /// Ends the link of a peer whose connection is gone, if it has one.
    package func endLink(from peer: PeerID) {
        state.withLock { $0.queue.link(from: peer) }?.endForGood()
    }

    /// From now on everything comes by connections; `forGood`: or nothing does.
    package func refuseLinks(forGood: Bool = false) {
        state.withLock { $0.refusesLinks = true }
        endLinks(forGood: forGood)
    }

    /// What was not taken comes by connections; `forGood`: or not at all.
    package func endLinks(forGood: Bool = false) {
        for link in state.withLock({ $0.queue.links }) {
            if forGood { link.endForGood() } else { link.end() }
        }
    }

    /// Takes nothing from the link any more, and leaves the rest to the source's loop. `false`: it had ended before.
    func detach(_ link: QueueLink, from peer: PeerID) -> Bool {
        state.withLock { state in
            _ = state.queue.close(link, from: peer)
            return link.source.detach(link)
        }
    }

    /// The source of the link has something again.
    func handleNews(of link: QueueLink, from peer: PeerID) {
        serve { state, _ in state.queue.handleNews(of: link, from: peer) }
    }

    /// The source of the link is full.
    func fill(from link: QueueLink, _ peer: PeerID) {
        serve { state, relief in state.queue.fill(from: link, peer, &relief) }
    }

    /// Serves those who wait, if something may have come.
    @discardableResult
    private func serve(if hasNews: (inout MailboxState, inout Relief) -> Bool) -> Bool {
        var served = ServedWaiters()
        let isNews = state.withLock { state in
            guard hasNews(&state, &served.relief) else { return false }
            arrivals.wrappingAdd(1, ordering: .releasing)
            serveWaiters(&state, &served)
            return true
        }
        served.resume()
        return isNews
    }
}
