@testable import Routing
import Testing
import Wire

/// One core by itself, clause by clause.
@Suite struct LinkClauseTests {
    private static let reign = LinkRoot(node: "r", epoch: 1)
    private let feed = ChildFeedID(1)
    private let uplink = ChildUplinkID(1)

    private static func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private static func root(_ change: (inout LinkSetup) -> Void = { _ in }) -> TreeLink {
        var setup = LinkSetup(node: "r", incarnation: 1, parent: nil, root: reign)
        change(&setup)
        return TreeLink(setup)
    }

    private static func relay(_ change: (inout LinkSetup) -> Void = { _ in }) -> TreeLink {
        var setup = LinkSetup(node: "a", incarnation: 2, parent: "r", root: reign)
        setup.backups = ["s"]
        change(&setup)
        return TreeLink(setup)
    }

    /// What is sent to children and parents, as text, and what is reported.
    private func drain(_ link: inout TreeLink) -> [String] {
        var lines: [String] = []
        while let directive = link.nextDirective() {
            switch directive {
            case .sendDown(let command, _): lines.append("down \(command.name)")
            case .sendUp(let command, _): lines.append("up \(command.name)")
            case .sendUplinkDown(let command, _): lines.append("uplink \(command.name)")
            case .feed(_, let header):
                let numbers = header.numbers ?? 1...1
                let kind = header.isVoid ? "void" : "feed"
                lines.append("\(kind) \(numbers.lowerBound)-\(numbers.upperBound)")
            case .report(.childGap(_, let numbers)): lines.append("gap \(numbers)")
            case .report(let report): lines.append("\(report)")
            case .closeFeed: lines.append("close feed")
            case .close: lines.append("close")
            case .dial(_, let node): lines.append("dial \(node)")
            case .deliver(let numbers, _): lines.append("deliver \(numbers)")
            default: break
            }
        }
        return lines
    }

    private func resume(
        _ link: inout TreeLink,
        _ kind: ResumeKind = .child,
        after number: UInt64 = 0
    ) {
        link.handleFeedOpened(feed, node: "c", at: Self.at(0))
        let start = ResumeStart.after(LinkPosition(epoch: 1, number: number))
        link.handle(.resume(LinkCommand.Resume(start, kind)), from: feed, at: Self.at(0))
    }

    // MARK: - Down

    @Test
    func `D2: a child whose connection takes no more costs a cursor, and goes on where it was`() {
        var root = Self.root()
        resume(&root)
        #expect(drain(&root).first == "down RESUMED")
        root.handleWritable(feed, false)
        _ = root.publish(messageCount: 3, octetCount: 30, at: Self.at(1))
        #expect(drain(&root) == ["deliver 1...3", "down STABLE"])
        _ = root.publish(messageCount: 2, octetCount: 20, at: Self.at(2))
        root.handleWritable(feed, true)
        #expect(drain(&root).suffix(2) == ["down ORIGIN", "feed 1-5"])
    }

    @Test func `G1: a child that the ring's end has overtaken is told the gap, and it is reported`()
    {
        var root = Self.root { $0.options.ringOctetCountMax = 100 }
        resume(&root)
        root.handleWritable(feed, false)
        for time in 1...10 {
            _ = root.publish(messageCount: 1, octetCount: 50, at: Self.at(Int64(time) * 100))
        }
        root.handleTimeout(at: Self.at(2_000))
        #expect(root.ringNumbers == 9...10)
        _ = drain(&root)
        root.handleWritable(feed, true)
        #expect(drain(&root) == ["down GAP", "gap 1...8", "down ORIGIN", "feed 9-10"])
    }

