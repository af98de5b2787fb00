import Patterns
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// Relays in trees, every message path real.
@Suite(.serialized) struct TreeTests {
    @Test(arguments: [1, 2])
    func `six levels with publishers and subscribers at each`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let relays = try await lab.startChain(count: 6) { $0.threadCount = threads }
            var publishers: [XPublisher] = []
            var subscribers: [Subscriber] = []
            for relay in relays {
                publishers.append(try await lab.publisher(at: relay))
                subscribers.append(try await lab.subscriber(at: relay, topics: ["a"]))
                subscribers.append(try await lab.subscriber(at: relay, topics: ["a", "b"]))
            }
            try await lab.settle(subscribers, to: publishers)
            try await exchangeNumbered(publishers, subscribers)
        }
    }

    @Test func `a branch gets nothing that nobody in it wants`() async throws {
        try await RelayLab.run { lab in
            let root = try await lab.start("root")
            var sides: [Relay] = []
            for name in ["left", "right"] {
                let seat = RelayConfiguration.Seat(
                    tree: "t",
                    rank: 1,
                    parent: .init(root, name: "root")
                )
                sides.append(try await lab.start(name, [seat]))
            }
            let publisher = try await lab.publisher(at: sides[0])
            let left = try await lab.subscriber(at: sides[0], topics: ["left"])
            let right = try await lab.subscriber(at: sides[1], topics: ["right"])
            let rootward = try await lab.subscriber(at: root, topics: ["left", "root"])
            try await lab.settle([left, right, rootward], to: [publisher])
            try await publisher.sendNumbered(["left", "root"], as: "p", count: 400)
            _ = try await left.receiveNumbered(from: ["p"])
            _ = try await rootward.receiveNumbered(from: ["p"], topicCount: 2)
            // In order behind the others: when it is there, whatever wrongly went that way is there too.
            try await publisher.sendNumbered(["right"], as: "p", count: 3)
            #expect(try await right.receiveNumbered(from: ["p"])["p"] == [0, 1, 2])
            let status = await sides[1].status()
            #expect(status.totals.receivedMessages == 4)
            #expect(status.totals.unwantedMessages == 0)
            #expect(await sides[0].status().totals.unwantedMessages == 0)
            #expect(await root.status().totals.unwantedMessages == 0)
        }
    }

    @Test func `the longest prefix decides the tree, and trees have their own parents`()
        async throws
    {
        try await RelayLab.run { lab in
            // x is the root of all, y of md, z of fx; each is below the two others there.
            let names = ["x", "y", "z"]
            let places = names.map { _ in (RelayLab.freeAddress(), RelayLab.freeAddress()) }
            let trees = [("all", ""), ("md", "md."), ("fx", "md.fx.")]
            var relays: [Relay] = []
            for (number, name) in names.enumerated() {
                let seats = trees.enumerated().map { root, tree in
                    let above = (number + 2) % 3
                    return RelayConfiguration.Seat(
                        tree: tree.0,
                        topics: [tree.1],
                        rank: (number - root + 3) % 3,
                        parent: number == root
                            ? nil
                            : .init(
                                name: names[above],
                                publishersEndpoint: places[above].0,
                                subscribersEndpoint: places[above].1
                            )
                    )
                }
                relays.append(try await lab.start(name, seats, at: places[number]))
            }
            var publishers: [XPublisher] = []
            var subscribers: [Subscriber] = []
            for relay in relays {
                publishers.append(try await lab.publisher(at: relay))
                subscribers.append(try await lab.subscriber(at: relay, topics: [""]))
                subscribers.append(try await lab.subscriber(at: relay, topics: ["md.fx."]))
            }
            for prefix in ["", "md.", "md.fx."] {
                try await lab.settle(subscribers, to: publishers, prefix: prefix)
            }
            let topics = ["weather", "md.eq", "md.fx.eur"]
            for (publisher, name) in zip(publishers, names) {
                try await publisher.sendNumbered(topics, as: name, count: 300)
            }
            for (number, subscriber) in subscribers.enumerated() {
                let isAll = number.isMultiple(of: 2)
                let received = try await subscriber.receiveNumbered(
                    from: names,
                    topicCount: isAll ? 3 : 1
                )
                for name in names {
                    let numbers = received[name] ?? []
                    // Each tree has an order of its own.
                    for topic in isAll ? [0, 1, 2] : [2] {
                        #expect(
                            numbers.filter { $0 % 3 == topic } == (0..<100).map { $0 * 3 + topic }
                        )
                    }
                    #expect(numbers.count == (isAll ? 300 : 100))
                }
            }
        }
    }

    @Test func `a parent that comes back gets all interest again`() async throws {
        try await RelayLab.run { lab in
            let first = try await lab.start("root")
            let place = (first.publishersEndpoint, first.subscribersEndpoint)
            let middle = try await lab.start(
                "middle",
                [.init(tree: "t", rank: 1, parent: .init(first, name: "root"))]
            )
            let leaf = try await lab.start(
                "leaf",
                [.init(tree: "t", rank: 2, parent: .init(middle, name: "middle"))]
            )
            let topics = (0..<500).map { "topic \($0);" }
            let subscriber = try await lab.subscriber(at: leaf, topics: topics)
            let publisher = try await lab.publisher(at: leaf)
            try await lab.settle([subscriber], to: [publisher])
            try await publisher.sendNumbered([topics[0]], as: "before", count: 10)
            _ = try await subscriber.receiveNumbered(from: ["before"])
            for round in 0..<2 {
                let old = round == 0 ? first : nil
                await old?.stop()
                try await middle.eventually("loss of the parent") { !$0.trees[0].isConnected }
                let root = try await lab.start("root", at: place)
                try await middle.eventually("parent") { $0.trees[0].isConnected }
                try await root.eventually("topics") { $0.totals.topics == topics.count + 1 }
                try await publisher.sendNumbered([topics[round]], as: "after", count: 10)
                let received = try await subscriber.receiveNumbered(from: ["after"])
                #expect(received["after"] == Array(0..<10))
                await root.stop()
            }
        }
    }

    @Test func `a child that goes takes its interest with it`() async throws {
        try await RelayLab.run { lab in
            let root = try await lab.start("root")
            let child = try await lab.start(
                "child",
                [.init(tree: "t", rank: 1, parent: .init(root, name: "root"))]
            )
            let publisher = try await lab.publisher(at: root)
            let subscriber = try await lab.subscriber(at: child, topics: ["a", "b"])
            try await lab.settle([subscriber], to: [publisher])
            await child.stop()
            try await root.eventually("no interest") {
                $0.totals.topics == 0 && $0.totals.subscriptions == 0 && $0.totals.children == 0
            }
            #expect(await root.status().peers.count == 1)
        }
    }

    @Test(arguments: [1, 2])
    func `a child of no higher rank is refused and told why`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let root = try await lab.start("root", [.init(tree: "t", rank: 3)]) {
                $0.threadCount = threads
            }
            let child = try await lab.start(
                "child",
                [.init(tree: "t", rank: 3, parent: .init(root, name: "root"))]
            )
            let stranger = try await lab.start(
                "stranger",
                [.init(tree: "other", rank: 9, parent: .init(root, name: "root"))]
            )
            let reason = "node child has rank 3 in tree 't' and cannot be a child of rank 3"
            try await eventually("refusal") {
                lab.log.lines.contains { $0.hasPrefix("root notice") && $0.contains(reason) }
                    && lab.log.lines.contains {
                        $0.hasPrefix("child notice") && $0.contains(reason)
                    }
                    && lab.log.contains("node stranger belongs to tree 'other'")
            }
            #expect(await root.status().totals.children == 0)
            _ = (child, stranger)
        }
    }
}
