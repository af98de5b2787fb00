import Vocabulary
import Patterns
import RouterNode
import Testing
import Topology
import TreeBuilder

@Suite struct PlannedConfigurationTests {
    @Test func `a node has a seat in every tree that holds it`() throws {
        let configuration = try RelayConfiguration.planned("b", in: plan())
        #expect(configuration.name == "b")
        #expect(configuration.publishers == .init("tcp://127.0.0.1:2001"))
        #expect(configuration.subscribers == .init("tcp://127.0.0.1:2002"))
        #expect(configuration.control == .init(bind: "127.0.0.1:2003"))
        #expect(configuration.seats.map(\.tree) == ["news", "markets"])
        let news = configuration.seats[0]
        #expect(news.topics == ["news."])
        #expect(news.rank == 1)
        #expect(news.parent?.name == "a")
        #expect(news.parent?.publishersEndpoint == "tcp://127.0.0.1:1001")
        #expect(news.parent?.subscribersEndpoint == "tcp://127.0.0.1:1002")
        #expect(configuration.seats[1].parent == nil)
    }

    @Test func `overflow: the node's, else the tree's, else the command's`() throws {
        var plan = plan()
        func policies() throws -> [OverflowPolicy] {
            try RelayConfiguration.planned("b", in: plan, overflow: .disconnect).seats.map(
                \.overflow
            )
        }
        #expect(try policies() == [.block, .disconnect])
        plan.nodes[1].overflow = .dropOldest
        #expect(try policies() == [.dropOldest, .dropOldest])
    }

    @Test
    func `stall: the node's, else the tree's, else the command's, else what the policy needs`()
        throws
    {
        var plan = plan()
        func stalls(_ option: StallTimeout? = nil) throws -> [String] {
            var configuration = try RelayConfiguration.planned("b", in: plan)
            configuration.stall = option
            return configuration.seats.map { configuration.stall(of: $0).description }
        }
        // The first tree blocks, the second drops.
        #expect(try stalls() == ["60s", "never"])
        #expect(try stalls(.after(.seconds(5))) == ["5s", "5s"])
        plan.trees[1].stall = .after(.seconds(7))
        #expect(try stalls(.never) == ["never", "7s"])
        plan.nodes[1].stall = .after(.seconds(9))
        #expect(try stalls(.never) == ["9s", "9s"])
    }

