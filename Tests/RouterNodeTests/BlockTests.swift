import Patterns
import RouterNode
import SocketTestSupport
import Testing
import Transports
import ZMTP
import ZeroMQ

/// Under `block` nothing is lost and nobody waits for ever.
@Suite(.serialized) struct BlockTests {
    /// Large enough together to overflow every kernel buffer on the way.
    private static let padding = 20_000
    private static let count = 3_000

    private static func sendAtOnce(
        _ topics: [String],
        by senders: [(XPublisher, String)],
        count: Int
    ) async throws {
        try await withThrowingTaskGroup { group in
            for (publisher, name) in senders {
                group.addTask {
                    try await publisher.sendNumbered(
                        topics,
                        as: name,
                        count: count,
                        padding: padding
                    )
                }
            }
            try await group.waitForAll()
        }
    }

    enum Place: String, CaseIterable {
        case root, middle, leaf
    }

    @Test(arguments: Place.allCases, [1, 2])
    func `block loses nothing, wherever publisher and slow subscriber are`(
        place: Place,
        threads: Int
    ) async throws {
        try await RelayLab.run { lab in
            let relays = try await lab.startChain(count: 3, overflow: .block) {
                Narrow.relay(&$0)
                $0.threadCount = threads
            }
            let at = Place.allCases.firstIndex(of: place) ?? 0
            let publisher = try await lab.publisher(at: relays[at]) {
                $0.queueLimit = QueueLimit(messageCount: 50)
                $0.kernelSendByteCount = 64 << 10
            }
            let slow = try await lab.subscriber(
                at: relays[2],
                topics: ["t"],
                configure: Narrow.subscriber
            )
            let others = [
                try await lab.subscriber(at: relays[0], topics: ["t"]),
                try await lab.subscriber(at: relays[2], topics: ["t"]),
            ]
            try await lab.settle([slow] + others, to: [publisher])
            let sending = Task {
                try await publisher.sendNumbered(
                    ["t"],
                    as: "p",
                    count: Self.count,
                    padding: Self.padding
                )
            }
            // Everything is full now, up to the publisher's own socket; nobody reads the slow one yet.
            try await relays[2].eventually("a full queue") { $0.totals.queuedMessages >= 100 }
            try await eventually("a full publisher") { !publisher.isWritable }
            let received = try await slow.receiveNumbered(from: ["p"])
            #expect(received["p"] == Array(0..<Self.count))
            for other in others {
                #expect(try await other.receiveNumbered(from: ["p"])["p"] == Array(0..<Self.count))
            }
            try await sending.value
            for relay in relays { #expect(await relay.status().totals.droppedMessages == 0) }
        }
    }

    @Test func `a blocked tree outlives its heartbeats`() async throws {
        try await RelayLab.run { lab in
            let relays = try await lab.startChain(count: 3, overflow: .block) {
                Narrow.relay(&$0)
                $0.linkHeartbeat = .init(
                    interval: .milliseconds(200),
                    timeout: .seconds(1),
                    timeToLive: .seconds(1)
                )
                $0.stall = .after(.seconds(30))
            }
            let publisher = try await lab.publisher(at: relays[2]) {
                $0.queueLimit = QueueLimit(messageCount: 50)
                $0.heartbeat = .init(interval: .milliseconds(200), timeout: .seconds(1))
            }
            let slow = try await lab.subscriber(
                at: relays[2],
                topics: ["t"],
                configure: Narrow.subscriber
            )
            try await lab.settle([slow], to: [publisher])
            let sending = Task {
                try await publisher.sendNumbered(
                    ["t"],
                    as: "p",
                    count: Self.count,
                    padding: Self.padding
                )
            }
            try await eventually("a full publisher") { !publisher.isWritable }
            // The time itself is what is tested: two heartbeat time-outs of nothing being read.
            try await Task.sleep(for: .milliseconds(2_500))
            #expect(try await slow.receiveNumbered(from: ["p"])["p"] == Array(0..<Self.count))
            try await sending.value
            #expect(!lab.log.contains("heartbeat"))
        }
    }

    /// Two relays and two trees: each relay is the root of one and a child of the other's root.
    private static func startCrossed(_ lab: RelayLab) async throws -> [Relay] {
        let places = (0..<2).map { _ in (RelayLab.freeAddress(), RelayLab.freeAddress()) }
        var relays: [Relay] = []
        for number in 0..<2 {
            let seats = ["a", "b"].enumerated().map { root, tree in
                RelayConfiguration.Seat(
                    tree: tree,
                    topics: [tree],
                    rank: number == root ? 0 : 1,
                    parent: number == root
                        ? nil
                        : .init(
                            name: "relay \(root)",
                            publishersEndpoint: places[root].0,
                            subscribersEndpoint: places[root].1
                        ),
                    overflow: .block
                )
            }
            relays.append(
                try await lab.start(
                    "relay \(number)",
                    seats,
                    at: places[number],
                    configure: Narrow.relay
                )
            )
        }
        return relays
    }

    @Test func `trees with crossed parents do not wait for each other`() async throws {
        try await RelayLab.run { lab in
            let relays = try await Self.startCrossed(lab)
            // Each publishes, at both relays, into both trees; each subscriber wants both and is slow at first.
            var publishers: [XPublisher] = []
            var subscribers: [Subscriber] = []
            for relay in relays + relays {
                publishers.append(
                    try await lab.publisher(at: relay) {
                        $0.queueLimit = QueueLimit(messageCount: 50)
                    }
                )
                subscribers.append(
                    try await lab.subscriber(
                        at: relay,
                        topics: ["a", "b"],
                        configure: Narrow.subscriber
                    )
                )
            }
            for prefix in ["a", "b"] {
                try await lab.settle(subscribers, to: publishers, prefix: prefix)
            }
            let names = publishers.indices.map { "p\($0)" }
            let senders = Array(zip(publishers, names))
            let sending = Task {
                try await Self.sendAtOnce(["a", "b"], by: senders, count: 1_000)
            }
            for publisher in publishers {
                try await eventually("a full publisher") { !publisher.isWritable }
            }
            try await withThrowingTaskGroup { group in
                for subscriber in subscribers {
                    group.addTask {
                        let received = try await subscriber.receiveNumbered(
                            from: names,
                            topicCount: 2
                        )
                        for name in names {
                            let numbers = received[name] ?? []
                            #expect(numbers.count == 1_000)
                            #expect(
                                numbers.filter { $0.isMultiple(of: 2) }
                                    == (0..<500).map { $0 * 2 }
                            )
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await sending.value
        }
    }

    @Test(arguments: [1, 2])
    func `a blocking subscriber that dies lets the others go on`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone", [.init(tree: "t", overflow: .block)]) {
                Narrow.relay(&$0)
                $0.threadCount = threads
            }
            let publisher = try await lab.publisher(at: relay) {
                $0.queueLimit = QueueLimit(messageCount: 50)
            }
            let endpoint = try #require(relay.endpoints).subscribers
            for _ in 0..<5 {
                let stuck = try await RawPeer.subscribe("t", at: endpoint)
                let other = try await lab.subscriber(at: relay, topics: ["t"])
                try await lab.settle([other], to: [publisher])
                try await relay.eventually("two subscribers") { $0.totals.subscriptions == 3 }
                let sending = Task {
                    try await publisher.sendNumbered(
                        ["t"],
                        as: "p",
                        count: 2_500,
                        padding: Self.padding
                    )
                }
                try await relay.eventually("a full queue") { $0.totals.queuedMessages > 100 }
                try await stuck.reset()
                let received = try await other.receiveNumbered(from: ["p"])
                #expect(received["p"] == Array(0..<2_500))
                try await sending.value
                await other.close()
                try await relay.eventually("nobody") { $0.totals.subscribers == 0 }
            }
        }
    }

    @Test func `a peer that takes nothing is let go, and the tree goes on`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone", [.init(tree: "t", overflow: .block)]) {
                Narrow.relay(&$0)
                $0.stall = .after(.milliseconds(300))
            }
            let publisher = try await lab.publisher(at: relay)
            let stuck = try await RawPeer.subscribe(
                "t",
                at: try #require(relay.endpoints).subscribers
            )
            let other = try await lab.subscriber(at: relay, topics: ["t"])
            try await lab.settle([other], to: [publisher])
            try await publisher.sendNumbered(["t"], as: "p", count: 2_500, padding: Self.padding)
            #expect(try await other.receiveNumbered(from: ["p"])["p"] == Array(0..<2_500))
            #expect(lab.log.contains("the peer has stopped reading"))
            await stuck.close()
        }
    }
}
