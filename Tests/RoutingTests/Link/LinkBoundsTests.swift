@testable import Routing
import Testing
import Wire

/// What a link keeps at most, and what it says of itself (tree-link.md, §4 and §9).
@Suite struct LinkBoundsTests {
    // MARK: - STATUS

    @Test func `STATUS: the slowest relay's place, and the sums of what was counted`() {
        var status = LinkStatus(slowest: "a", position: LinkPosition(epoch: 2, number: 9))
        var other = LinkStatus(slowest: "l", position: LinkPosition(epoch: 1, number: 12))
        other.gapCount = 3
        other.relayCount = 4
        other.repeatCount = .max
        status.repeatCount = 2
        status.merge(other)
        #expect(status.slowest == "l")
        #expect(status.position == LinkPosition(epoch: 1, number: 12))
        #expect((status.relayCount, status.gapCount) == (5, 3))
        #expect(status.repeatCount == .max)
    }

    @Test func `STATUS: whatever the order of merging, the outcome is one`() {
        let all = [("a", 4), ("b", 2), ("c", 2), ("d", 9)].map { name, number in
            LinkStatus(slowest: name, position: LinkPosition(epoch: 1, number: number))
        }
        func merged(_ statuses: [LinkStatus]) -> LinkStatus {
            var sum = statuses[0]
            for status in statuses.dropFirst() { sum.merge(status) }
            return sum
        }
        #expect(merged(all) == merged(all.reversed()))
        #expect(merged(all).slowest == "b")
        #expect(merged(all).relayCount == 4)
    }

    @Test func `STATUS: a relay says it once a second, with what its children said last`() {
        var relay = LoneLink.relay("a")
        relay.welcome("l", on: 1, LoneLink.after(0))
        var below = LinkStatus(slowest: "m", position: LinkPosition(epoch: 0, number: 5))
        below.relayCount = 7
        relay.tell(.status(below), on: 1)
        _ = relay.said()
        relay.link.handleTimeout(at: LoneLink.at(1_000))
        #expect(relay.said() == [])
        // It was attached at 1 ms.
        relay.link.handleTimeout(at: LoneLink.at(1_001))
        var sent: LinkStatus?
        while let directive = relay.link.nextDirective() {
            if case .sendUp(.status(let status), _) = directive { sent = status }
        }
        #expect(sent?.slowest == "m")
        #expect(sent?.relayCount == 8)
        #expect(relay.link.deadline.map { $0 <= LoneLink.at(2_001) } ?? false)
    }

    @Test func `STATUS: a root says how many messages the slowest relay is behind, and since when`()
    {
        var root = LoneLink.root()
        root.welcome("a", on: 1, LoneLink.after(0))
        _ = root.link.publish(messageCount: 3, octetCount: 30, at: LoneLink.at(100))
        _ = root.link.publish(messageCount: 2, octetCount: 20, at: LoneLink.at(300))
        let below = LinkStatus(slowest: "l", position: LinkPosition(epoch: 1, number: 3))
        root.tell(.status(below), on: 1)
        let status = root.link.status(at: LoneLink.at(450))
        #expect(status.status.slowest == "l")
        #expect(status.lagMessageCount == 2)
        #expect(status.lagTime == .milliseconds(150))
        root.link.handleFeedLost(ChildFeedID(1), at: LoneLink.at(500))
        #expect(root.link.status(at: LoneLink.at(600)).lagMessageCount == 0)
    }

    @Test func `STATUS: repeats, gaps and set-backs are counted`() {
        var relay = LoneLink.relay("a", after: 2)
        relay.hear(.origin(index: 0, OriginID(node: "p", incarnation: 9)))
        relay.hearBatch(3...5)
        relay.hearBatch(4...6)
        relay.hear(.gap(7...9))
        relay.hear(.epoch(LinkRoot(node: "s", epoch: 2), first: 9))
        let status = relay.link.status(at: LoneLink.at(2)).status
        #expect((status.repeatCount, status.gapCount, status.setBackCount) == (2, 3, 1))
    }

    // MARK: - Bounds

    @Test
    func `U1: what is not safe yet is full at its bound, and has room when some of it is safe`() {
        var relay = LoneLink.relay("a") { $0.options.ownOctetCountMax = 100 }
        _ = relay.link.publish(messageCount: 3, octetCount: 60, at: LoneLink.at(1))
        #expect(!relay.link.isFull)
        _ = relay.link.publish(messageCount: 2, octetCount: 50, at: LoneLink.at(1))
        #expect(relay.link.isFull)
        let parent = ParentLinkID(rawValue: 1)
        func acknowledge(_ sequence: UInt64) {
            let news = LinkCommand.Acknowledgement(origin: 0, sequence: sequence)
            relay.link.handleUplink(.acknowledged([news]), from: parent, at: LoneLink.at(2))
        }
        // A piece is kept until the whole of it is safe.
        acknowledge(2)
        #expect(relay.link.isFull)
        acknowledge(3)
        #expect(!relay.link.isFull)
        #expect(relay.link.state.own.octetCount == 50)
    }