    @Test func `a root needs no endpoints of its own, a parent does`() throws {
        var plan = plan()
        plan.nodes[0].publishersEndpoint = nil
        plan.nodes[0].subscribersEndpoint = nil
        plan.nodes[0].controlEndpoint = nil
        plan.trees.removeLast()
        let root = try RelayConfiguration.planned("a", in: plan)
        #expect(root.publishers == .init("tcp://127.0.0.1:*"))
        #expect(root.subscribers == .init("tcp://127.0.0.1:*"))
        #expect(root.control == .init(bind: "127.0.0.1:0"))
        let error = #expect(throws: ConfigurationError.self) {
            try RelayConfiguration.planned("b", in: plan)
        }
        #expect(error?.message.contains("its parent 'a', which has no endpoints") == true)
    }

    @Test func `a plan that was tampered with is refused`() throws {
        #expect(throws: ConfigurationError.self) { try RelayConfiguration.planned("c", in: plan()) }
        var looped = plan()
        looped.trees[0].nodes[1].rank = 0
        #expect(throws: ConfigurationError.self) { try RelayConfiguration.planned("b", in: looped) }
        var orphaned = plan()
        orphaned.trees[0].nodes[1].parent = "nobody"
        #expect(throws: ConfigurationError.self) {
            try RelayConfiguration.planned("b", in: orphaned)
        }
        var treeless = plan()
        treeless.trees = []
        #expect(throws: ConfigurationError.self) {
            try RelayConfiguration.planned("b", in: treeless)
        }
    }

    @Test func `a node binds one place and tells another`() throws {
        var plan = plan()
        plan.nodes[0].bind = .init(publishers: "tcp://*:7001", control: "10.0.0.5:7003")
        var node = try RelayConfiguration.planned("a", in: plan)
        #expect(
            node.publishers.listening == [
                .init(bind: "tcp://*:7001", advertise: "tcp://127.0.0.1:1001")
            ]
        )
        #expect(node.subscribers == .init("tcp://127.0.0.1:1002"))
        #expect(node.control == .init(bind: "10.0.0.5:7003", advertise: "127.0.0.1:1003"))
        // Its child is told what everybody is told.
        let child = try RelayConfiguration.planned("b", in: plan)
        #expect(child.seats[0].parent?.publishersEndpoint == "tcp://127.0.0.1:1001")
        node.bind(at: "fd00::7")
        #expect(
            node.publishers.listening == [
                .init(bind: "tcp://[fd00::7]:7001", advertise: "tcp://127.0.0.1:1001")
            ]
        )
        #expect(
            node.subscribers.listening == [
                .init(bind: "tcp://[fd00::7]:1002", advertise: "tcp://127.0.0.1:1002")
            ]
        )
        #expect(node.control == .init(bind: "[fd00::7]:7003", advertise: "127.0.0.1:1003"))
        // A wildcard tells nobody anything.
        var lone = RelayConfiguration.lone(
            publishersEndpoint: "tcp://*:6001",
            subscribersEndpoint: "ipc:///run/relay"
        )
        lone.bind(at: "eth1")
        #expect(lone.publishers == .init("tcp://eth1:6001"))
        #expect(lone.subscribers == .init("ipc:///run/relay"))
    }

    @Test func `a bound publisher feeds a tree and a bound subscriber is served`() throws {
        var plan = plan()
        plan.trees[1].feeds = [
            FeedPlan(node: "b", endpoint: "epgm://eth0;239.2.2.2:7600"),
            FeedPlan(node: "b", endpoint: "tcp://10.0.0.5:5556"),
        ]
        plan.trees[1].sinks = [FeedPlan(node: "a", endpoint: "ipc:///run/sink")]
        let fed = try RelayConfiguration.planned("b", in: plan).seats[1]
        #expect(fed.publisherFeeds == ["epgm://eth0;239.2.2.2:7600"])
        #expect(fed.dialledPublishers == ["tcp://10.0.0.5:5556"] && fed.dialledSubscribers.isEmpty)
        let server = try RelayConfiguration.planned("a", in: plan).seats[1]
        #expect(server.dialledSubscribers == ["ipc:///run/sink"])
    }

    @Test func `plans that decide the same are one plan, whatever else they say`() throws {
        let identity = PlanIdentity(plan())
        #expect(identity.id.count == 32 && identity.epoch == 1)
        var same = plan()
        same.epoch = 4
        same.nodes[0].label = "A"
        same.nodes[0].bind.publishers = "tcp://*:1001"
        same.trees[0].radiusMs = 1.0000001
        #expect(PlanIdentity(same) == PlanIdentity(id: identity.id, epoch: 4))
        var others = [plan(), plan(), plan(), plan(), plan()]
        others[0].trees[0].nodes[1].rank = 2
        others[1].trees[0].nodes[1].parent = nil
        others[2].trees[0].topics = ["new."]
        others[3].nodes[0].subscribersEndpoint = "tcp://127.0.0.1:9"
        others[4].trees[1].feeds = [FeedPlan(node: "a", endpoint: "tcp://10.0.0.5:5556")]
        #expect(Set(others.map { PlanIdentity($0).id } + [identity.id]).count == 6)
        #expect(try RelayConfiguration.planned("a", in: plan()).planIdentity == identity)
    }

    @Test func `an island gives its head a group to serve, and its members a feed`() throws {
        var plan = plan()
        plan.trees[0].islands = [
            IslandPlan(
                segment: "lan",
                carriage: .multicast,
                reason: "",
                head: "a",
                members: ["b"],
                transport: .epgm,
                group: "239.1.1.1:7500",
                rateBps: 5e6,
                interfaces: [.init(node: "a", interface: "eth1")]
            ),
            IslandPlan(segment: "wan", carriage: .tcp, reason: ""),
        ]
        plan.trees[0].nodes[1].segment = "lan"
        plan.trees[1].feeds = [FeedPlan(node: "b", endpoint: "epgm://eth0;239.2.2.2:7600")]
        let head = try RelayConfiguration.planned("a", in: plan)
        #expect(
            head.seats[0].islands == [
                .init(
                    segment: "lan",
                    endpoint: "epgm://eth1;239.1.1.1:7500",
                    rateBitsPerSecond: 5e6
                )
            ]
        )
        #expect(head.seats[0].feed == nil && head.seats[1].islands.isEmpty)
        let member = try RelayConfiguration.planned("b", in: plan)
        #expect(member.seats[0].feed == .init(segment: "lan", endpoint: "epgm://239.1.1.1:7500"))
        #expect(member.seats[0].parent?.name == "a" && member.seats[0].islands.isEmpty)
        #expect(member.seats[1].publisherFeeds == ["epgm://eth0;239.2.2.2:7600"])
        plan.trees[0].islands[0].members = []
        let error = #expect(throws: ConfigurationError.self) {
            try RelayConfiguration.planned("b", in: plan)
        }
        #expect(error?.message.contains("hears segment 'lan'") == true)
    }

    /// Two nodes, each the root of a tree.
    private func plan() -> Plan {
        Plan(
            name: "pair",
            nodes: [
                PlanNode(
                    id: "a",
                    label: "a",
                    publishersEndpoint: "tcp://127.0.0.1:1001",
                    subscribersEndpoint: "tcp://127.0.0.1:1002",
                    controlEndpoint: "127.0.0.1:1003"
                ),
                PlanNode(
                    id: "b",
                    label: "b",
                    publishersEndpoint: "tcp://127.0.0.1:2001",
                    subscribersEndpoint: "tcp://127.0.0.1:2002",
                    controlEndpoint: "127.0.0.1:2003"
                ),
            ],
            trees: [
                tree("news", topics: ["news."], overflow: .block, root: "a", leaf: "b"),
                tree("markets", topics: ["market."], overflow: nil, root: "b", leaf: "a"),
            ]
        )
    }

    private func tree(
        _ name: String,
        topics: [String],
        overflow: OverflowPolicy?,
        root: String,
        leaf: String
    ) -> TreePlan {
        func place(_ id: String, parent: String?, children: [String]) -> TreePlan.TreeNode {
            TreePlan.TreeNode(
                id: id,
                label: id,
                parent: parent,
                backups: [],
                rank: parent == nil ? 0 : 1,
                level: parent == nil ? 0 : 1,
                delayMs: 0,
                children: children
            )
        }
        let places = [
            place(root, parent: nil, children: [leaf]), place(leaf, parent: root, children: []),
        ]
        return TreePlan(
            name: name,
            topics: topics,
            overflow: overflow,
            root: root,
            mode: .mesh,
            objective: .radius,
            fanOut: nil,
            hopDelayMs: 0.2,
            radiusMs: 1,
            meanMs: 1,
            lowerBoundMs: 1,
            gap: 0,
            seed: 1,
            nodes: places.sorted { $0.id < $1.id }
        )
    }
}
