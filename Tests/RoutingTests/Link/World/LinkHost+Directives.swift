@testable import Routing
import Simulation
import Wire

/// What the core says is to be done.
extension LinkHost {
    func execute() {
        while isUp, let directive = link.nextDirective() { execute(directive) }
        if isUp { setAlarm() }
    }

    private func execute(_ directive: LinkDirective) {
        switch directive {
        case .dial(let id, let node): dial(id, node)
        case .close(let id): close(id)
        case .closeFeed(let feed): close(feed)
        case .sendUp(let command, let id): send(command, on: dialled[id]?.feed)
        case .sendUplink(let command, let id): send(command, on: dialled[id]?.uplink)
        case .sendDown(let command, let feed): send(command, on: feeds[feed])
        case .sendUplinkDown(let command, let uplink): send(command, on: uplinks[uplink])
        case .ask(let request): world.ask(request, from: number)
        case .setDemand(let topic, let isWanted):
            if isWanted { demanded.insert(topic) } else { demanded.remove(topic) }
        case .report(let report):
            world.note("\(name) reports \(report)")
            reports.append(report)
            if case .fault(let fault) = report { world.violate("\(name) finds: \(fault)") }
            if case .gaveUp(let nodes) = report, !world.scenario.mayGiveUp {
                world.violate("\(name) gave up \(nodes)")
            }
        case .inEffect(let topics, let number):
            if let wanted = late?.topics, wanted.allSatisfy({ topics.contains($0) }),
                late?.inEffectFrom == nil
            {
                late?.inEffectFrom = number
            }
        default: executeOnMessages(directive)
        }
    }

    private func executeOnMessages(_ directive: LinkDirective) {
        switch directive {
        case .feed(let feed, let header): sendBatch(header, to: feed, interests[feed] ?? [])
        case .sendPast(let feed, let header, let topics):
            sendBatch(header, to: feed, Set(topics))
        case .sendTail(let id, let header): sendTail(header, id)
        case .subscribe(let feed, let topics): interests[feed, default: []].formUnion(topics)
        case .unsubscribe(let feed, let topic): interests[feed]?.remove(topic)
        case .deliver(let numbers, let repeats): deliver(numbers, repeats)
        case .sendParcels(let sequences, let acknowledged, let origin, let id):
            let messages = sequences.compactMap { own[$0] }
            if messages.count != sequences.count { world.violate("\(name) has forgotten a parcel") }
            let header = ParcelHeader(
                origin: origin,
                first: sequences.lowerBound,
                count: UInt64(sequences.count),
                acknowledged: acknowledged
            )
            send(header, messages, on: dialled[id]?.uplink)
        case .enter(let sequence, let numbers):
            for number in numbers {
                ring[number] = own[sequence + (number - numbers.lowerBound)]
                world.numbered[number] = ring[number]
            }
        case .release(let sequence):
            releasedThrough = sequence
            own = own.filter { $0.key > sequence }
        case .trim(let number): ring = ring.filter { $0.key > number }
        case .setBack(let number):
            ring = ring.filter { $0.key <= number }
            setBackCount += 1
        case .takeKept(let id): takeKept(id)
        case .forgetKept(let id, let position): forgetKept(id, through: position)
        case .forgetKeptBatches(let id, let number):
            kept[id]?.removeAll { kept in
                guard case .batch(let header, _) = kept else { return false }
                return (header.numbers?.upperBound ?? 0) >= number
            }
        case .adopt(let tail, let numbers):
            for number in numbers { ring[number] = tails[tail]?[number] }
        case .forgetTails: tails = [:]
        default: world.violate("\(name) has no way to execute \(directive)")
        }
    }

    // MARK: - Connections

    private func dial(_ id: ParentLinkID, _ node: String) {
        guard let other = world.scenario.node(node) else { return }
        world.note("\(name) dials \(node) as link \(id.rawValue)")
        let target = world.node(other)
        let feed = world.network.connect(from: self.node, to: target)
        let uplink = world.network.connect(from: self.node, to: target)
        dialled[id] = Dialled(feed: feed, uplink: uplink)
        ends[feed] = .parentFeed(id)
        ends[uplink] = .parentUplink(id)
    }

