import Patterns
import Routing
import Simulation
import Testing

@Suite struct InterestCoreTests {
    /// `""` at tree all, `"md."` at tree md, `"md.fx."` at tree fx: they overlap.
    private static func overlapping(isRoot: Bool) -> [TreeSeat] {
        [("all", ""), ("md", "md."), ("fx", "md.fx.")].map { name, prefix in
            TreeSeat(name: name, prefixes: [Array(prefix.utf8)], isRoot: isRoot, rank: 1)
        }
    }

    // MARK: - Trees

    @Test func `the longest prefix wins`() {
        let core = InterestCore(seats: Self.overlapping(isRoot: true))
        #expect(core.treeName(of: "") == "all")
        #expect(core.treeName(of: "md") == "all")
        #expect(core.treeName(of: "md.") == "md")
        #expect(core.treeName(of: "md.fx") == "md")
        #expect(core.treeName(of: "md.fx.") == "fx")
        #expect(core.treeName(of: "md.fx.eurusd") == "fx")
        #expect(core.treeName(of: "weather") == "all")
        #expect(core.onlyTree == nil)
    }

    @Test func `the order of the seats does not matter`() {
        let core = InterestCore(seats: Self.overlapping(isRoot: true).reversed())
        #expect(core.treeName(of: "md.fx.eurusd") == "fx")
        #expect(core.treeName(of: "md.eq") == "md")
        #expect(core.treeName(of: "x") == "all")
    }

    @Test func `a topic of no tree has none`() {
        var core = InterestCore(seats: [TreeSeat(name: "md", prefixes: [Array("md.".utf8)])])
        #expect(core.treeName(of: "weather") == nil)
        #expect(core.treeName(of: "md") == nil)
        #expect(core.onlyTree == nil)
        core.subscribe("weather", by: 0)
        #expect(core.hasAnnouncements == false)
        #expect(core.topicCount == 0)
    }

    @Test func `one tree for everything needs no look at the topic`() {
        let core = InterestCore(seats: [TreeSeat(name: "only")])
        #expect(core.onlyTree == TreeID(0))
    }

    @Test func `a tree may have several prefixes`() {
        var core = InterestCore(seats: [
            TreeSeat(name: "rest"),
            TreeSeat(name: "two", prefixes: [Array("a.".utf8), Array("b.".utf8)]),
        ])
        #expect(core.treeName(of: "a.1") == "two")
        #expect(core.treeName(of: "b.1") == "two")
        #expect(core.treeName(of: "c.1") == "rest")
        core.subscribe("", by: 0)
        #expect(core.branchTopics(of: 0) == [""])
        #expect(core.branchTopics(of: 1) == ["a.", "b."])
    }

    // MARK: - Narrowing

    @Test func `a subscription is narrowed to the prefix of each tree it reaches into`() {
        var core = InterestCore(seats: Self.overlapping(isRoot: false))
        core.subscribe("md", by: 0)
        #expect(core.announced() == ["all parent +md", "md parent +md.", "fx parent +md.fx."])
        core.subscribe("md.fx.eur", by: 0)
        #expect(core.announced() == ["fx parent +md.fx.eur"])
        core.subscribe("weather", by: 0)
        #expect(core.announced() == ["all parent +weather"])
    }

    @Test func `no topic is in two trees`() {
        var core = InterestCore(seats: Self.overlapping(isRoot: true))
        for topic in ["", "m", "md", "md.", "md.f", "md.fx.", "md.fx.eur", "x"] {
            core.subscribe(topic, by: 0)
        }
        let trees = (0..<3).map { Set(core.branchTopics(of: $0)) }
        #expect(trees[0].isDisjoint(with: trees[1]))
        #expect(trees[0].isDisjoint(with: trees[2]))
        #expect(trees[1].isDisjoint(with: trees[2]))
        for (tree, topics) in trees.enumerated() {
            for topic in topics {
                #expect(core.treeName(of: topic) == core.seat(TreeID(tree)).name)
            }
        }
        // What a plain publisher is told is the union, each topic once.
        #expect(core.demandTopics() == trees.flatMap { $0 }.sorted())
    }

