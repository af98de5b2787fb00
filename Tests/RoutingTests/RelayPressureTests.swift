import Patterns
import Routing
import Testing

/// Whom a relay stops reading from when queues are full.
@Suite struct RelayPressureTests {
    private static let a = TreeID(0)
    private static let b = TreeID(1)

    /// Root of a, below others in b; both block.
    private static func relay(isBlocking: Bool = true) -> RelayInstance {
        RelayInstance(
            RelaySetup(seats: [
                TreeSeat(name: "a", prefixes: [Array("a".utf8)], isBlocking: isBlocking),
                TreeSeat(
                    name: "b",
                    prefixes: [Array("b".utf8)],
                    isRoot: false,
                    rank: 1,
                    isBlocking: isBlocking
                ),
            ])
        )
    }

    /// With a publisher 1, children's uplinks 2 (of a) and 3 (of b), a feed 4 and an uplink 5.
    private static func connected(isBlocking: Bool = true) -> RelayInstance {
        var relay = relay(isBlocking: isBlocking)
        relay.connected(1, .publisher(nil))
        relay.connected(2, .publisher(LinkClaim(node: "x", tree: "a", rank: 5)))
        relay.connected(3, .publisher(LinkClaim(node: "y", tree: "b", rank: 5)))
        relay.connected(4, .parent(.feed(b)))
        relay.connected(5, .parent(.uplink(b)))
        _ = relay.directives()
        return relay
    }

    @Test func `without a parent it is read until what waits for it is full`() {
        var relay = Self.relay()
        relay.connected(1, .publisher(nil))
        relay.connected(2, .publisher(LinkClaim(node: "x", tree: "a", rank: 5)))
        relay.connected(3, .publisher(LinkClaim(node: "y", tree: "b", rank: 5)))
        #expect(relay.directives() == ["tell 1 all:", "tell 2 all:", "tell 3 all:"])
        relay.handleUplinkQueue(of: Self.b, isFull: true)
        #expect(relay.directives() == ["pause 3", "pause 1"])
        relay.connected(4, .parent(.uplink(Self.b)))
        #expect(relay.directives() == [])
        relay.handleUplinkQueue(of: Self.b, isFull: false)
        #expect(relay.directives() == ["read 3", "read 1"])
    }

    @Test func `a full child of one tree stops nobody of another`() {
        var relay = Self.connected()
        relay.handleQueue(.children(Self.a), isFull: true)
        #expect(relay.directives() == ["pause 2", "pause 1"])
        relay.handleQueue(.children(Self.b), isFull: true)
        #expect(relay.directives() == ["pause 4"])
        relay.handleQueue(.children(Self.a), isFull: false)
        #expect(relay.directives() == ["read 2", "read 1"])
        relay.handleQueue(.children(Self.b), isFull: false)
        #expect(relay.directives() == ["read 4"])
    }

    @Test func `a full subscriber stops every tree on its way down`() {
        var relay = Self.connected()
        relay.handleQueue(.subscribers, isFull: true)
        // What goes up b only passes through.
        #expect(relay.directives() == ["pause 2", "pause 4", "pause 1"])
        relay.handleQueue(.subscribers, isFull: true)
        #expect(relay.directives() == [])
        relay.handleQueue(.subscribers, isFull: false)
        #expect(relay.directives() == ["read 2", "read 4", "read 1"])
    }

    @Test func `a full uplink stops those that fill it`() {
        var relay = Self.connected()
        relay.handleUplinkQueue(of: Self.b, isFull: true)
        #expect(relay.directives() == ["pause 3", "pause 1"])
        // The next connection takes over what waits.
        relay.disconnected(5)
        relay.connected(6, .parent(.uplink(Self.b)))
        #expect(relay.directives() == [])
        relay.handleUplinkQueue(of: Self.b, isFull: false)
        #expect(relay.directives() == ["read 3", "read 1"])
    }

    @Test func `a publisher is read from when no tree holds it back any more`() {
        var relay = Self.connected()
        relay.handleQueue(.children(Self.a), isFull: true)
        relay.handleUplinkQueue(of: Self.b, isFull: true)
        #expect(relay.directives() == ["pause 2", "pause 1", "pause 3"])
        relay.handleQueue(.children(Self.a), isFull: false)
        #expect(relay.directives() == ["read 2"])
        relay.handleUplinkQueue(of: Self.b, isFull: false)
        #expect(relay.directives() == ["read 3", "read 1"])
    }

    @Test func `whoever comes while a queue is full waits like the others`() {
        var relay = Self.connected()
        relay.handleQueue(.subscribers, isFull: true)
        _ = relay.directives()
        relay.connected(9, .publisher(nil))
        relay.connected(10, .parent(.feed(Self.b)))
        #expect(relay.directives() == ["pause 9", "tell 9 all:", "pause 10", "tell 10 all:"])
    }

    @Test func `interest is never held back`() {
        var relay = Self.connected()
        relay.subscriberConnected(20)
        relay.subscriberConnected(21, LinkClaim(node: "x", tree: "a", rank: 5))
        relay.handleQueue(.subscribers, isFull: true)
        relay.handleQueue(.children(Self.a), isFull: true)
        _ = relay.directives()
        for id in [5, 20, 21] { #expect(relay.peer(RelayPeer.ID(UInt64(id)))?.isReading == true) }
    }

    @Test func `trees that drop wait for nobody`() {
        var relay = Self.connected(isBlocking: false)
        relay.handleQueue(.subscribers, isFull: true)
        relay.handleUplinkQueue(of: Self.b, isFull: true)
        relay.handleIslandQueues(of: Self.a, areFull: true)
        relay.disconnected(5)
        #expect(relay.directives() == [])
    }
}
