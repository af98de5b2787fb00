import Patterns
import Routing
import Testing
import Wire

/// Who comes and goes, what they are told, and where messages go.
@Suite struct RelayInstanceTests {
    private static let root = RelaySetup(seats: [TreeSeat(name: "t", rank: 3)])
    private static let child = RelaySetup(seats: [TreeSeat(name: "t", isRoot: false, rank: 3)])

    private static func claim(_ rank: Int, tree: String = "t") -> LinkClaim {
        LinkClaim(node: "n", tree: tree, rank: rank)
    }

    // MARK: - Start

    @Test func `a root waits for others, a child connects to its parent`() {
        var root = RelayInstance(Self.root)
        root.handleStart()
        #expect(root.directives() == [])
        #expect(root.isConnected(TreeID(0)) == true)
        var child = RelayInstance(Self.child)
        child.handleStart()
        #expect(child.directives() == ["connect feed t", "connect uplink t"])
        #expect(child.isConnected(TreeID(0)) == false)
        child.connected(1, .parent(.feed(TreeID(0))))
        #expect(child.isConnected(TreeID(0)) == false)
        child.connected(2, .parent(.uplink(TreeID(0))))
        #expect(child.isConnected(TreeID(0)) == true)
    }

    // MARK: - Links

    @Test func `a relay is taken as a child only when it ranks below`() {
        var relay = RelayInstance(Self.root)
        relay.connected(1, .subscriber(Self.claim(3)))
        relay.connected(2, .publisher(Self.claim(2)))
        #expect(
            relay.directives() == [
                "disconnect 1: node n has rank 3 in tree 't' and cannot be a child of rank 3",
                "disconnect 2: node n has rank 2 in tree 't' and cannot be a child of rank 3",
            ]
        )
        #expect(relay.peer(RelayPeer.ID(1)) == nil && relay.peer(RelayPeer.ID(2)) == nil)
        relay.connected(3, .subscriber(Self.claim(4)))
        #expect(relay.directives() == ["attach 3 to children of t"])
        #expect(relay.peer(RelayPeer.ID(3))?.role == .childFeed(TreeID(0)))
        #expect(relay.peer(RelayPeer.ID(3))?.node == "n")
    }

    @Test func `a refused relay changes nothing, whatever it goes on sending`() {
        var relay = RelayInstance(Self.root)
        relay.connected(1, .subscriber(Self.claim(1)))
        relay.connected(2, .publisher(nil))
        _ = relay.directives()
        relay.subscribe("a", from: 1)
        relay.disconnected(1)
        #expect(relay.directives() == [])
        #expect(relay.interest.topicCount == 0)
    }

    @Test
    func `a tree that is not served here is refused by name, and the name drives no terminal`() {
        var relay = RelayInstance(Self.root)
        relay.connected(1, .publisher(Self.claim(9, tree: "x\u{1b}[2J\n")))
        #expect(
            relay.directives() == [
                "disconnect 1: node n belongs to tree 'x?[2J?', which is not served here"
            ]
        )
    }

    @Test func `a publisher that subscribes is disconnected`() {
        var relay = RelayInstance(Self.child)
        relay.connected(1, .publisher(nil))
        relay.connected(2, .publisher(Self.claim(4)))
        relay.connected(3, .parent(.feed(TreeID(0))))
        _ = relay.directives()
        for id in 1...3 { relay.subscribe("a", from: UInt64(id)) }
        #expect(
            relay.directives()
                == (1...3).map { "disconnect \($0): a publisher sent a subscription" }
        )
        #expect(relay.interest.topicCount == 0)
    }

    @Test func `a subscriber beyond its limit is disconnected, and leaves nothing`() {
        var setup = Self.root
        setup.subscriptionLimit = SubscriptionLimit(topicCount: 2)
        var relay = RelayInstance(setup)
        relay.connected(1, .publisher(nil))
        relay.subscriberConnected(2)
        for topic in ["a", "b", "b", "c", "d"] { relay.subscribe(topic, from: 2) }
        let refusal =
            "a subscriber holds more subscriptions than the limit on their number or octets allows"
        let directives = relay.directives()
        #expect(directives.first == "disconnect 2: \(refusal)")
        #expect(directives.count == 2)
        #expect(relay.interest.topicCount == 0)
        // Until it is gone others may want the same, and are the first.
        relay.subscriberConnected(3)
        relay.subscribe("c", from: 3)
        #expect(relay.directives() == ["tell 1: +c"])
        relay.disconnected(2)
        #expect(relay.directives() == ["detach subscriber 2"])
    }

    // MARK: - Interest

    @Test func `publishers are told all when they come, and then what changes`() {
        var relay = RelayInstance(Self.root)
        relay.subscriberConnected(1)
        relay.subscribe("a", from: 1)
        // News and newcomer in one turn: it hears of it once.
        relay.connected(2, .publisher(nil))
        #expect(relay.directives() == ["tell 2 all: +a"])
        relay.subscribe("b", from: 1)
        relay.connected(3, .publisher(Self.claim(4)))
        #expect(relay.directives() == ["tell 2: +b", "tell 3 all: +a +b"])
        relay.cancel("a", from: 1)
        relay.subscribe("c", from: 1)
        #expect(relay.directives() == ["tell 3: -a +c", "tell 2: -a +c"])
        relay.disconnected(1)
        #expect(relay.directives() == ["detach subscriber 1", "tell 3: -c -b", "tell 2: -c -b"])
    }

    @Test func `the parent is told what is wanted below, and publishers what it wants`() {
        var relay = RelayInstance(Self.child)
        relay.subscriberConnected(1)
        relay.subscribe("below", from: 1)
        #expect(relay.directives() == [])
        relay.connected(2, .parent(.feed(TreeID(0))))
        relay.connected(3, .parent(.uplink(TreeID(0))))
        relay.connected(4, .publisher(nil))
        #expect(relay.directives() == ["tell 2 all: +below", "tell 4 all:"])
        relay.subscribe("above", from: 3)
        relay.subscribe("more", from: 1)
        #expect(relay.directives() == ["tell 2: +more", "tell 4: +above"])
    }

    @Test func `each child hears of its own tree, a plain publisher of all`() {
        var relay = RelayInstance(
            RelaySetup(seats: [
                TreeSeat(name: "a", prefixes: [Array("a".utf8)]),
                TreeSeat(name: "b", prefixes: [Array("b".utf8)]),
            ])
        )
        relay.connected(1, .publisher(nil))
        relay.connected(2, .publisher(Self.claim(1, tree: "a")))
        relay.connected(3, .publisher(Self.claim(1, tree: "b")))
        relay.subscriberConnected(4)
        relay.subscribe("a1", from: 4)
        relay.subscribe("b1", from: 4)
        relay.subscribe("a2", from: 4)
        #expect(relay.directives() == ["tell 2: +a1 +a2", "tell 3: +b1", "tell 1: +a1 +b1 +a2"])
        relay.subscribe("b2", from: 4)
        #expect(relay.directives() == ["tell 3: +b2", "tell 1: +b2"])
    }

    @Test func `recipients that go leave the others their places`() {
        var relay = RelayInstance(Self.root)
        for id in 1...5 { relay.connected(UInt64(id), .publisher(nil)) }
        relay.disconnected(1)
        relay.disconnected(5)
        relay.disconnected(3)
        relay.disconnected(3)
        relay.subscriberConnected(9)
        relay.subscribe("a", from: 9)
        #expect(relay.directives() == ["tell 4, 2: +a"])
        relay.disconnected(4)
        relay.disconnected(2)
        relay.subscribe("b", from: 9)
        #expect(relay.directives() == [])
        relay.connected(6, .publisher(nil))
        #expect(relay.directives() == ["tell 6 all: +a +b"])
    }

    // MARK: - Time

    @Test func `what only the old parent wanted goes when the new one has had its time`() {
        var relay = RelayInstance(Self.child)
        relay.connected(1, .publisher(nil))
        relay.connected(2, .parent(.uplink(TreeID(0))), at: 10)
        #expect(relay.deadline == .seconds(12))
        relay.subscribe("old", from: 2)
        relay.subscribe("both", from: 2)
        _ = relay.directives()
        relay.handleTimeout(at: .seconds(12))
        #expect(relay.deadline == nil)
        relay.disconnected(2)
        relay.connected(3, .parent(.uplink(TreeID(0))), at: 20)
        relay.subscribe("both", from: 3)
        #expect(relay.directives() == [])
        relay.handleTimeout(at: .seconds(21))
        #expect(relay.directives() == [])
        relay.handleTimeout(at: .seconds(22))
        #expect(relay.directives() == ["tell 1: -old"])
        #expect(relay.deadline == nil)
    }

    @Test func `a parent that goes before its time is up is not waited for`() {
        var relay = RelayInstance(Self.child)
        relay.connected(1, .parent(.uplink(TreeID(0))), at: 10)
        relay.subscribe("a", from: 1)
        relay.disconnected(1)
        #expect(relay.deadline == nil)
        relay.connected(2, .publisher(nil))
        #expect(relay.directives() == ["tell 2 all: +a"])
    }

    @Test func `a connection that was replaced takes nothing with it`() {
        var relay = RelayInstance(Self.child)
        relay.connected(1, .parent(.uplink(TreeID(0))), at: 10)
        relay.connected(2, .parent(.uplink(TreeID(0))), at: 11)
        relay.subscribe("late", from: 1)
        relay.disconnected(1)
        #expect(relay.destination(in: TreeID(0)) == .up(RelayPeer.ID(2)))
        #expect(relay.deadline == .seconds(13))
        relay.connected(3, .publisher(nil))
        #expect(relay.directives() == ["tell 3 all:"])
    }

    // MARK: - Messages

    @Test func `messages go down at the root, elsewhere up while there is a parent`() {
        let root = RelayInstance(Self.root)
        #expect(root.destination(in: TreeID(0)) == .down)
        var child = RelayInstance(Self.child)
        #expect(child.destination(in: TreeID(0)) == .nowhere)
        child.connected(7, .parent(.uplink(TreeID(0))))
        #expect(child.destination(in: TreeID(0)) == .up(RelayPeer.ID(7)))
        child.disconnected(7)
        #expect(child.destination(in: TreeID(0)) == .nowhere)
    }
}
