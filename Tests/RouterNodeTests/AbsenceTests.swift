import RouterNode
import SocketTestSupport
import Testing
import Transports
import Vocabulary
import ZeroMQ

/// Under `block` what waits for a parent or a child that is away is kept.
@Suite(.serialized) struct AbsenceTests {
    private static func leaf(
        _ lab: RelayLab,
        below place: String,
        _ overflow: OverflowPolicy,
        configure: (inout RelayConfiguration) -> Void = { _ in }
    ) async throws -> Relay {
        let parent = RelayConfiguration.Parent(
            name: "root",
            publishersEndpoint: place + "-up",
            subscribersEndpoint: place + "-down"
        )
        return try await lab.start(
            "leaf",
            [.init(tree: "t", rank: 1, parent: parent, overflow: overflow)],
            configure: configure
        )
    }

    private static func root(
        _ lab: RelayLab,
        at place: String,
        _ overflow: OverflowPolicy,
        threads: Int = 1
    ) async throws -> Relay {
        try await lab.start(
            "root",
            [.init(tree: "t", overflow: overflow)],
            at: (place + "-up", place + "-down")
        ) { $0.threadCount = threads }
    }

    @Test func `what goes up waits for a parent that comes late, and goes first`() async throws {
        try await RelayLab.run { lab in
            let place = RelayLab.freeAddress()
            let leaf = try await Self.leaf(lab, below: place, .block)
            // A peer that publishes whatever it likes, asked or not.
            let raw = try await RawPeer.connect(to: try #require(leaf.endpoints).publishers)
            let message = Octets.frame("t")
            try await raw.send(Octets.greeting() + Octets.ready("PUB"))
            for _ in 0..<100 { try await raw.send(message) }
            try await leaf.eventually("100 that wait") { $0.totals.queuedMessages == 100 }
            #expect(await leaf.status().totals.droppedMessages == 0)
            let root = try await Self.root(lab, at: place, .block)
            try await root.eventually("all of them") { $0.totals.receivedMessages == 100 }
            let status = await leaf.status()
            #expect(status.totals.droppedMessages == 0 && status.totals.queuedMessages == 0)
            #expect(status.balance.isBalanced && status.balance.sent == 100)
            await root.stop()
            try await leaf.eventually("no parent") { !$0.trees[0].isConnected }
            for _ in 0..<50 { try await raw.send(message) }
            try await leaf.eventually("50 that wait") { $0.totals.queuedMessages == 50 }
            let next = try await Self.root(lab, at: place, .block)
            try await next.eventually("the rest") { $0.totals.receivedMessages == 50 }
            await raw.close()
        }
    }

    @Test func `what waits for a parent is bounded, and then nobody is read`() async throws {
        try await RelayLab.run { lab in
            let place = RelayLab.freeAddress()
            let leaf = try await Self.leaf(lab, below: place, .block, configure: Narrow.relay)
            let raw = try await RawPeer.connect(to: try #require(leaf.endpoints).publishers)
            try await raw.send(Octets.greeting() + Octets.ready("PUB"))
            let message = Octets.longFrame(byteCount: 10_000)
            let sending = Task { for _ in 0..<3_000 { try await raw.send(message) } }
            try await leaf.eventually("a full queue") { !$0.holdUps.isEmpty }
            let status = await leaf.status()
            #expect(status.holdUps[0].role == "parent-uplink")
            #expect(status.holdUps[0].node == "root" && status.holdUps[0].peer == nil)
            #expect(status.totals.queuedMessages < 500)
            let root = try await Self.root(lab, at: place, .block)
            try await root.eventually("all of them") { $0.totals.receivedMessages == 3_000 }
            try await sending.value
            #expect(await leaf.status().totals.droppedMessages == 0)
            await raw.close()
        }
    }

    @Test(arguments: [1, 2])
    func `what goes down waits for a child that is restarted`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let place = RelayLab.freeAddress()
            let root = try await Self.root(lab, at: place, .block, threads: threads)
            let leaf = try await Self.leaf(lab, below: place, .block)
            let publisher = try await lab.publisher(at: root)
            let subscriber = try await lab.subscriber(at: leaf, topics: ["t"])
            try await lab.settle([subscriber], to: [publisher])
            await subscriber.close()
            // Its subscriptions went with it; the topic stays wanted by another.
            let other = try await lab.subscriber(at: leaf, topics: ["t"])
            try await lab.settle([other], to: [publisher])
            await leaf.stop()
            try await root.eventually("no child") { $0.totals.children == 0 }
            let before = await root.status().totals
            for number in 0..<50 {
                try await publisher.sendWaiting([Frame("t"), Frame("p \(number)")])
            }
            try await root.eventually("50 that wait") { $0.totals.queuedMessages == 50 }
            #expect(lab.log.contains("child leaf of tree 't' is away"))
            let next = try await Self.leaf(lab, below: place, .block)
            try await next.eventually("what waited") { $0.totals.receivedMessages == 50 }
            let after = await root.status()
            #expect(after.totals.droppedMessages == 0 && after.totals.queuedMessages == 0)
            #expect(after.totals.sentMessages == before.sentMessages + 50)
            #expect(after.balance.isBalanced)
            // Nobody at the new leaf wants it, and it has said so.
            try await root.eventually("no interest") { $0.totals.topics == 0 }
        }
    }

    @Test func `a child that stays away is given up, and its queue counted`() async throws {
        try await RelayLab.run { lab in
            let place = RelayLab.freeAddress()
            let root = try await lab.start(
                "root",
                [.init(tree: "t", overflow: .block)],
                at: (place + "-up", place + "-down")
            ) { $0.stall = .after(.milliseconds(500)) }
            let leaf = try await Self.leaf(lab, below: place, .block)
            let publisher = try await lab.publisher(at: root)
            let subscriber = try await lab.subscriber(at: leaf, topics: ["t"])
            try await lab.settle([subscriber], to: [publisher])
            await leaf.stop()
            // What is sent before the root has noticed goes into a connection that is gone.
            try await root.eventually("no child") { $0.totals.children == 0 }
            for number in 0..<50 {
                try await publisher.sendWaiting([Frame("t"), Frame("p \(number)")])
            }
            try await root.eventually("the end of it") { $0.totals.drops["expired"] != nil }
            let status = await root.status()
            #expect(status.totals.topics == 0)
            #expect(status.balance.isBalanced && status.balance.queued == 0)
            #expect(lab.log.contains("has not come back; 50 messages"))
            let departed = try #require(status.departed.first { $0.role == "child-feed" })
            #expect(departed.node == "leaf" && departed.drops == ["expired": 50])
        }
    }

    @Test func `where messages may be dropped, nothing is kept`() async throws {
        try await RelayLab.run { lab in
            let place = RelayLab.freeAddress()
            let root = try await Self.root(lab, at: place, .dropNewest)
            let leaf = try await Self.leaf(lab, below: place, .dropNewest)
            let raw = try await RawPeer.connect(to: try #require(leaf.endpoints).publishers)
            try await raw.send(Octets.greeting() + Octets.ready("PUB"))
            try await root.eventually("a child") { $0.totals.children == 1 }
            await root.stop()
            try await leaf.eventually("no parent") { !$0.trees[0].isConnected }
            for _ in 0..<50 { try await raw.send(Octets.frame("t")) }
            try await leaf.eventually("50 drops") { $0.totals.drops == ["no-parent": 50] }
            #expect(await leaf.status().balance.isBalanced)
            await raw.close()
        }
    }
}
