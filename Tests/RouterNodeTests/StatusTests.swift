import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

@Suite(.serialized) struct StatusTests {
    @Test(arguments: [1, 2])
    func `the totals are the sums of the peers`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let relays = try await lab.startChain(count: 2) { $0.threadCount = threads }
            let publisher = try await lab.publisher(at: relays[1])
            var subscribers: [Subscriber] = []
            for relay in relays + relays {
                subscribers.append(try await lab.subscriber(at: relay, topics: ["a", "b"]))
            }
            try await lab.settle(subscribers, to: [publisher])
            try await publisher.sendNumbered(["a", "c"], as: "p", count: 100)
            for subscriber in subscribers {
                _ = try await subscriber.receiveNumbered(from: ["p"])
            }
            for relay in relays {
                let status = await relay.status()
                func sum(_ roles: Set<String>, _ value: (NodeStatus.Peer) -> Int) -> Int {
                    status.peers.filter { roles.contains($0.role) }.reduce(0) { $0 + value($1) }
                }
                let down: Set = ["subscriber", "child-feed"]
                #expect(status.totals.sentMessages == sum(down, \.sentMessages))
                #expect(status.totals.sentBytes == sum(down, \.sentBytes))
                #expect(status.totals.subscriptions == sum(down, \.subscriptions))
                let up: Set = ["publisher", "child-uplink", "parent-feed"]
                #expect(status.totals.receivedMessages == sum(up, \.receivedMessages))
                #expect(status.totals.receivedBytes == sum(up, \.receivedBytes))
                #expect(status.totals.queuedMessages == 0)
                #expect(status.totals.droppedMessages == 0)
                #expect(status.totals.subscribers == 2)
            }
            let (root, leaf) = (await relays[0].status(), await relays[1].status())
            #expect(root.totals.children == 1)
            #expect(Set(root.peers.compactMap(\.node)) == ["relay 1"])
            #expect(Set(leaf.peers.compactMap(\.node)) == ["relay 0"])
            #expect(root.trees.map(\.name) == ["t"])
            #expect(root.trees[0].parent == nil && root.trees[0].isConnected)
            #expect(root.trees[0].overflow == "drop-newest")
            #expect(leaf.trees[0].parent == "relay 0")
            #expect(leaf.trees[0].isConnected)
            // A PUB filters at the source: "c" never left it.
            #expect(leaf.peers.first { $0.role == "publisher" }?.receivedMessages == 51)
        }
    }

    @Test func `messages that nobody takes are counted by why`() async throws {
        try await RelayLab.run { lab in
            let root = try await lab.start("root", [.init(tree: "md", topics: ["md."])])
            // A peer that publishes whatever it likes, asked or not.
            let raw = try await RawPeer.connect(to: try #require(root.endpoints).publishers)
            try await raw.send(Octets.greeting() + Octets.ready("PUB"))
            try await raw.send(
                Octets.frame("md.1") + Octets.frame("weather") + Octets.frame("md.2")
            )
            try await root.eventually("three messages") { $0.totals.receivedMessages == 3 }
            let totals = await root.status().totals
            #expect(totals.unwantedMessages == 2)
            #expect(totals.unroutableMessages == 1)
            await raw.close()
            let nowhere = RelayLab.freeAddress()
            let orphan = try await lab.start(
                "orphan",
                [
                    .init(
                        tree: "t",
                        rank: 1,
                        parent: .init(
                            name: "nobody",
                            publishersEndpoint: nowhere,
                            subscribersEndpoint: nowhere
                        )
                    )
                ]
            )
            let other = try await RawPeer.connect(to: try #require(orphan.endpoints).publishers)
            try await other.send(Octets.greeting() + Octets.ready("PUB") + Octets.frame("x"))
            try await orphan.eventually("an orphaned message") { $0.totals.orphanedMessages == 1 }
            #expect(await orphan.status().trees[0].isConnected == false)
            await other.close()
        }
    }
}
