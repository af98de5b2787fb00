import Patterns
import Routing
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// Trees whose relays speak the tree link (docs/tree-link.md), every message path real.
@Suite(.serialized, .timeLimit(.minutes(3))) struct LinkedTreeTests {
    /// r over s (its standby), a, b; a over c, d.
    private static func tree(_ lab: RelayLab) -> LinkedLab {
        LinkedLab(
            lab,
            root: "r",
            [("s", parent: "r"), ("a", "r"), ("b", "r"), ("c", "a"), ("d", "a")],
            standbys: ["s"]
        )
    }

    @Test(arguments: [1, 2])
    func `publishers and subscribers at each relay`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let tree = Self.tree(lab)
            try await tree.start { $0.threadCount = threads }
            var publishers: [XPublisher] = []
            var subscribers: [Subscriber] = []
            for name in tree.names {
                publishers.append(try await lab.publisher(at: tree[name]))
                subscribers.append(try await lab.subscriber(at: tree[name], topics: ["a"]))
                subscribers.append(try await lab.subscriber(at: tree[name], topics: ["a", "b"]))
            }
            try await lab.settle(subscribers, to: publishers)
            try await exchangeNumbered(publishers, subscribers)
            for name in tree.names {
                let status = await tree[name].status()
                #expect(status.balance.unaccounted == 0, "\(name): \(status.balance)")
                #expect(status.totals.droppedMessages == 0)
                let link = try #require(status.trees[0].link)
                #expect(link.faults == 0)
                #expect(link.gapMessages == 0)
            }
        }
    }

    @Test(arguments: ["a", "s", "r"])
    func `the end of a relay costs the others nothing`(victim: String) async throws {
        try await RelayLab.run(limit: .seconds(120)) { lab in
            let tree = Self.tree(lab)
            try await tree.start()
            try await tree.awaitService(1)
            let names = tree.names.filter { $0 != victim }
            let publisher = try await lab.publisher(at: tree["d"])
            var subscribers: [Subscriber] = []
            for name in names {
                subscribers.append(try await lab.subscriber(at: tree[name], topics: ["a"]))
            }
            try await lab.settle(subscribers, to: [publisher])
            let count = 3_000
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for number in 0..<count {
                        try await publisher.sendWaiting([Frame("a"), Frame("p \(number)")])
                        if number % 10 == 0 { try await Task.sleep(for: .milliseconds(1)) }
                        if number == count / 3 { await tree.end(victim) }
                    }
                    try await publisher.sendWaiting([Frame("a"), Frame("p end")])
                }
                for subscriber in subscribers {
                    group.addTask {
                        let got = try await subscriber.receiveNumbered(from: ["p"])["p"] ?? []
                        #expect(got == Array(0..<count))
                    }
                }
                try await group.waitForAll()
            }
            if victim == "r" {
                #expect(tree.root == "s")
                #expect(await tree.link("s")?.state == "root")
            }
            for name in names {
                let status = await tree[name].status()
                #expect(status.balance.unaccounted == 0, "\(name): \(status.balance)")
            }
        }
    }

    @Test func `a relay that comes back goes on where the tree is`() async throws {
        try await RelayLab.run(limit: .seconds(120)) { lab in
            let tree = Self.tree(lab)
            try await tree.start()
            try await tree.awaitService(1)
            let publisher = try await lab.publisher(at: tree["c"])
            let subscriber = try await lab.subscriber(at: tree["d"], topics: ["a"])
            for (round, victim) in ["r", "a", "s", "r"].enumerated() {
                try await lab.settle([subscriber], to: [publisher])
                await tree.end(victim)
                try await publisher.sendNumbered(["a"], as: "p\(round)", count: 50)
                let got = try await subscriber.receiveNumbered(from: ["p\(round)"])
                #expect(got["p\(round)"] == Array(0..<50))
                try await tree.start(victim)
                for name in tree.names { try await tree.awaitAttached(name) }
                try await tree.awaitService(1)
            }
            let all = try await lab.subscriber(at: tree["r"], topics: ["a"])
            try await lab.settle([all], to: [publisher])
            try await publisher.sendNumbered(["a"], as: "last", count: 50)
            #expect(try await all.receiveNumbered(from: ["last"])["last"] == Array(0..<50))
        }
    }

    @Test func `a root that nobody follows takes up what its children hold, when it is back`()
        async throws
    {
        try await RelayLab.run(limit: .seconds(120)) { lab in
            let tree = LinkedLab(lab, root: "r", [("a", parent: "r"), ("b", "a")])
            try await tree.start()
            let publisher = try await lab.publisher(at: tree["b"])
            let subscribers = [
                try await lab.subscriber(at: tree["a"], topics: ["a"]),
                try await lab.subscriber(at: tree["b"], topics: ["a"]),
            ]
            try await lab.settle(subscribers, to: [publisher])
            let count = 900
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for number in 0..<count {
                        try await publisher.sendWaiting([Frame("a"), Frame("p \(number)")])
                        if number % 10 == 0 { try await Task.sleep(for: .milliseconds(1)) }
                        if number == count / 3 { await tree.end("r") }
                        if number == count / 2 { try await tree.start("r") }
                    }
                    try await publisher.sendWaiting([Frame("a"), Frame("p end")])
                }
                for subscriber in subscribers {
                    group.addTask {
                        let got = try await subscriber.receiveNumbered(from: ["p"])["p"] ?? []
                        #expect(got == Array(0..<count))
                    }
                }
                try await group.waitForAll()
            }
            #expect(await tree.link("r")?.epoch == 1_001)
        }
    }

    @Test func `what a relay has taken goes up before it ends`() async throws {
        try await RelayLab.run { lab in
            let tree = Self.tree(lab)
            try await tree.start()
            let publisher = try await lab.publisher(at: tree["d"])
            let subscriber = try await lab.subscriber(at: tree["b"], topics: ["a"])
            try await lab.settle([subscriber], to: [publisher])
            let before = await tree["d"].status().totals.receivedMessages
            // Its parent goes first: it has to find another one while it ends.
            await tree.end("a")
            try await publisher.sendNumbered(["a"], as: "p", count: 500)
            try await tree["d"].eventually("all messages") {
                $0.totals.receivedMessages - before >= 501
            }
            await tree.end("d")
            #expect(try await subscriber.receiveNumbered(from: ["p"])["p"] == Array(0..<500))
        }
    }

    @Test func `a child is sent what its branch wants, and nothing else`() async throws {
        try await RelayLab.run { lab in
            let tree = Self.tree(lab)
            try await tree.start()
            let publisher = try await lab.publisher(at: tree["b"])
            let left = try await lab.subscriber(at: tree["c"], topics: ["left"])
            let right = try await lab.subscriber(at: tree["b"], topics: ["right"])
            try await lab.settle([left, right], to: [publisher])
            let before = await tree["a"].status().totals.receivedMessages
            try await publisher.sendNumbered(["left", "right"], as: "p", count: 200)
            _ = try await right.receiveNumbered(from: ["p"])
            _ = try await left.receiveNumbered(from: ["p"])
            // A hundred of the one topic, and its end.
            #expect(await tree["a"].status().totals.receivedMessages - before == 101)
        }
    }

    @Test func `messages longer than a batch may be cross a link`() async throws {
        try await RelayLab.run { lab in
            let tree = Self.tree(lab)
            try await tree.start()
            let publisher = try await lab.publisher(at: tree["c"])
            let subscriber = try await lab.subscriber(at: tree["b"], topics: ["a"])
            try await lab.settle([subscriber], to: [publisher])
            for padding in [0, 255, 70_000, 300_000, 3_000_000] {
                try await publisher.sendNumbered(["a"], as: "p", count: 5, padding: padding)
                #expect(try await subscriber.receiveNumbered(from: ["p"])["p"] == Array(0..<5))
            }
        }
    }

    @Test func `what an XSUB sends upstream finds an XPUB beyond links`() async throws {
        try await RelayLab.run { lab in
            let tree = Self.tree(lab)
            try await tree.start()
            let publisher = try await lab.publisher(at: tree["c"])
            let socket = XSubscriber()
            try await socket.connect(tree["b"].subscribersEndpoint)
            try await socket.subscribe(to: "a")
            try await publisher.awaitInterest(in: ["a"])
            // Until every link has said that there is a reader.
            let hello: Message = ["hello", "and more"]
            try await within("the message") {
                while publisher.tryReceive() != .message(hello) {
                    try await socket.send(hello)
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            await socket.close()
        }
    }
}
