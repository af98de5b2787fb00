import DataPlane
import NIOCore
import Routing
import Transports

extension LinkedTree {
    func perform(_ directive: LinkDirective) {
        switch directive {
        case .dial(let id, let node): dial(id, node)
        case .close(let id): closeAbove(id)
        case .closeFeed(let feed): closeFeed(feed)
        case .sendUp(let command, let id): send(command, on: above[id]?.feed)
        case .sendUplink(let command, let id): send(command, on: above[id]?.uplink)
        case .sendDown(let command, let feed): send(command, on: feeds[feed]?.lane)
        case .sendUplinkDown(let command, let uplink): send(command, on: uplinks[uplink]?.lane)
        case .ask(let request): relay.ask(request, of: seat.tree)
        case .setDemand(let topic, let isWanted):
            relay.instance.handleLinkDemand(topic, isWanted: isWanted, in: tree)
            relay.execute()
        // What is in effect is told to clients of the library.
        case .inEffect: break
        case .report(let report): handle(report)
        default: performOnMessages(directive)
        }
    }

    private func performOnMessages(_ directive: LinkDirective) {
        switch directive {
        case .feed(let feed, let header): sendBatch(header, to: feed)
        case .sendPast(let feed, let header, let topics): sendPast(header, topics, to: feed)
        case .sendTail(let id, let header): sendTail(header, to: id)
        case .subscribe(let id, let topics):
            guard let child = feeds[id]?.child else { return }
            for topic in topics { interest.subscribe(topic, by: child) }
        case .unsubscribe(let id, let topic):
            if let child = feeds[id]?.child { interest.cancel(topic, by: child) }
        case .deliver(let numbers, let repeats): deliver(numbers, repeats)
        case .sendParcels(let sequences, let acknowledged, let origin, let id):
            let header = ParcelHeader(
                origin: origin,
                first: sequences.lowerBound,
                count: UInt64(sequences.count),
                acknowledged: acknowledged
            )
            for frames in header.frames(own.octets(of: sequences)) {
                above[id]?.uplink?.send(frames)
            }
        case .enter(let sequence, let numbers): enter(sequence, numbers)
        case .release(let sequence): own.remove(through: sequence)
        case .trim(let number): ring.remove(through: number)
        case .setBack(let number):
            ring.remove(after: number)
            setBackAtConnection = relay.newestConnection
        default: performOnWhatIsKept(directive)
        }
    }

    private func performOnWhatIsKept(_ directive: LinkDirective) {
        switch directive {
        case .takeKept(let id): takeKept(id)
        case .forgetKept(let id, let position):
            kept[id]?.removeAll { each in
                switch each {
                case .command(.epoch(let root, _)): root.epoch <= position.epoch
                case .command: position.epoch == .max
                case .batch(let header, _, _):
                    LinkPosition(epoch: header.epoch, number: header.numbers?.upperBound ?? 0)
                        <= position
                }
            }
        case .forgetKeptBatches(let id, let number):
            kept[id]?.removeAll { each in
                guard case .batch(let header, _, _) = each else { return false }
                return (header.numbers?.upperBound ?? 0) >= number
            }
        case .adopt(let tail, let numbers):
            tails[tail]?.forEachRun(in: numbers) { first, messageCount, octets in
                self.relay.instance.ledger.receive(
                    messageCount: messageCount,
                    byteCount: octets.readableBytes
                )
                self.ring.insert(octets, messageCount: messageCount, from: first)
            }
        case .forgetTails: tails = [:]
        default: preconditionFailure("no way to execute \(directive)")
        }
    }

    /// Own messages take numbers. Those that went up before are received anew, as when they come down.
    private func enter(_ sequence: UInt64, _ numbers: LinkNumbers) {
        var (next, number) = (sequence, numbers.lowerBound)
        for run in own.octets(of: sequence...(sequence + (numbers.upperBound - number))) {
            if next <= routedThrough {
                relay.instance.ledger.receive(
                    messageCount: min(run.messageCount, Int(routedThrough - next) + 1),
                    byteCount: run.octets.readableBytes
                )
            }
            ring.insert(run.octets, messageCount: run.messageCount, from: number)
            next += UInt64(run.messageCount)
            number += UInt64(run.messageCount)
        }
    }

    // MARK: - Sending

    func send(_ command: LinkCommand, on lane: LinkLane?) {
        lane?.send(LinkFrames(command.name, command.body))
    }

    private func sendBatch(_ header: BatchHeader, to id: ChildFeedID) {
        guard let feed = feeds[id], let numbers = header.numbers else { return }
        var writer = BatchWriter(header)
        if !header.isVoid {
            ring.forEachRun(in: numbers, wantedBy: feed.child, of: interest) {
                writer.add($0, $1, $2)
            }
        }
        for frames in writer.finish() { feed.lane.send(frames) }
        noteSent(to: id)
    }

    private func sendPast(_ header: BatchHeader, _ topics: [LinkTopic], to id: ChildFeedID) {
        guard let feed = feeds[id], let numbers = header.numbers else { return }
        var writer = BatchWriter(header)
        ring.forEachRun(in: numbers) { first, _, octets in
            for stretch in LinkInterest.stretches(of: octets, wanting: topics) {
                writer.add(first + UInt64(stretch.before), stretch.messageCount, stretch.octets)
            }
        }
        for frames in writer.finish() { feed.lane.send(frames) }
        noteSent(to: id)
    }

    private func sendTail(_ header: BatchHeader, to id: ParentLinkID) {
        var writer = BatchWriter(header)
        for part in header.contained {
            ring.forEachRun(in: part) { writer.add($0, $1, $2) }
        }
        for frames in writer.finish() { above[id]?.feed?.send(frames) }
    }

    // MARK: - To our own subscribers

    private func deliver(_ numbers: LinkNumbers, _ repeats: [LinkNumbers]) {
        var next = numbers.lowerBound
        for part in repeats {
            if next < part.lowerBound { deliver(next...part.lowerBound - 1) }
            ring.forEachRun(in: part) { _, messageCount, octets in
                self.relay.distribute(
                    octets,
                    messageCount: messageCount,
                    in: self.tree,
                    toThoseAfter: self.setBackAtConnection ?? 0
                )
            }
            next = part.upperBound + 1
        }
        if next <= numbers.upperBound { deliver(next...numbers.upperBound) }
    }

    private func deliver(_ numbers: LinkNumbers) {
        ring.forEachRun(in: numbers) { _, messageCount, octets in
            self.relay.distribute(octets, messageCount: messageCount, in: self.tree)
        }
    }
}
