@testable import Routing
import Testing
import Wire

/// What the simulation has found in the cores, clause by clause.
@Suite struct LinkHealingTests {
    private static let publisher = OriginID(node: "a", incarnation: 9)

    // MARK: - The table of origins

    @Test func `U6, D7: what was set back is numbered again by who becomes root`() {
        var standby = LoneLink.standby()
        standby.hear(.origin(index: 0, Self.publisher))
        standby.hearBatch(1...3)
        standby.hear(.epoch(LinkRoot(node: "t", epoch: 2), first: 2))
        let naming = Naming(root: LinkRoot(node: "s", epoch: 3), service: [], dead: ["t"])
        standby.link.handleNamed(naming, at: LoneLink.at(2))
        #expect(standby.said().contains("root of 3"))
        standby.openUplink(1, of: Self.publisher)
        let place = ParcelFate.Place(sequence: 2, numbers: 2...3)
        #expect(standby.parcel(2...3, on: 1) == .number([place]))
    }

    @Test func `U6: the table in ROSTER says how far origins are at this place of the stream`() {
        var root = LoneLink.root { $0.options.batchNumberCountMax = 1 }
        root.openUplink(1, of: Self.publisher)
        _ = root.parcel(1...1, on: 1)
        root.welcome("s", on: 1, .first, isMirror: true)
        // The roster is to stand behind number 1; before that can be sent, more is numbered.
        root.link.handleWritable(ChildFeedID(1), false)
        _ = root.parcel(2...3, on: 1)
        _ = root.said()
        root.link.handleWritable(ChildFeedID(1), true)
        let lines = root.said()
        let place = lines.firstIndex(of: "1 < ROSTER s, origins at [1]")
        #expect(place.map { lines[$0 - 1] } == "1 < 1:1-1")
        #expect(place.map { lines[$0 + 1] } == "1 < 1:2-2")
    }

    // MARK: - Ends of epochs

    @Test func `D7: 64 ends are remembered; who comes from further back begins anew`() {
        var root = LoneLink.root()
        _ = root.link.publish(messageCount: 9, octetCount: 90, at: LoneLink.at(1))
        for epoch in UInt64(2)...70 { root.link.state.epochs.begin(epoch, after: 5) }
        // The ends of 6 to 69 are known.
        root.welcome("a", on: 1, LoneLink.after(5, epoch: 6))
        root.welcome("b", on: 2, LoneLink.after(5, epoch: 5))
        let lines = root.said()
        #expect(lines.contains("1 < RESUMED 6:5"))
        #expect(lines.filter { $0.hasPrefix("1 < EPOCH") }.count == 64)
        #expect(lines.contains("2 < RESUMED 70:9"))
        #expect(!lines.contains { $0.hasPrefix("2 < EPOCH") })
    }

    @Test func `D7: who begins anew gives nothing again that its subscribers have had`() {
        var relay = LoneLink.relay("a")
        relay.hear(.origin(index: 0, Self.publisher))
        relay.hearBatch(1...8)
        relay.link.handleLost(ParentLinkID(rawValue: 1), at: LoneLink.at(2))
        relay.link.handleOpened(ParentLinkID(rawValue: 2), at: LoneLink.at(2))
        let resumed = LinkCommand.Resumed(
            isRoot: true,
            root: LinkRoot(node: "r", epoch: 70),
            position: LinkPosition(epoch: 70, number: 6)
        )
        relay.hear(.resumed(resumed), on: 2)
        _ = relay.said()
        relay.hear(.origin(index: 0, Self.publisher), on: 2)
        relay.hearBatch(7...9, epoch: 70, on: 2)
        var repeats: [LinkNumbers] = []
        while let directive = relay.link.nextDirective() {
            if case .deliver(_, let parts) = directive { repeats += parts }
        }
        #expect(repeats == [7...8])
    }

    // MARK: - Beginning

