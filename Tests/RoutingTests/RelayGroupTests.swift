import Patterns
import Routing
import Testing
import Wire

/// What a relay serves and hears by multicast, under virtual time.
@Suite struct RelayGroupTests {
    private static let tree = TreeID(0)
    private static let group = GroupID(0)

    /// Hears its parent by group 0, and a publisher of the tree by group 1.
    private static func member(isBlocking: Bool = false) -> RelayInstance {
        var setup = RelaySetup(seats: [
            TreeSeat(name: "t", isRoot: false, rank: 1, isBlocking: isBlocking)
        ])
        setup.groups = [
            .init(tree: tree, purpose: .parent), .init(tree: tree, purpose: .publisher),
        ]
        return RelayInstance(setup)
    }

    private static func started(isBlocking: Bool = false) -> RelayInstance {
        var relay = member(isBlocking: isBlocking)
        relay.handleStart()
        _ = relay.directives()
        relay.connected(1, .parent(.uplink(tree)), at: 0)
        _ = relay.directives()
        // The parent has said what it wants.
        relay.handleTimeout(at: .seconds(2))
        return relay
    }

    @Test func `a member joins in place of a feed`() {
        var relay = Self.member()
        relay.handleStart()
        #expect(relay.directives() == ["join group 0", "join group 1", "connect uplink t"])
        relay.connected(1, .parent(.uplink(Self.tree)))
        #expect(relay.isConnected(Self.tree) == false)
        relay.handleSources(count: 1, of: Self.group, at: .seconds(1))
        #expect(relay.isConnected(Self.tree) == true)
    }

    @Test func `a head asks for all that its tree carries`() {
        var setup = RelaySetup(seats: [
            TreeSeat(
                name: "t",
                prefixes: [Array("a".utf8), Array("b".utf8)],
                isRoot: false,
                rank: 1
            )
        ])
        setup.islands = [Self.tree]
        var relay = RelayInstance(setup)
        relay.handleStart()
        #expect(relay.directives() == ["open island 0", "connect feed t", "connect uplink t"])
        relay.handleIslandOpened(IslandID(0), as: SubscriberID(0))
        relay.connected(1, .parent(.feed(Self.tree)))
        #expect(relay.directives() == ["tell 1 all: +a +b"])
    }

    // MARK: - Silence

