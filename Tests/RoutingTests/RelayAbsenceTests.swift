import Patterns
import Routing
import Testing

/// What becomes of a child whose connection ends, in a tree that blocks.
@Suite struct RelayAbsenceTests {
    private static let tree = TreeID(0)
    private static let child = LinkClaim(node: "x", tree: "t", rank: 5)

    /// A root with a publisher 1 and a child whose feed is 2, as subscriber 2, which wants "a" and "b".
    private static func root(
        isBlocking: Bool = true,
        absenceMax: Duration? = .seconds(60)
    ) -> RelayInstance {
        var relay = RelayInstance(
            RelaySetup(seats: [
                TreeSeat(name: "t", isBlocking: isBlocking, absenceMax: absenceMax)
            ])
        )
        relay.connected(1, .publisher(nil))
        relay.subscriberConnected(2, child)
        relay.subscribe("a", from: 2)
        relay.subscribe("b", from: 2)
        _ = relay.directives()
        return relay
    }

    @Test func `its wishes count on, and it comes back as the same subscriber`() {
        var relay = Self.root()
        relay.disconnected(2, at: 10)
        #expect(relay.directives() == ["report x of t away, kept for 60.0 seconds"])
        relay.connected(3, .subscriber(Self.child), at: 20)
        #expect(relay.directives() == ["resume subscriber 2 at 3"])
        // Said again: nothing new for anybody.
        relay.subscribe("a", from: 3)
        #expect(relay.directives() == [])
        relay.subscribe("c", from: 3)
        #expect(relay.directives() == ["tell 1: +c"])
        #expect(relay.deadline == .seconds(22))
        relay.handleTimeout(at: .seconds(22))
        #expect(relay.directives() == ["tell 1: -b"])
        #expect(relay.deadline == nil)
        relay.cancel("a", from: 3)
        #expect(relay.directives() == ["tell 1: -a"])
    }

    @Test func `what it cancels before it has said all is cancelled`() {
        var relay = Self.root()
        relay.disconnected(2, at: 10)
        relay.connected(3, .subscriber(Self.child), at: 20)
        _ = relay.directives()
        relay.cancel("a", from: 3)
        #expect(relay.directives() == ["tell 1: -a"])
        relay.subscribe("b", from: 3)
        relay.handleTimeout(at: .seconds(22))
        #expect(relay.directives() == [])
    }

    @Test func `one that stays away is given up`() {
        var relay = Self.root()
        relay.disconnected(2, at: 10)
        _ = relay.directives()
        #expect(relay.deadline == .seconds(70))
        relay.handleTimeout(at: .seconds(70))
        #expect(relay.directives() == ["give up x of t, subscriber 2", "tell 1: -a -b"])
        relay.connected(3, .subscriber(Self.child), at: 80)
        #expect(relay.directives() == ["attach 3 to children of t"])
    }

    @Test func `without a limit it is waited for without end`() {
        var relay = Self.root(absenceMax: nil)
        relay.disconnected(2, at: 10)
        #expect(relay.directives() == ["report x of t away, kept for ever"])
        #expect(relay.deadline == nil)
        relay.handleTimeout(at: .seconds(1_000_000))
        #expect(relay.directives() == [])
    }

    @Test func `a new connection supersedes one that nobody knows to be dead`() {
        var relay = Self.root()
        relay.connected(3, .subscriber(Self.child), at: 20)
        #expect(
            relay.directives() == [
                "report x of t away, kept for 60.0 seconds",
                "disconnect 2: node x has connected anew", "resume subscriber 2 at 3",
            ]
        )
        // Its end is told later, and means nothing any more.
        relay.disconnected(2, at: 21)
        #expect(relay.directives() == [])
        #expect(relay.interest.topicCount == 2)
    }

    @Test func `where nothing blocks, it is gone at once`() {
        var relay = Self.root(isBlocking: false)
        relay.disconnected(2, at: 10)
        #expect(relay.directives() == ["detach subscriber 2", "tell 1: -a -b"])
        relay.connected(3, .subscriber(Self.child), at: 20)
        #expect(relay.directives() == ["attach 3 to children of t"])
    }

    @Test func `a plain subscriber is not waited for`() {
        var relay = Self.root()
        relay.subscriberConnected(7)
        relay.subscribe("z", from: 7)
        _ = relay.directives()
        relay.disconnected(7, at: 10)
        #expect(relay.directives() == ["detach subscriber 7", "tell 1: -z"])
    }
}