    @Test
    func `A9: who has nothing begins behind what the standbys hold, so that all hangs together`() {
        var root = LoneLink.root { $0.service = ["s"] }
        root.welcome("s", on: 1, .first, isMirror: true)
        _ = root.link.publish(messageCount: 8, octetCount: 80, at: LoneLink.at(1))
        root.tell(.holds(LinkPosition(epoch: 1, number: 5)), on: 1)
        _ = root.said()
        root.welcome("l", on: 2, .now)
        root.tell(.heard(count: 9), on: 1)
        let lines = root.said().filter { $0.hasPrefix("2 <") }
        #expect(lines.contains("2 < RESUMED 1:5"))
        #expect(lines.last == "2 < 1:6-8")
        // A client holds nothing for anybody.
        root.welcome("c", on: 3, .now, .client)
        #expect(root.said().contains("3 < RESUMED 1:8"))
    }

    @Test func `G4: a root's child whose ring begins behind STABLE asks for what is between, once`()
    {
        var relay = LoneLink.relay("a", after: 12)
        relay.hear(.stable(LinkPosition(epoch: 1, number: 8), lowest: 8))
        #expect(relay.said() == ["1 > SYNC 0 from 9"])
        relay.hear(.stable(LinkPosition(epoch: 1, number: 9), lowest: 9))
        #expect(relay.said() == [])
        relay.hear(.stable(LinkPosition(epoch: 1, number: 12), lowest: 9))
        #expect(relay.said() == [])
        // Below another relay there is nothing to ask for.
        var below = LoneLink.relay("b", after: 12, isRoot: false)
        below.hear(.stable(LinkPosition(epoch: 1, number: 8), lowest: 8))
        #expect(below.said() == [])
    }

    // MARK: - Moves

    @Test
    func `A5: what was kept of a move is not handed in when the stream has passed it meanwhile`() {
        var relay = LoneLink.relay("a")
        relay.hear(.origin(index: 0, Self.publisher))
        let hasBegun = relay.link.move(to: "b", at: LoneLink.at(1))
        #expect(hasBegun)
        relay.link.handleOpened(ParentLinkID(rawValue: 2), at: LoneLink.at(1))
        _ = relay.said()
        relay.hear(.origin(index: 0, Self.publisher), on: 2)
        #expect(relay.hearBatch(1...6, on: 2) == .keep)
        relay.hear(.epoch(LinkRoot(node: "r", epoch: 2), first: 7), on: 2)
        relay.hearBatch(1...6)
        relay.hear(.epoch(LinkRoot(node: "r", epoch: 2), first: 7))
        _ = relay.said()
        relay.hear(.stable(LinkPosition(epoch: 2, number: 6), lowest: 6))
        #expect(relay.link.parent == "b")
        let lines = relay.said()
        let forgotten = lines.firstIndex(of: "forget what 2 sent through 2:6")
        let taken = lines.firstIndex(of: "take what 2 sent")
        #expect(forgotten.flatMap { first in taken.map { first < $0 } } == true)
        #expect(relay.hearBatch(7...7, epoch: 2, on: 2) != .ignore)
        #expect(relay.link.position == LinkPosition(epoch: 2, number: 7))
    }

    @Test
    func `A7: a candidate that is not as far as we are becomes the parent, and is heard in peace`()
    {
        var relay = LoneLink.relay("a", isRoot: false)
        relay.hear(.origin(index: 0, Self.publisher))
        _ = relay.link.move(to: "b", at: LoneLink.at(1))
        relay.link.handleOpened(ParentLinkID(rawValue: 2), at: LoneLink.at(1))
        relay.hear(.origin(index: 0, Self.publisher), on: 2)
        // The candidate is behind by three numbers and a root.
        relay.hearBatch(1...3)
        relay.hear(
            .resumed(
                LinkCommand.Resumed(
                    isRoot: false,
                    root: LoneLink.reign,
                    position: LinkPosition(epoch: 1, number: 0)
                )
            ),
            on: 2
        )
        relay.hear(.epoch(LinkRoot(node: "s", epoch: 2), first: 4))
        relay.link.handleLost(ParentLinkID(rawValue: 1), at: LoneLink.at(2))
        #expect(relay.link.parent == "b")
        _ = relay.said()
        #expect(relay.hearBatch(1...5, on: 2) == .ignore)
        #expect(relay.hearBatch(4...4, epoch: 2, on: 2) == .ignore)
        #expect(relay.said().contains("fault a batch of epoch 2 came in 1"))
    }

