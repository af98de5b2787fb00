import Routing
import Testing

/// Relays of one tree follow one plan.
@Suite struct PlanIdentityTests {
    private static let tree = TreeID(0)
    private static let old = PlanIdentity(id: "aaaaaaaaaaaaaaaa", epoch: 1)
    private static let new = PlanIdentity(id: "bbbbbbbbbbbbbbbb", epoch: 2)

    private static func relay(_ plan: PlanIdentity?, isRoot: Bool) -> RelayInstance {
        var setup = RelaySetup(seats: [TreeSeat(name: "t", isRoot: isRoot, rank: 3)])
        setup.plan = plan
        return RelayInstance(setup)
    }

    @Test func `a child of another plan is refused with both plans and what to do`() {
        var relay = Self.relay(Self.new, isRoot: true)
        relay.connected(1, .subscriber(LinkClaim(node: "n", tree: "t", rank: 4, plan: Self.old)))
        #expect(
            relay.directives() == [
                "disconnect 1: node n follows plan aaaaaaaaaaaa (epoch 1), and its parent plan bbbbbbbbbbbb (epoch 2); "
                    + "restart the one of epoch 1 with the newer plan"
            ]
        )
        #expect(relay.peer(RelayPeer.ID(1)) == nil)
    }

    @Test func `a parent of another plan is left`() {
        var relay = Self.relay(Self.old, isRoot: false)
        let other = PlanIdentity(id: "cccccccccccccccc", epoch: 1)
        relay.connected(1, .parent(.uplink(Self.tree), plan: other))
        #expect(
            relay.directives() == [
                "disconnect 1: it follows plan cccccccccccc (epoch 1), and this node plan aaaaaaaaaaaa (epoch 1); "
                    + "start both from one plan"
            ]
        )
        #expect(relay.isConnected(Self.tree) == false)
    }

    @Test func `equal plans, and those who have none, are taken`() {
        let same = PlanIdentity(id: Self.old.id, epoch: 9)
        for (ours, theirs) in [(Self.old, same), (nil, same), (Self.old, nil)] {
            var relay = Self.relay(ours, isRoot: true)
            relay.connected(
                1,
                .subscriber(LinkClaim(node: "n", tree: "t", rank: 4, plan: theirs))
            )
            #expect(relay.directives() == ["attach 1 to children of t"])
        }
    }

    @Test func `a publisher and a subscriber of one tree have to do with that tree alone`() {
        var relay = RelayInstance(
            RelaySetup(seats: [
                TreeSeat(name: "md", prefixes: [Array("md.".utf8)]),
                TreeSeat(name: "news", prefixes: [Array("news.".utf8)]),
            ])
        )
        relay.connected(1, .treePublisher(TreeID(0)))
        relay.connected(2, .treeSubscriber(TreeID(1)))
        _ = relay.directives()
        #expect(relay.peer(RelayPeer.ID(1))?.tree == TreeID(0))
        #expect(relay.peer(RelayPeer.ID(2))?.role == .treeSubscriber(TreeID(1)))
        relay.subscriberConnected(3)
        relay.subscribe("", from: 3)
        #expect(relay.directives() == ["tell 1: +md."])
        relay.subscribe("x", from: 1)
        #expect(relay.directives().contains { $0.hasPrefix("disconnect 1") })
    }
}
