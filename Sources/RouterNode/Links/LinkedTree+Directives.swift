import DataPlane
import NIOCore
import Routing
import Transports

extension LinkedTree {
    func perform(_ directive: LinkDirective) {
        switch directive {
        case .dial(let id, let node): dial(id, node)
        case .close(let id): parents.close(id)
        case .closeFeed(let feed): closeFeed(feed)
        case .sendUp(let command, let id): parents.feed(of: id)?.send(command)
        case .sendUplink(let command, let id): parents.uplink(of: id)?.send(command)
        case .sendDown(let command, let feed): children.feeds[feed]?.lane.send(command)
        case .sendUplinkDown(let command, let uplink):
            children.uplinks[uplink]?.lane.send(command)
        case .ask(let request): relay.links.ask(request, of: seat.tree)
        case .setDemand(let topic, let isWanted):
            relay.instance.handleLinkDemand(topic, isWanted: isWanted, in: tree)
            relay.execute()
        // What is in effect is told to clients of the library.
        case .inEffect: break
        case .report(let report): news.handle(report)
        default: performOnMessages(directive)
        }
    }

    private func performOnMessages(_ directive: LinkDirective) {
        switch directive {
        case .feed(let id, let header):
            guard let child = children.feeds[id]?.child else { return }
            send(messages.batch(header, for: child), to: id)
        case .sendPast(let id, let header, let topics):
            send(messages.past(header, topics), to: id)
        case .sendTail(let id, let header):
            for frames in messages.tail(header) { parents.feed(of: id)?.send(frames) }
        case .subscribe(let id, let topics):
            guard let child = children.feeds[id]?.child else { return }
            for topic in topics { messages.interest.subscribe(topic, by: child) }
        case .unsubscribe(let id, let topic):
            guard let child = children.feeds[id]?.child else { return }
            messages.interest.cancel(topic, by: child)
        case .deliver(let numbers, let repeats):
            relay.links.deliver(numbers, repeats: repeats, of: self)
        case .sendParcels(let sequences, let acknowledged, let origin, let id):
            let header = ParcelHeader(
                origin: origin,
                first: sequences.lowerBound,
                count: UInt64(sequences.count),
                acknowledged: acknowledged
            )
            for frames in header.frames(messages.own.octets(of: sequences)) {
                parents.uplink(of: id)?.send(frames)
            }
        case .enter(let sequence, let numbers):
            // Those that went up before are received anew, as when they come down.
            receive(messages.enter(sequence, numbers, sent: sentThrough), 0)
        case .release(let sequence): messages.own.remove(through: sequence)
        case .trim(let number): messages.ring.remove(through: number)
        case .setBack(let number):
            messages.ring.remove(after: number)
            newestAtSetBack = relay.newestConnection
        default: performOnWhatIsKept(directive)
        }
    }

    private func performOnWhatIsKept(_ directive: LinkDirective) {
        switch directive {
        case .takeKept(let id): takeKept(id)
        case .forgetKept(let id, let position): messages.forgetKept(id, through: position)
        case .forgetKeptBatches(let id, let number): messages.forgetKeptBatches(id, from: number)
        case .adopt(let tail, let numbers): receive(messages.adopt(tail, numbers), 0)
        case .forgetTails: messages.forgetTails()
        default: preconditionFailure("no way to execute \(directive)")
        }
    }

    // MARK: - Sending

    private func send(_ batches: [LinkFrames], to id: ChildFeedID) {
        for frames in batches { children.feeds[id]?.lane.send(frames) }
        if children.noteSent(to: id) { core.handleWritable(id, false) }
    }

    /// Messages have come into the ring, and will be delivered.
    func receive(_ messageCount: Int, _ byteCount: Int) {
        relay.instance.ledger.receive(messageCount: messageCount, byteCount: byteCount)
    }
}