    @Test(arguments: [false, true])
    func `block: the ring loses nothing that a child has not had, and reading stops`(blocks: Bool) {
        var root = LoneLink.root {
            $0.options.ringOctetCountMax = 100
            $0.options.blocks = blocks
        }
        root.welcome("a", on: 1, LoneLink.after(0))
        _ = root.said()
        root.link.handleWritable(ChildFeedID(1), false)
        for time in 1...10 {
            #expect(root.link.isHeldBack == (blocks && time > 2))
            let now = LoneLink.at(Int64(time) * 100)
            _ = root.link.publish(messageCount: 1, octetCount: 50, at: now)
        }
        root.link.handleTimeout(at: LoneLink.at(2_000))
        #expect(root.link.ringNumbers == (blocks ? 1...10 : 9...10))
        root.link.handleWritable(ChildFeedID(1), true)
        let lines = root.said()
        #expect(lines.contains("1 < GAP") == !blocks)
        #expect(lines.contains("1 < 1:1-10") == blocks)
        #expect(!root.link.isHeldBack)
    }

    @Test func `C3: a standby that is behind by half a ring is to be taken out of service, once`() {
        var root = LoneLink.root {
            $0.service = ["s"]
            $0.options.ringOctetCountMax = 1_000
        }
        root.welcome("s", on: 1, .first, isMirror: true)
        root.tell(.holds(LinkPosition(epoch: 1, number: 0)), on: 1)
        for time in 1...6 {
            let now = LoneLink.at(Int64(time) * 100)
            _ = root.link.publish(messageCount: 1, octetCount: 100, at: now)
        }
        root.tell(.holds(LinkPosition(epoch: 1, number: 1)), on: 1)
        root.link.handleTimeout(at: LoneLink.at(1_500))
        #expect(!root.said().contains { $0.hasPrefix("ask") })
        _ = root.link.publish(messageCount: 1, octetCount: 100, at: LoneLink.at(1_600))
        root.link.handleTimeout(at: LoneLink.at(3_000))
        #expect(root.said().filter { $0 == "ask takeOut(\"s\", epoch: 1)" }.count == 1)
        root.link.handleTimeout(at: LoneLink.at(4_500))
        #expect(!root.said().contains { $0.hasPrefix("ask") })
        // The arbiter agrees; s is counted anew, and comes into service when it holds all.
        root.link.handleTakenOut("s", at: LoneLink.at(4_600))
        let rosters = root.said().filter { $0.contains("ROSTER s") }
        #expect(rosters.count == 1)
    }

    // MARK: - standbys: 0

    @Test func `F1: a root without standbys that is started again takes what its children hold`() {
        var setup = LinkSetup(
            node: "r",
            incarnation: 5,
            parent: nil,
            root: LinkRoot(node: "r", epoch: 2)
        )
        setup.predecessorsChildren = ["a"]
        var root = LoneLink(link: TreeLink(setup))
        root.link.handleStart(at: LoneLink.at(0))
        #expect(!root.link.isRoot)
        root.welcome("a", on: 1, LoneLink.after(8), .orphan(of: "r"))
        #expect(root.said() == ["1 < TAIL-FROM 0:1"])
        let tail = LinkCommand.Tail(epoch: 1, ends: [], after: 5, children: [])
        root.tell(.tail(tail), on: 1)
        root.tell(.origin(index: 0, OriginID(node: "p", incarnation: 9)), on: 1)
        let header = BatchHeader(
            .tail,
            epoch: 1,
            numbers: 6...8,
            origins: [OriginRange(index: 0, first: 4, count: 3)],
            contained: [6...8]
        )
        _ = root.link.handle(header, messageCount: 3, from: ChildFeedID(1), at: LoneLink.at(1))
        let end = BatchHeader(.tail, epoch: 1, numbers: nil, origins: [])
        _ = root.link.handle(end, messageCount: 0, from: ChildFeedID(1), at: LoneLink.at(1))
        let lines = root.said()
        #expect(lines.contains("root of 2"))
        #expect(lines.contains("1 < RESUMED 1:8"))
        #expect(lines.last == "1 < EPOCH 2 from 9")
        // What its predecessor numbered is a repeat, and what comes is numbered behind it.
        root.openUplink(1, of: OriginID(node: "p", incarnation: 9))
        let place = ParcelFate.Place(sequence: 7, numbers: 9...9)
        #expect(root.parcel(3...7, on: 1) == .number([place]))
    }

    @Test func `F1: a tree without standbys goes on when its root is started again`() {
        let scenario = Scenarios.root.with {
            $0.name = "alone"
            $0.standbys = []
            $0.parents = [nil, 0, 0, 0]
            $0.backups = [[], [0], [0], [0]]
            $0.accidents = [.restartRoot]
            $0.isStrict = false
        }
        for seed in LinkSimulationTests.seeds(40) {
            let world = LinkWorld(scenario, seed: seed)
            world.run()
            world.judge()
            // What the old root had acknowledged, and nobody had received, is lost; nothing else is.
            let received = Set(world.hosts.flatMap(\.first.received))
            let lost = world.published.values.flatMap(\.self).filter { !received.contains($0) }
            let words = Set(lost.map { "lost: \($0) of \(world.name($0.publisher))" })
            #expect(world.violations.filter { !words.contains($0) } == [], "seed \(seed)")
            #expect(world.hosts[0].link.isRoot, "seed \(seed)")
        }
    }
}