    @Test func `subscriptions that narrow to one topic are counted together`() {
        var core = InterestCore(seats: Self.overlapping(isRoot: false))
        core.subscribe("", by: 0)
        core.subscribe("md", by: 0)
        core.subscribe("md.", by: 0)
        #expect(
            core.announced() == [
                "all parent +", "md parent +md.", "fx parent +md.fx.", "all parent +md",
            ]
        )
        core.cancel("md.", by: 0)
        core.cancel("", by: 0)
        #expect(core.announced() == ["all parent -"])
        core.cancel("md", by: 0)
        #expect(core.announced() == ["all parent -md", "md parent -md.", "fx parent -md.fx."])
        #expect(core.topicCount == 0)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `what is held of narrowed subscriptions follows from what was asked for`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var core = InterestCore(seats: Self.overlapping(isRoot: true))
        let topics = ["", "m", "md", "md.", "md.f", "md.fx.", "md.fx.eur", "w"]
        let prefixes = ["", "md.", "md.fx."]
        var asked: [Set<String>] = [[], [], []]
        for _ in 0..<400 {
            let subscriber = Int.random(in: 0..<3, using: &generator)
            let topic = topics[Int.random(in: 0..<topics.count, using: &generator)]
            switch Int.random(in: 0..<20, using: &generator) {
            case 0:
                core.handleDeparture(of: SubscriberID(UInt32(subscriber)))
                asked[subscriber] = []
            case 1..<10:
                core.subscribe(topic, by: UInt32(subscriber))
                asked[subscriber].insert(topic)
            default:
                core.cancel(topic, by: UInt32(subscriber))
                asked[subscriber].remove(topic)
            }
            for (tree, prefix) in prefixes.enumerated() {
                let deeper = prefixes[(tree + 1)...]
                let places = asked.joined().compactMap { topic -> String? in
                    if prefix.hasPrefix(topic) { return prefix }
                    let isHere = topic.hasPrefix(prefix) && !deeper.contains { topic.hasPrefix($0) }
                    return isHere ? topic : nil
                }
                #expect(core.branchTopics(of: tree) == Set(places).sorted(), "seed \(seed)")
            }
        }
    }

    @Test(arguments: ["md", "md.", "md.fx."])
    func `a cancellation of what is not held takes nothing from a wider subscription`(
        topic: String
    ) {
        var core = InterestCore(seats: Self.overlapping(isRoot: false))
        core.subscribe("", by: 0)
        core.subscribe(topic, by: 1)
        _ = core.announced()
        core.cancel(topic, by: 0)
        core.cancel(topic, by: 0)
        #expect(core.announced() == [])
        core.handleDeparture(of: SubscriberID(1))
        #expect(core.branchTopics(of: 0) == [""])
        #expect(core.branchTopics(of: 1) == ["md."])
        #expect(core.branchTopics(of: 2) == ["md.fx."])
    }

    @Test func `a child's subscription is held in its tree as it stands`() {
        var core = InterestCore(seats: Self.overlapping(isRoot: true))
        core.subscribe("md.", by: 0, in: TreeID(1))
        #expect(core.announced() == ["md publishers +md."])
        #expect(core.branchTopics(of: 2).isEmpty)
    }

    // MARK: - Counting

    @Test func `only a topic's first holder and its last cancellation are told`() {
        var core = InterestCore(seats: [TreeSeat(name: "t", isRoot: false)])
        core.subscribe("a", by: 0)
        core.subscribe("a", by: 1)
        core.subscribe("a", by: 1)
        #expect(core.announced() == ["t parent +a"])
        core.cancel("a", by: 0)
        core.cancel("b", by: 1)
        #expect(core.announced() == [])
        // Once, though it was asked for twice: libzmq sends every subscription and only the last cancellation.
        core.cancel("a", by: 1)
        #expect(core.announced() == ["t parent -a"])
        core.cancel("a", by: 1)
        #expect(core.announced() == [])
    }

    @Test func `a departure takes back what only the departed held`() {
        var core = InterestCore(seats: Self.overlapping(isRoot: false))
        core.subscribe("md", by: 0)
        core.subscribe("md", by: 0)
        core.subscribe("md.", by: 1)
        _ = core.announced()
        core.handleDeparture(of: SubscriberID(0))
        #expect(core.announced() == ["all parent -md"])
        #expect(core.subscriptionCount(of: SubscriberID(0)) == 0)
        #expect(core.subscriptionCount(of: SubscriberID(1)) == 2)
        core.handleDeparture(of: SubscriberID(0))
        #expect(core.announced() == [])
        core.handleDeparture(of: SubscriberID(1))
        #expect(core.announced() == ["md parent -md.", "fx parent -md.fx."])
        #expect(core.topicCount == 0)
    }

    @Test func `messages go to whoever subscribed to a beginning of the topic`() {
        var core = InterestCore(seats: Self.overlapping(isRoot: true))
        core.subscribe("", by: 0)
        core.subscribe("md.fx.", by: 1)
        core.subscribe("md.eq.", by: 2)
        core.subscribe("md.fx.eur", by: 3, in: TreeID(2))
        func receivers(_ topic: String) -> [UInt32] {
            let bytes = Array(topic.utf8)
            guard let tree = bytes.withUnsafeBytes({ core.tree(of: $0) }) else { return [] }
            return core.receivers(of: bytes, in: tree).map(\.rawValue)
        }
        #expect(receivers("md.fx.eurusd") == [0, 1, 3])
        #expect(receivers("md.fx.gbp") == [0, 1])
        #expect(receivers("md.eq.sie") == [0, 2])
        #expect(receivers("weather") == [0])
    }
}