    private func close(_ feed: ChildFeedID) {
        guard let id = feeds.removeValue(forKey: feed) else { return }
        world.network.close(id, at: node)
        ends[id] = nil
    }

    func send(_ command: LinkCommand, on id: ConnectionID?) {
        guard let id else { return }
        world.note("\(name) sends \(command) on \(id.rawValue)")
        world.network.send(
            .command(name: command.name, body: command.body),
            on: id,
            from: node
        )
    }

    // MARK: - Messages

    private func sendBatch(
        _ header: BatchHeader,
        to feed: ChildFeedID,
        _ topics: Set<[UInt8]>
    ) {
        var header = header
        var contained = NumberSet()
        var messages: [LinkMessage] = []
        for number in header.numbers ?? 1...1 where !header.isVoid {
            guard let message = ring[number],
                topics.contains(where: { message.topic.starts(with: $0) })
            else {
                continue
            }
            contained.insert(number)
            messages.append(message)
        }
        header.contained = contained.ranges
        send(header, messages, on: feeds[feed])
        // Sometimes the connection takes no more for a while.
        if isSlow, header.kind == .live, Bool.random(using: &world.network.generator) {
            link.handleWritable(feed, false)
            world.network.setAlarm(
                .writable(feed.rawValue),
                of: node,
                after: world.random(milliseconds: 1...150)
            )
        }
    }

    private func sendTail(_ header: BatchHeader, _ id: ParentLinkID) {
        let numbers = header.contained.flatMap { Array($0) }
        let messages = numbers.compactMap { ring[$0] }
        if numbers.count != messages.count { world.violate("\(name) lacks what its ring holds") }
        send(header, messages, on: dialled[id]?.feed)
    }

    func send(_ header: BatchHeader, _ messages: [LinkMessage], on id: ConnectionID?) {
        guard let id else { return }
        world.note(
            "\(name) sends batch \(header.kind) \(header.epoch) \(String(describing: header.numbers)) \(messages) on \(id.rawValue)"
        )
        let body = header.octets + messages.flatMap(\.frames)
        world.network.send(.command(name: "BATCH", body: body), on: id, from: node)
    }

    func send(_ header: ParcelHeader, _ messages: [LinkMessage], on id: ConnectionID?) {
        guard let id else { return }
        world.note("\(name) sends parcel \(header) on \(id.rawValue)")
        let body = header.octets + messages.flatMap(\.frames)
        world.network.send(.command(name: "PARCEL", body: body), on: id, from: node)
    }

    private func deliver(_ numbers: LinkNumbers, _ repeats: [LinkNumbers]) {
        for number in numbers {
            guard let message = ring[number] else { continue }
            let isRepeat = repeats.contains { $0.contains(number) }
            if first.wants(message.topic), !isRepeat || first.madeAt == setBackCount {
                if first.received.contains(message) {
                    world.violate("\(name) gives \(message) twice")
                }
                first.received.append(message)
            }
            if let late, late.wants(message.topic), !isRepeat || late.madeAt == setBackCount {
                self.late?.numbered.append((number, message))
            }
        }
    }

    private func takeKept(_ id: ParentLinkID) {
        for each in kept.removeValue(forKey: id) ?? [] {
            switch each {
            case .command(let command):
                _ = link.handle(command, from: id, at: world.network.now)
            case .batch(let header, let messages): take(header, messages, from: id)
            }
        }
    }

    private func forgetKept(_ id: ParentLinkID, through position: LinkPosition) {
        kept[id]?.removeAll { each in
            switch each {
            case .command(.epoch(let root, _)): root.epoch <= position.epoch
            case .command: position.epoch == .max
            case .batch(let header, _):
                LinkPosition(epoch: header.epoch, number: header.numbers?.upperBound ?? 0)
                    <= position
            }
        }
    }
}