    @Test func `a parent that is connected and never heard is taken over TCP`() {
        var relay = Self.started()
        #expect(relay.deadline == .seconds(10))
        relay.handleTimeout(at: .seconds(9))
        #expect(relay.directives() == [])
        relay.handleTimeout(at: .seconds(10))
        #expect(
            relay.directives() == ["leave group 0", "report group 0 over TCP", "connect feed t"]
        )
        #expect(relay.group(Self.group).phase == .tcp)
        #expect(relay.group(Self.group).lossCount == 0)
        #expect(relay.deadline == nil)
    }

    @Test func `who does not read a group does not take it for silent`() {
        var relay = Self.started(isBlocking: true)
        relay.handleQueue(.subscribers, isFull: true)
        #expect(relay.directives() == ["pause group 0"])
        for second in [10, 20, 30] as [Int64] {
            relay.handleTimeout(at: .seconds(second))
            #expect(relay.directives() == [])
        }
        relay.handleQueue(.subscribers, isFull: false)
        #expect(relay.directives() == ["read group 0"])
        // For some of these ten seconds it was not read.
        relay.handleTimeout(at: .seconds(40))
        #expect(relay.directives() == [])
        relay.handleTimeout(at: .seconds(50))
        #expect(relay.group(Self.group).phase == .tcp)
    }

    @Test func `nothing is given up while the parent is away`() {
        var relay = Self.started()
        relay.disconnected(1)
        #expect(relay.deadline == nil)
        relay.handleTimeout(at: .seconds(100))
        #expect(relay.directives() == [])
        relay.connected(2, .parent(.uplink(Self.tree)), at: 100)
        relay.handleTimeout(at: .seconds(102))
        #expect(relay.deadline == .seconds(110))
    }

    @Test func `a source that goes has ten seconds of its own`() {
        var relay = Self.started()
        relay.handleSources(count: 1, of: Self.group, at: .seconds(5))
        #expect(relay.deadline == nil)
        _ = relay.handleRun(messageCount: 3, byteCount: 30, from: Self.group)
        relay.handleSources(count: 0, of: Self.group, at: .seconds(9))
        #expect(relay.directives() == ["report silence of group 0"])
        // Ten seconds after the parent connected somebody else's watch would have ended.
        relay.handleTimeout(at: .seconds(10))
        #expect(relay.directives() == [])
        #expect(relay.deadline == .seconds(19))
        relay.handleTimeout(at: .seconds(19))
        #expect(
            relay.directives() == [
                "leave group 0", "report group 0 over TCP, with a loss", "connect feed t",
            ]
        )
        #expect(relay.group(Self.group).lossCount == 1)
    }

    @Test func `a source that comes back in time is heard again`() {
        var relay = Self.started()
        relay.handleSources(count: 1, of: Self.group, at: .seconds(5))
        relay.handleSources(count: 0, of: Self.group, at: .seconds(9))
        relay.handleSources(count: 1, of: Self.group, at: .seconds(18))
        #expect(relay.deadline == nil)
        #expect(relay.group(Self.group).phase == .receiving)
    }

    @Test func `a second source of a parent's group is reported`() {
        var relay = Self.started()
        relay.handleSources(count: 1, of: Self.group, at: .seconds(3))
        relay.handleSources(count: 2, of: Self.group, at: .seconds(3))
        #expect(relay.directives() == ["report 2 sources of group 0"])
        relay.handleSources(count: 2, of: GroupID(1), at: .seconds(3))
        #expect(relay.directives() == [])
    }

    @Test func `what a left group still says changes nothing`() {
        var relay = Self.started()
        relay.handleTimeout(at: .seconds(10))
        _ = relay.directives()
        relay.handleSources(count: 1, of: Self.group, at: .seconds(11))
        relay.handleSources(count: 0, of: Self.group, at: .seconds(12))
        #expect(relay.directives() == [])
        #expect(relay.group(Self.group).phase == .tcp)
        #expect(relay.deadline == nil)
    }

    @Test func `a publisher's group that falls silent is only reported`() {
        var relay = Self.started()
        relay.handleSources(count: 1, of: Self.group, at: .seconds(3))
        relay.handleSources(count: 1, of: GroupID(1), at: .seconds(3))
        relay.handleSources(count: 0, of: GroupID(1), at: .seconds(4))
        #expect(relay.directives() == ["report silence of group 1"])
        #expect(relay.deadline == nil)
    }

    // MARK: - Pressure

    @Test func `groups are paused like the connections they stand for`() {
        var relay = Self.started(isBlocking: true)
        relay.handleQueue(.subscribers, isFull: true)
        #expect(relay.directives() == ["pause group 0"])
        relay.handleUplinkQueue(of: Self.tree, isFull: true)
        #expect(relay.directives() == ["pause group 1"])
        relay.handleQueue(.subscribers, isFull: false)
        #expect(relay.directives() == ["read group 0"])
    }

    @Test func `a publisher's group is read before there is a parent`() {
        var relay = Self.member(isBlocking: true)
        relay.handleStart()
        #expect(
            relay.directives() == [
                "join group 0", "join group 1", "connect uplink t",
            ]
        )
    }

    @Test func `a full island stops its tree`() {
        var setup = RelaySetup(seats: [TreeSeat(name: "t", isBlocking: true)])
        setup.islands = [Self.tree]
        var relay = RelayInstance(setup)
        relay.connected(1, .publisher(nil))
        _ = relay.directives()
        relay.handleIslandQueues(of: Self.tree, areFull: true)
        #expect(relay.directives() == ["pause 1"])
        relay.handleIslandQueues(of: Self.tree, areFull: false)
        #expect(relay.directives() == ["read 1"])
    }
}
