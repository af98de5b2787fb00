import DataPlane
import NIOCore
import Routing
import Transports

/// What comes in on the link's connections, and from our own publishers.
extension LinkedTree {
    // MARK: - Own publishers

    /// Whole messages of publishers of this relay.
    func publish(_ run: ByteBuffer, messageCount: Int) {
        guard !core.isFull,
            let sequences = core.publish(
                messageCount: messageCount,
                octetCount: run.readableBytes,
                at: .now
            )
        else {
            news.countRefused(messageCount)
            relay.instance.ledger.drop(messageCount, .queueFull)
            return
        }
        messages.own.insert(run, messageCount: messageCount, from: sequences.lowerBound)
        // A root counts what it serves, when it serves it.
        if !core.isRoot {
            relay.instance.ledger.route(messageCount: messageCount)
            sentThrough = sequences.upperBound
        }
        execute()
    }

    // MARK: - From above

    func handle(_ input: LinkInput, from id: ParentLinkID, isFeed: Bool) {
        guard let node = parents.node(of: id) else { return }
        switch input {
        case .command(let command) where isFeed:
            if case .refuse(let refusal) = command, refusal.reason == .noNumbers,
                node == seat.parent?.name
            {
                return fallBackToPlain("the parent '\(node)' has no numbers")
            }
            if core.handle(command, from: id, at: .now) == .keep {
                messages.keep(.command(command), of: id)
            }
        case .command(let command): core.handleUplink(command, from: id, at: .now)
        case .batch(let header, let messageCount, let frames) where isFeed:
            take(header, messageCount, frames, from: id)
        case .batch, .parcel: fail(id, "a parent sent what only a child may")
        case .foreign: break
        }
        execute()
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
        case .take(let rest):
            guard !rest.contained.isEmpty else { return }
            receive(Int(rest.messageCount), frames.readableBytes)
            // Of the past nothing is delivered: who asked for it has it later.
            if rest.kind == .past {
                relay.instance.ledger.route(messageCount: Int(rest.messageCount))
            }
            messages.put(frames, of: header, onlyOf: rest)
        case .keep: messages.keep(.batch(header, messageCount: messageCount, frames), of: id)
        case .ignore, .keepTail, .pass: break
        }
    }

    func takeKept(_ id: ParentLinkID) {
        for each in messages.takeKept(id) {
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
            switch core.handle(header, messageCount: messageCount, from: feed, at: .now) {
            case .keepTail(let tail): messages.keepTail(frames, of: header, as: tail)
            case .pass(let header, let id, let commands):
                let lane = parents.feed(of: id)
                commands.forEach { lane?.send($0) }
                lane?.send(LinkFrames("BATCH", header.octets, [frames]))
            case .ignore, .take, .keep: break
            }
        case .parcel: fail(children.feeds[feed]?.lane, "a parcel came on a feed")
        case .foreign: break
        }
        execute()
    }

    func handle(_ input: LinkInput, from uplink: ChildUplinkID) {
        let lane = children.uplinks[uplink]?.lane
        switch input {
        case .command(let command):
            if !core.handle(command, from: uplink, at: .now) {
                lane?.close(command.name)
            }
        case .parcel(let header, let messageCount, let frames):
            let fate = core.handle(
                header,
                messageCount: messageCount,
                octetCount: frames.readableBytes,
                from: uplink,
                at: .now
            )
            switch fate {
            case .ignore: break
            case .refuse: lane?.close("a parcel")
            case .pass(let header, let id, let commands):
                let way = parents.uplink(of: id)
                commands.forEach { way?.send($0) }
                way?.send(LinkFrames("PARCEL", header.octets, [frames]))
            case .number(let places):
                let count = messages.put(frames, of: header, messageCount, at: places)
                receive(count, count > 0 ? frames.readableBytes : 0)
            }
        case .batch: fail(lane, "a batch came on an uplink")
        case .foreign: break
        }
        execute()
    }
}
