import DataPlane
import Logging
import NIOCore
import Routing
import Transports
import Wire

/// What comes in on the link's connections, and from our own publishers.
extension LinkedTree {
    // MARK: - Own publishers

    /// Whole messages of publishers of this relay.
    func publish(_ run: ByteBuffer, messageCount: Int) {
        guard own.byteCount + run.readableBytes <= settings.unacknowledgedByteCountMax,
            let sequences = core.publish(
                messageCount: messageCount,
                octetCount: run.readableBytes,
                at: .now
            )
        else {
            counters.refusedMessageCount += messageCount
            relay.instance.ledger.drop(messageCount, .queueFull)
            return
        }
        own.insert(run, messageCount: messageCount, from: sequences.lowerBound)
        // A root counts what it serves, when it serves it.
        if !core.isRoot {
            relay.instance.ledger.route(messageCount: messageCount)
            routedThrough = sequences.upperBound
        }
        execute()
    }

    // MARK: - From above

    func handle(_ input: LinkInput, from id: ParentLinkID, isFeed: Bool) {
        guard above[id] != nil else { return }
        switch input {
        case .command(let command) where isFeed:
            if case .refuse(let refusal) = command, refusal.reason == .noNumbers,
                above[id]?.node == seat.parent?.name
            {
                return fallBackToPlain("the parent '\(above[id]?.node ?? "")' has no numbers")
            }
            if core.handle(command, from: id, at: .now) == .keep {
                kept[id, default: []].append(.command(command))
            }
        case .command(let command): core.handleUplink(command, from: id, at: .now)
        case .batch(let header, let messageCount, let frames) where isFeed:
            take(header, messageCount, frames, from: id)
        case .batch, .parcel: fail(id, "a parent sent what only a child may")
        case .foreign: break
        }
        execute()
    }

    /// A command that cannot be read: nothing after it can be believed.
    func fail(_ id: ParentLinkID, _ problem: String) {
        counters.faultCount += 1
        logger.warning(
            "tree '\(seat.tree)': \(above[id]?.node ?? "the parent") broke the link's rules: \(problem)"
        )
        lose(id)
    }

    private func take(
        _ header: BatchHeader,
        _ messageCount: Int,
        _ frames: ByteBuffer,
        from id: ParentLinkID
    ) {
        let fate = core.handle(
            header,
            messageCount: messageCount,
            octetCount: frames.readableBytes,
            from: id,
            at: .now
        )
        switch fate {
        case .ignore: break
        case .take(let rest): put(frames, of: header, onlyOf: rest)
        case .keep: kept[id, default: []].append(.batch(header, messageCount: messageCount, frames))
        case .keepTail, .pass: break
        }
    }

    /// Puts a batch's messages into the ring: those of `rest`.
    private func put(_ frames: ByteBuffer, of header: BatchHeader, onlyOf rest: BatchHeader) {
        guard !rest.contained.isEmpty else { return }
        let count = Int(rest.messageCount)
        relay.instance.ledger.receive(messageCount: count, byteCount: frames.readableBytes)
        // Of the past nothing is delivered: who asked for it has it later.
        if rest.kind == .past { relay.instance.ledger.route(messageCount: count) }
        guard rest.contained != header.contained else {
            return ring.insert(frames, under: header.contained)
        }
        var all = RunStore()
        all.insert(frames, under: header.contained)
        for part in rest.contained {
            all.forEachRun(in: part) { first, messageCount, octets in
                self.ring.insert(octets, messageCount: messageCount, from: first)
            }
        }
    }

    func takeKept(_ id: ParentLinkID) {
        for each in kept.removeValue(forKey: id) ?? [] {
            switch each {
            case .command(let command): _ = core.handle(command, from: id, at: .now)
            case .batch(let header, let messageCount, let frames):
                take(header, messageCount, frames, from: id)
            }
            execute()
        }
    }

    // MARK: - From below

    func handle(_ input: LinkInput, from feed: ChildFeedID) {
        switch input {
        case .command(let command): core.handle(command, from: feed, at: .now)
        case .batch(let header, let messageCount, let frames):
            let fate = core.handle(header, messageCount: messageCount, from: feed, at: .now)
            switch fate {
            case .keepTail(let tail):
                tails[tail, default: RunStore()].insert(frames, under: header.contained)
            case .pass(let header, let id, let commands):
                for command in commands { send(command, on: above[id]?.feed) }
                above[id]?.feed?.send(
                    LinkFrames("BATCH", header.octets, frames.readableBytes > 0 ? [frames] : [])
                )
            case .ignore, .take, .keep: break
            }
        case .parcel: closeChild(feeds[feed]?.lane, "a parcel came on a feed")
        case .foreign: break
        }
        execute()
    }

    func handle(_ input: LinkInput, from uplink: ChildUplinkID) {
        switch input {
        case .command(let command):
            if !core.handle(command, from: uplink, at: .now) {
                closeChild(uplinks[uplink]?.lane, "\(command.name) cannot be there")
            }
        case .parcel(let header, let messageCount, let frames):
            handle(header, messageCount, frames, from: uplink)
        case .batch: closeChild(uplinks[uplink]?.lane, "a batch came on an uplink")
        case .foreign: break
        }
        execute()
    }

    private func handle(
        _ header: ParcelHeader,
        _ messageCount: Int,
        _ frames: ByteBuffer,
        from uplink: ChildUplinkID
    ) {
        let fate = core.handle(
            header,
            messageCount: messageCount,
            octetCount: frames.readableBytes,
            from: uplink,
            at: .now
        )
        switch fate {
        case .ignore: break
        case .refuse: closeChild(uplinks[uplink]?.lane, "a parcel broke the rules")
        case .pass(let header, let id, let commands):
            for command in commands { send(command, on: above[id]?.uplink) }
            above[id]?.uplink?.send(
                LinkFrames("PARCEL", header.octets, frames.readableBytes > 0 ? [frames] : [])
            )
        case .number(let places):
            guard !places.isEmpty else { return }
            var parcel = RunStore()
            parcel.insert(frames, messageCount: messageCount, from: header.first)
            for place in places {
                let last = place.sequence + (place.numbers.upperBound - place.numbers.lowerBound)
                var number = place.numbers.lowerBound
                for run in parcel.octets(of: place.sequence...last) {
                    relay.instance.ledger.receive(
                        messageCount: run.messageCount,
                        byteCount: run.octets.readableBytes
                    )
                    ring.insert(run.octets, messageCount: run.messageCount, from: number)
                    number += UInt64(run.messageCount)
                }
            }
        }
    }

    private func closeChild(_ lane: LinkLane?, _ problem: String) {
        guard let lane else { return }
        counters.faultCount += 1
        let connection = lane.connection
        connection.loop.execute { connection.close(.misbehaviour(problem)) }
    }
}