    // MARK: - A new root

    @Test func `F1: a tail names a child when that has answered, and never a candidate's`() {
        var relay = LoneLink.relay("a") { $0.standbys = ["s"] }
        relay.hear(.origin(index: 0, Self.publisher))
        relay.hearBatch(1...4)
        relay.welcome("l", on: 1, LoneLink.after(2))
        relay.welcome("m", on: 2, LoneLink.after(2), .candidate)
        relay.link.handleLost(ParentLinkID(rawValue: 1), at: LoneLink.at(2))
        relay.link.handleOpened(ParentLinkID(rawValue: 2), at: LoneLink.at(2))
        _ = relay.said()
        relay.hear(.tailFrom(LinkPosition(epoch: 1, number: 4)), on: 2)
        #expect(
            relay.said() == [
                "2 > TAIL ", "2 > ORIGIN", "2 > 1:4-4", "1 < TAIL-FROM nothing", "2 > the end",
            ]
        )
        relay.tellNothing(on: 1)
        #expect(relay.said() == ["2 > TAIL l"])
        relay.tell(.switchOver, on: 2)
        #expect(relay.said() == ["2 < TAIL-FROM nothing"])
        relay.tellNothing(on: 2)
        #expect(relay.said() == ["2 > TAIL m"])
    }

    @Test
    func `F2: a child that is ahead, and is lost before it has told all, is asked when it is back`()
    {
        var relay = LoneLink.relay("a") { $0.standbys = ["s"] }
        relay.link.handleLost(ParentLinkID(rawValue: 1), at: LoneLink.at(2))
        relay.link.handleOpened(ParentLinkID(rawValue: 2), at: LoneLink.at(2))
        relay.welcome("l", on: 1, LoneLink.after(7))
        relay.hear(.tailFrom(LinkPosition(epoch: 1, number: 4)), on: 2)
        #expect(relay.said().suffix(2) == ["2 > TAIL ", "1 < TAIL-FROM 1:4"])
        relay.link.handleFeedLost(ChildFeedID(1), at: LoneLink.at(3))
        #expect(relay.said().last == "2 > the end")
        relay.welcome("l", on: 2, LoneLink.after(7))
        #expect(relay.said().contains("2 < TAIL-FROM 1:4"))
        relay.tellNothing(on: 2)
        #expect(relay.said() == ["2 > TAIL ", "2 > TAIL l"])
    }

    @Test func `F1: nobody waits for a node that a tail names`() {
        var standby = LoneLink.standby()
        standby.hear(.roster(["a", "l"], []))
        let naming = Naming(root: LinkRoot(node: "s", epoch: 2), service: [], dead: ["r"])
        standby.link.handleNamed(naming, at: LoneLink.at(2))
        standby.welcome("a", on: 1, LoneLink.after(0), .orphan(of: "r"))
        _ = standby.said()
        standby.tellNothing(on: 1)
        #expect(!standby.said().contains("root of 2"))
        standby.tellNothing(on: 1, naming: ["l"])
        #expect(standby.said().contains("root of 2"))
    }

    @Test func `H4: who waited for HEARD of the heir is looked at again by a root that goes on`() {
        var root = LoneLink.root { $0.service = ["s"] }
        root.welcome("s", on: 1, .first, isMirror: true)
        root.tell(.holds(LinkPosition(epoch: 1, number: 0)), on: 1)
        _ = root.said()
        root.welcome("l", on: 2, LoneLink.after(0))
        #expect(root.said().contains("2 < HOLD"))
        let hasBegun = root.link.handOver(to: "s", at: LoneLink.at(2))
        #expect(hasBegun)
        root.link.handleFeedLost(ChildFeedID(1), at: LoneLink.at(3))
        let naming = Naming(root: LinkRoot(node: "r", epoch: 2), service: [], dead: ["s"])
        root.link.handleOffice(naming, at: LoneLink.at(4))
        #expect(root.said().contains("2 < RESUMED 1:0"))
    }
}
