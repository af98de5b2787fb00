import Patterns
import Routing
import Testing

/// What publishers are told: the root's branch, or what the parent wants.
@Suite struct DemandTests {
    private static let child = [TreeSeat(name: "t", isRoot: false, rank: 1)]

    @Test func `the root's branch is the demand`() {
        var core = InterestCore(seats: [TreeSeat(name: "t")])
        core.subscribe("a", by: 0)
        core.subscribe("b", by: 1)
        #expect(core.announced() == ["t publishers +a", "t publishers +b"])
        #expect(core.demandTopics() == ["a", "b"])
        #expect(core.isRootOfAny == true)
    }

    @Test func `elsewhere the parent decides, not the own branch`() {
        var core = InterestCore(seats: Self.child)
        core.subscribe("own", by: 0)
        _ = core.announced()
        #expect(core.demandTopics().isEmpty)
        core.handleParentConnected(TreeID(0))
        core.demand("theirs")
        core.demand("theirs")
        #expect(core.announced() == ["t publishers +theirs"])
        core.demand("theirs", isSubscribe: false)
        #expect(core.announced() == ["t publishers -theirs"])
        #expect(core.isRootOfAny == false)
    }

    @Test func `a new parent connection that wants the same changes nothing for publishers`() {
        var core = InterestCore(seats: Self.child)
        core.handleParentConnected(TreeID(0))
        for topic in ["a", "b", "c"] { core.demand(topic) }
        _ = core.announced()
        core.handleParentConnected(TreeID(0))
        #expect(core.announced() == [])
        #expect(core.demandTopics() == ["a", "b", "c"])
        for topic in ["a", "b", "d"] { core.demand(topic) }
        #expect(core.announced() == ["t publishers +d"])
        core.handleDemandSettled(TreeID(0))
        #expect(core.announced() == ["t publishers -c"])
        #expect(core.demandTopics() == ["a", "b", "d"])
    }

    @Test func `a cancellation on the new connection does not touch what the old one said`() {
        var core = InterestCore(seats: Self.child)
        core.handleParentConnected(TreeID(0))
        core.demand("a")
        core.handleParentConnected(TreeID(0))
        core.demand("a")
        core.demand("a", isSubscribe: false)
        _ = core.announced()
        #expect(core.demandTopics() == ["a"])
        core.handleDemandSettled(TreeID(0))
        #expect(core.announced() == ["t publishers -a"])
    }

    @Test func `connections that come faster than they settle leave nothing behind`() {
        var core = InterestCore(seats: Self.child)
        for round in 0..<5 {
            core.handleParentConnected(TreeID(0))
            core.demand("round \(round)")
        }
        #expect(core.demandTopics() == ["round 3", "round 4"])
        core.handleDemandSettled(TreeID(0))
        core.handleDemandSettled(TreeID(0))
        #expect(core.demandTopics() == ["round 4"])
    }

    @Test func `each tree has its own demand`() {
        var core = InterestCore(seats: [
            TreeSeat(name: "a", prefixes: [Array("a.".utf8)], isRoot: false, rank: 1),
            TreeSeat(name: "b", prefixes: [Array("b.".utf8)], isRoot: true),
        ])
        core.demand("a.1", in: 0)
        core.subscribe("", by: 0)
        #expect(core.demandTopics(of: 0) == ["a.1"])
        #expect(core.demandTopics(of: 1) == ["b."])
        #expect(core.demandTopics() == ["a.1", "b."])
        #expect(
            core.announced() == ["a publishers +a.1", "a parent +a.", "b publishers +b."]
        )
    }

    @Test func `one large burst does not keep its memory`() {
        var core = InterestCore(seats: Self.child)
        let long = String(repeating: "x", count: 200)
        for number in 0..<10_000 { core.subscribe("\(long)\(number)", by: 0) }
        #expect(core.announced().count == 10_000)
        core.handleDeparture(of: SubscriberID(0))
        #expect(core.announced().count == 10_000)
        #expect(core.hasAnnouncements == false)
        #expect(core.topicCount == 0)
    }
}
