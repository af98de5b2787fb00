extension LinkCommand {
    /// Reads a command of a link; `nil` = a command of another name, which is not for us.
    ///
    /// Octets behind a known command's fields are a fault: a later version says so in READY, and is spoken to as this one.
    public init?(name: String, body: [UInt8]) throws(LinkFault) {
        if name == "CANCEL" || name == "SUBSCRIBE" {
            self = name == "CANCEL" ? .cancel(body) : .subscribe(body)
            return
        }
        var reader = LinkReader(body)
        guard let command = try Self.read(name, &reader) else { return nil }
        guard reader.isAtEnd else { throw LinkFault("\(name) is longer than its fields") }
        self = command
    }

    private static func read(
        _ name: String,
        _ reader: inout LinkReader
    ) throws(LinkFault) -> LinkCommand? {
        switch name {
        case "RESUMED":
            let flags = try reader.octet()
            guard flags <= 1 else { throw LinkFault("RESUMED has flags \(flags)") }
            return .resumed(
                Resumed(
                    isRoot: flags == 1,
                    root: try reader.root(),
                    position: try reader.position()
                )
            )
        case "HOLD":
            guard let reason = HoldReason(rawValue: try reader.octet()) else {
                throw LinkFault("HOLD has a reason that is none")
            }
            return .hold(reason)
        case "REFUSE": return .refuse(try reader.refusal())
        case "ORIGIN":
            let index = try reader.originIndex()
            let id = OriginID(node: try reader.text(), incarnation: try reader.number())
            return .origin(index: index, id)
        case "EPOCH":
            let (root, first) = (try reader.root(), try reader.number())
            guard first > 0 else { throw LinkFault("EPOCH begins with number 0") }
            return .epoch(root, first: first)
        case "GAP":
            let (first, last) = (try reader.number(), try reader.number())
            guard first > 0, first <= last, last < .max else {
                throw LinkFault("GAP is from \(first) to \(last)")
            }
            return .gap(first...last)
        case "SYNCED": return .synced(id: try reader.varint(), first: try reader.number())
        case "ROSTER": return try reader.roster()
        case "STABLE":
            return .stable(try reader.position(), lowest: try reader.number())
        case "TAIL-FROM": return .tailFrom(try reader.position())
        case "HANDOVER": return .handOver(epoch: try reader.number())
        default: return try readUp(name, &reader)
        }
    }

    private static func readUp(
        _ name: String,
        _ reader: inout LinkReader
    ) throws(LinkFault) -> LinkCommand? {
        switch name {
        case "RESUME": return .resume(try reader.resume())
        case "SYNC":
            return .sync(
                id: try reader.varint(),
                first: try reader.number(),
                try reader.topics()
            )
        case "SWITCH": return .switchOver
        case "HEARD": return .heard(count: try reader.varint())
        case "HOLDS": return .holds(try reader.position())
        case "TAIL":
            return .tail(try reader.tail())
        case "STATUS": return .status(try reader.status())
        case "RESEND": return .resend
        case "ACK":
            return .acknowledged(try reader.acknowledgements())
        default: return nil
        }
    }
}

extension BatchHeader {
    /// Reads what stands before the frames, and says where those begin.
    public static func read(
        _ body: [UInt8]
    ) throws(LinkFault) -> (header: BatchHeader, framesOffset: Int) {
        var reader = LinkReader(body)
        let header = try BatchHeader(from: &reader)
        return (header, reader.offset)
    }
}

extension ParcelHeader {
    /// Reads what stands before the frames, and says where those begin.
    public static func read(
        _ body: [UInt8]
    ) throws(LinkFault) -> (header: ParcelHeader, framesOffset: Int) {
        var reader = LinkReader(body)
        let header = ParcelHeader(
            origin: try reader.originIndex(),
            first: try reader.varint(),
            count: try reader.varint(),
            acknowledged: try reader.varint()
        )
        guard header.first > 0, header.first <= .max - header.count,
            header.acknowledged < header.first || header.count == 0
        else {
            throw LinkFault("a parcel has numbers that cannot be")
        }
        return (header, reader.offset)
    }
}

extension LinkReader {
    fileprivate mutating func status() throws(LinkFault) -> LinkStatus {
        var status = LinkStatus(slowest: try text(), position: try position())
        status.relayCount = try varint()
        status.gapCount = try varint()
        status.repeatCount = try varint()
        status.setBackCount = try varint()
        return status
    }

    fileprivate mutating func originIndex() throws(LinkFault) -> Int {
        let index = try varint()
        guard index < UInt64(OriginTable.countMax) else {
            throw LinkFault("there is no origin of index \(index)")
        }
        return Int(index)
    }

    fileprivate mutating func root() throws(LinkFault) -> LinkRoot {
        LinkRoot(node: try text(), epoch: try number())
    }

    fileprivate mutating func acknowledgements() throws(LinkFault) -> [LinkCommand.Acknowledgement]
    {
        var list: [LinkCommand.Acknowledgement] = []
        for _ in 0..<(try count()) {
            list.append(
                LinkCommand.Acknowledgement(origin: try originIndex(), sequence: try varint())
            )
        }
        return list
    }

    fileprivate mutating func tail() throws(LinkFault) -> LinkCommand.Tail {
        let epoch = try number()
        let count = try count()
        guard count <= EpochBook.countMax else { throw LinkFault("TAIL has \(count) epochs") }
        var ends: [LinkPosition] = []
        for _ in 0..<count { ends.append(try position()) }
        guard zip(ends, ends.dropFirst()).allSatisfy({ $0.epoch < $1.epoch }),
            ends.last.map({ $0.epoch < epoch }) ?? true
        else { throw LinkFault("TAIL has epochs that do not rise") }
        return LinkCommand.Tail(
            epoch: epoch,
            ends: ends,
            after: try number(),
            children: try texts()
        )
    }

    fileprivate mutating func refusal() throws(LinkFault) -> LinkRefusal {
        let reason: LinkRefusal.Reason
        switch try octet() {
        case 1: reason = .full
        case 2: reason = .rootIs(try root())
        case 3: reason = .rank
        case 4: reason = .plan
        case 5: reason = .noNumbers
        case let other: throw LinkFault("REFUSE has reason \(other), which is none")
        }
        return LinkRefusal(reason, others: try texts())
    }

    fileprivate mutating func roster() throws(LinkFault) -> LinkCommand {
        switch try octet() {
        case 0: return .roster(try texts(), try acknowledgements())
        case 1: return .rosterAdd(try text())
        case 2: return .rosterRemove(try text())
        case let other: throw LinkFault("ROSTER has form \(other), which is none")
        }
    }

    fileprivate mutating func resume() throws(LinkFault) -> LinkCommand.Resume {
        let start: ResumeStart
        switch try octet() {
        case 0: start = .after(try position())
        case 1: start = .now
        case 2: start = .first
        case 3: start = .since(milliseconds: try number())
        case let other: throw LinkFault("RESUME has start \(other), which is none")
        }
        let kind: ResumeKind
        switch try octet() {
        case 0: kind = .child
        case 1: kind = .orphan(of: try text())
        case 2: kind = .orphan(of: nil)
        case 3: kind = .candidate
        case 4: kind = .client
        case let other: throw LinkFault("RESUME has kind \(other), which is none")
        }
        let flags = try octet()
        guard flags <= 3 else { throw LinkFault("RESUME has flags \(flags)") }
        var resume = LinkCommand.Resume(start, kind)
        resume.isMulticast = flags & 1 != 0
        resume.isMirror = flags & 2 != 0
        resume.topics = try topics()
        return resume
    }
}
