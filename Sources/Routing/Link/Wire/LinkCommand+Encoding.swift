extension LinkCommand {
    /// The name of the ZMTP command.
    public var name: String {
        switch self {
        case .resumed: "RESUMED"
        case .hold: "HOLD"
        case .refuse: "REFUSE"
        case .origin: "ORIGIN"
        case .epoch: "EPOCH"
        case .gap: "GAP"
        case .synced: "SYNCED"
        case .roster, .rosterAdd, .rosterRemove: "ROSTER"
        case .stable: "STABLE"
        case .tailFrom: "TAIL-FROM"
        case .handOver: "HANDOVER"
        case .resume: "RESUME"
        case .sync: "SYNC"
        case .cancel: "CANCEL"
        case .switchOver: "SWITCH"
        case .heard: "HEARD"
        case .holds: "HOLDS"
        case .tail: "TAIL"
        case .status: "STATUS"
        case .resend: "RESEND"
        case .acknowledged: "ACK"
        case .subscribe: "SUBSCRIBE"
        }
    }

    /// The octets behind the name.
    public var body: [UInt8] {
        var writer = LinkWriter()
        switch self {
        case .resumed(let resumed):
            writer.octet(resumed.isRoot ? 1 : 0)
            writer.root(resumed.root)
            writer.position(resumed.position)
        case .hold(let reason): writer.octet(reason.rawValue)
        case .refuse(let refusal): writer.refusal(refusal)
        case .origin(let index, let id):
            writer.varint(UInt64(index))
            writer.text(id.node)
            writer.number(id.incarnation)
        case .epoch(let root, let first):
            writer.root(root)
            writer.number(first)
        case .gap(let numbers):
            writer.number(numbers.lowerBound)
            writer.number(numbers.upperBound)
        case .synced(let id, let first):
            writer.varint(id)
            writer.number(first)
        case .roster(let nodes, let origins):
            writer.octet(0)
            writer.texts(nodes)
            writer.acknowledgements(origins)
        case .rosterAdd(let node):
            writer.octet(1)
            writer.text(node)
        case .rosterRemove(let node):
            writer.octet(2)
            writer.text(node)
        case .stable(let position, let lowest):
            writer.position(position)
            writer.number(lowest)
        case .tailFrom(let position), .holds(let position): writer.position(position)
        case .handOver(let epoch): writer.number(epoch)
        case .resume(let resume): writer.resume(resume)
        case .sync(let id, let first, let topics):
            writer.varint(id)
            writer.number(first)
            writer.topics(topics)
        case .cancel(let topic), .subscribe(let topic): return topic
        case .switchOver, .resend: break
        case .heard(let count): writer.varint(count)
        case .tail(let tail):
            writer.number(tail.epoch)
            writer.varint(UInt64(tail.ends.count))
            tail.ends.forEach { writer.position($0) }
            writer.number(tail.after)
            writer.texts(tail.children)
        case .status(let status): writer.status(status)
        case .acknowledged(let list): writer.acknowledgements(list)
        }
        return writer.octets
    }
}

extension BatchHeader {
    /// The octets of the command's body before the frames.
    public var octets: [UInt8] {
        var writer = LinkWriter()
        encode(into: &writer)
        return writer.octets
    }
}

extension ParcelHeader {
    /// The octets of the command's body before the frames.
    public var octets: [UInt8] {
        var writer = LinkWriter()
        writer.varint(UInt64(origin))
        writer.varint(first)
        writer.varint(count)
        writer.varint(acknowledged)
        return writer.octets
    }
}

extension LinkWriter {
    fileprivate mutating func status(_ status: LinkStatus) {
        text(status.slowest)
        position(status.position)
        varint(status.relayCount)
        varint(status.gapCount)
        varint(status.repeatCount)
        varint(status.setBackCount)
    }

    fileprivate mutating func root(_ root: LinkRoot) {
        text(root.node)
        number(root.epoch)
    }

    fileprivate mutating func acknowledgements(_ list: [LinkCommand.Acknowledgement]) {
        varint(UInt64(list.count))
        for each in list {
            varint(UInt64(each.origin))
            varint(each.sequence)
        }
    }

    fileprivate mutating func refusal(_ refusal: LinkRefusal) {
        switch refusal.reason {
        case .full: octet(1)
        case .rootIs(let root):
            octet(2)
            self.root(root)
        case .rank: octet(3)
        case .plan: octet(4)
        case .noNumbers: octet(5)
        }
        texts(refusal.others)
    }

    fileprivate mutating func resume(_ resume: LinkCommand.Resume) {
        switch resume.start {
        case .after(let position):
            octet(0)
            self.position(position)
        case .now: octet(1)
        case .first: octet(2)
        case .since(let milliseconds):
            octet(3)
            number(milliseconds)
        }
        switch resume.kind {
        case .child: octet(0)
        case .orphan(let root?):
            octet(1)
            text(root)
        case .orphan(nil): octet(2)
        case .candidate: octet(3)
        case .client: octet(4)
        }
        octet((resume.isMulticast ? 1 : 0) | (resume.isMirror ? 2 : 0))
        topics(resume.topics)
    }
}