    @Test
    func `B3: a batch that leaves out a number ends the connection, and the next parent is tried`()
    {
        var relay = attachedRelay()
        let header = BatchHeader(
            .live,
            epoch: 1,
            numbers: 7...7,
            origins: [OriginRange(index: 0, first: 1, count: 1)]
        )
        let parent = ParentLinkID(rawValue: 1)
        _ = relay.handle(
            .origin(index: 0, OriginID(node: "r", incarnation: 1)),
            from: parent,
            at: Self.at(1)
        )
        let fate = relay.handle(
            header,
            messageCount: 0,
            octetCount: 0,
            from: parent,
            at: Self.at(1)
        )
        #expect(fate == .ignore)
        #expect(
            drain(&relay) == [
                "fault(number 7 came after 5)", "close", "lostParent(\"r\")", "dial s",
            ]
        )
    }

    @Test func `B3: a batch whose frames are not what its header says ends the connection`() {
        var relay = attachedRelay()
        let header = BatchHeader(
            .live,
            epoch: 1,
            numbers: 6...6,
            origins: [OriginRange(index: 0, first: 1, count: 1)],
            contained: [6...6]
        )
        let parent = ParentLinkID(rawValue: 1)
        _ = relay.handle(header, messageCount: 2, octetCount: 9, from: parent, at: Self.at(1))
        #expect(drain(&relay).first == "fault(a batch holds 2 messages, not 1)")
    }

    /// A relay below r, through number 5.
    private func attachedRelay(_ change: (inout LinkSetup) -> Void = { _ in }) -> TreeLink {
        var relay = Self.relay(change)
        relay.handleStart(at: Self.at(0))
        let parent = ParentLinkID(rawValue: 1)
        #expect(drain(&relay) == ["dial r"])
        relay.handleOpened(parent, at: Self.at(0))
        let resumed = LinkCommand.Resumed(
            isRoot: false,
            root: Self.reign,
            position: LinkPosition(epoch: 1, number: 5)
        )
        _ = relay.handle(.resumed(resumed), from: parent, at: Self.at(0))
        _ = drain(&relay)
        #expect(relay.position == LinkPosition(epoch: 1, number: 5))
        return relay
    }

    @Test func `G1: a gap is reported once, and nothing before its end is covered`() {
        var relay = attachedRelay()
        relay.handleWanted(Array("x".utf8), at: Self.at(1))
        _ = drain(&relay)
        let parent = ParentLinkID(rawValue: 1)
        _ = relay.handle(.synced(id: 1, first: 6), from: parent, at: Self.at(1))
        _ = relay.handle(.gap(6...9), from: parent, at: Self.at(2))
        #expect(drain(&relay).contains("gap(ClosedRange(6...9))"))
        #expect(relay.position.number == 9)
        #expect(!relay.state.covers([Array("x".utf8)], since: 6))
        #expect(relay.state.covers([Array("x".utf8)], since: 10))
    }

    @Test func `§9: what may not be asked yet is asked when something has been answered`() {
        var relay = attachedRelay { $0.options.syncCountMax = 2 }
        for topic in ["a", "b", "c", "d"] { relay.handleWanted(Array(topic.utf8), at: Self.at(1)) }
        #expect(drain(&relay) == ["up SYNC", "up SYNC"])
        let parent = ParentLinkID(rawValue: 1)
        _ = relay.handle(.synced(id: 2, first: 6), from: parent, at: Self.at(2))
        #expect(drain(&relay) == ["up SYNC"])
    }

    // MARK: - Attaching

    @Test func `A8: a relay that is full refuses and names others, but no root's orphan`() {
        var root = Self.root { $0.options.childCountMax = 1 }
        resume(&root)
        _ = drain(&root)
        root.handleFeedOpened(ChildFeedID(2), node: "d", at: Self.at(1))
        let child = LinkCommand.Resume(.now, .child)
        root.handle(.resume(child), from: ChildFeedID(2), at: Self.at(1))
        var refusal: LinkRefusal?
        while let directive = root.nextDirective() {
            if case .sendDown(.refuse(let said), _) = directive { refusal = said }
        }
        #expect(refusal == LinkRefusal(.full, others: ["c"]))
        root.handleFeedOpened(ChildFeedID(3), node: "e", at: Self.at(1))
        let orphan = LinkCommand.Resume(.now, .orphan(of: "q"))
        root.handle(.resume(orphan), from: ChildFeedID(3), at: Self.at(1))
        #expect(drain(&root).last == "down RESUMED")
    }

    @Test func `A2: a whole round is tried at once, and the next after a wait that grows`() {
        var relay = Self.relay()
        relay.handleStart(at: Self.at(0))
        #expect(drain(&relay) == ["dial r"])
        relay.handleLost(ParentLinkID(rawValue: 1), at: Self.at(0))
        #expect(drain(&relay) == ["dial s"])
        relay.handleLost(ParentLinkID(rawValue: 2), at: Self.at(0))
        #expect(drain(&relay) == [])
        var waits: [Duration] = []
        var link: UInt64 = 3
        for _ in 0..<4 {
            guard let deadline = relay.deadline else { break }
            let now = deadline
            waits.append(now - relay.state.now)
            relay.handleTimeout(at: now)
            #expect(drain(&relay) == ["dial r"])
            relay.handleLost(ParentLinkID(rawValue: link), at: now)
            #expect(drain(&relay) == ["dial s"])
            relay.handleLost(ParentLinkID(rawValue: link + 1), at: now)
            link += 2
        }
        let bounds: [ClosedRange<Int>] = [25...50, 50...100, 100...200, 200...400]
        #expect(
            zip(waits, bounds).allSatisfy {
                $1.contains(Int($0.nanoseconds / 1_000_000)) || $0 == .milliseconds($1.upperBound)
            }
        )
        #expect(waits.count == 4)
    }

    @Test
    func `A2: whose planned parents are all dead goes to the root that the arbiter has named`() {
        var relay = Self.relay()
        relay.handleNamed(
            Naming(root: LinkRoot(node: "t", epoch: 2), service: [], dead: ["r", "s"]),
            at: Self.at(0)
        )
        relay.handleStart(at: Self.at(0))
        var dialled: [String] = []
        for id in UInt64(1)...3 {
            dialled += drain(&relay).filter { $0.hasPrefix("dial") }
            relay.handleLost(ParentLinkID(rawValue: id), at: Self.at(1))
        }
        #expect(dialled == ["dial r", "dial s", "dial t"])
    }

    @Test func `§9: more SYNCs than may be open end the connection`() {
        var root = Self.root { $0.options.syncCountMax = 2 }
        resume(&root, after: 5)
        _ = drain(&root)
        for id in UInt64(1)...3 {
            // The child is ahead, so none is answered.
            root.handle(.sync(id: id, first: 0, [[]]), from: feed, at: Self.at(1))
        }
        #expect(drain(&root) == ["fault(more than 2 SYNCs are open)", "close feed"])
    }

    // MARK: - Up

    private func parcel(
        _ link: inout TreeLink,
        _ first: UInt64,
        _ count: UInt64,
        safe: UInt64 = 0
    ) -> ParcelFate {
        link.handle(
            ParcelHeader(origin: 0, first: first, count: count, acknowledged: safe),
            messageCount: Int(count),
            octetCount: Int(count),
            from: uplink,
            at: Self.at(1)
        )
    }

    @Test func `U3: the next is numbered, a repeat is dropped, and what is out of sequence too`() {
        var root = Self.root()
        root.handleUplinkOpened(uplink, node: "c", at: Self.at(0))
        let origin = OriginID(node: "c", incarnation: 9)
        let isKnown = root.handle(.origin(index: 0, origin), from: uplink, at: Self.at(0))
        #expect(isKnown)
        #expect(parcel(&root, 1, 3) == .number([ParcelFate.Place(sequence: 1, numbers: 1...3)]))
        #expect(parcel(&root, 1, 3) == .number([]))
        #expect(parcel(&root, 6, 1) == .number([]))
        #expect(parcel(&root, 2, 4) == .number([ParcelFate.Place(sequence: 4, numbers: 4...5)]))
        // What an origin knows to be safe need not come again.
        #expect(
            parcel(&root, 10, 1, safe: 9)
                == .number([ParcelFate.Place(sequence: 10, numbers: 6...6)])
        )
    }

    @Test func `U4: without a standby an origin is acknowledged when the root has served`() {
        var root = Self.root()
        root.handleUplinkOpened(uplink, node: "c", at: Self.at(0))
        let origin = OriginID(node: "c", incarnation: 9)
        _ = root.handle(.origin(index: 0, origin), from: uplink, at: Self.at(0))
        _ = parcel(&root, 1, 3)
        #expect(drain(&root).contains("uplink ACK"))
    }

    @Test func `U4: with a standby in service it is not, before that one holds it`() {
        var root = Self.root { $0.service = ["s"] }
        root.handleUplinkOpened(uplink, node: "c", at: Self.at(0))
        let origin = OriginID(node: "c", incarnation: 9)
        _ = root.handle(.origin(index: 0, origin), from: uplink, at: Self.at(0))
        _ = parcel(&root, 1, 3)
        #expect(!drain(&root).contains("uplink ACK"))
        root.handleFeedOpened(feed, node: "s", at: Self.at(2))
        var mirror = LinkCommand.Resume(.first, .child)
        mirror.isMirror = true
        root.handle(.resume(mirror), from: feed, at: Self.at(2))
        #expect(!drain(&root).contains("uplink ACK"))
        root.handle(.holds(LinkPosition(epoch: 1, number: 3)), from: feed, at: Self.at(3))
        #expect(drain(&root).contains("uplink ACK"))
    }

    @Test func `a parcel of an origin that nobody has announced is refused`() {
        var root = Self.root()
        root.handleUplinkOpened(uplink, node: "c", at: Self.at(0))
        #expect(parcel(&root, 1, 1) == .refuse)
    }
}
