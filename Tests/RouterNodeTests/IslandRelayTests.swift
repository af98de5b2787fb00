import Vocabulary
import Patterns
import RouterNode
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// Relays that serve and hear multicast groups, on the loopback interface.
@Suite(.serialized) struct IslandRelayTests {
    /// A group that no other test uses.
    private static func group() -> String {
        let octets = (0..<2).map { _ in UInt8.random(in: 1...254) }
        return
            "epgm://127.0.0.1;239.255.\(octets[0]).\(octets[1]):\(UInt16.random(in: 20_000...60_000))"
    }

    /// A root, the head of an island below it, and members that hear it.
    private static func island(
        in lab: RelayLab,
        topics: [String] = [""],
        overflow: OverflowPolicy = .dropNewest,
        at group: String = group(),
        memberCount: Int = 2,
        configure: (inout RelayConfiguration) -> Void = { _ in }
    ) async throws -> (root: Relay, head: Relay, members: [Relay]) {
        let root = try await lab.start(
            "root",
            [.init(tree: "t", topics: topics, overflow: overflow)],
            configure: configure
        )
        var seat = RelayConfiguration.Seat(tree: "t", topics: topics, rank: 1, overflow: overflow)
        seat.parent = .init(root, name: "root")
        seat.islands = [.init(segment: "lan", endpoint: group)]
        let head = try await lab.start("head", [seat], configure: configure)
        var members: [Relay] = []
        for number in 0..<memberCount {
            members.append(
                try await lab.start(
                    "member \(number)",
                    [
                        member(
                            of: head,
                            at: group,
                            topics: topics,
                            overflow: overflow,
                            rank: 2 + number
                        )
                    ],
                    configure: configure
                )
            )
        }
        for member in members { try await member.eventually("source") { $0.isHearing } }
        try await head.eventually("parent") { $0.trees[0].isConnected }
        return (root, head, members)
    }

    private static func member(
        of head: Relay,
        at group: String,
        topics: [String] = [""],
        overflow: OverflowPolicy = .dropNewest,
        rank: Int = 2
    ) -> RelayConfiguration.Seat {
        var seat = RelayConfiguration.Seat(
            tree: "t",
            topics: topics,
            rank: rank,
            overflow: overflow
        )
        seat.parent = .init(head, name: "head")
        seat.feed = .init(segment: "lan", endpoint: group)
        return seat
    }

    // MARK: - Delivery

    @Test(arguments: [[""], ["a", "b"]])
    func `what is published at any relay reaches all, once and in order`(
        topics: [String]
    ) async throws {
        try await RelayLab.run { lab in
            let (root, head, members) = try await Self.island(in: lab, topics: topics)
            let relays = [root, head] + members
            var subscribers: [Subscriber] = []
            for relay in relays {
                subscribers.append(try await lab.subscriber(at: relay, topics: ["a"]))
                subscribers.append(try await lab.subscriber(at: relay, topics: ["a", "b"]))
                try await relay.eventually("subscribers") { $0.totals.subscriptions >= 3 }
            }
            var publishers: [XPublisher] = []
            for relay in relays {
                let publisher = try await lab.publisher(at: relay)
                // The head asks for everything the tree carries, whoever subscribes.
                try await publisher.awaitInterest(in: topics)
                publishers.append(publisher)
            }
            try await exchangeNumbered(publishers, subscribers)
            let served = await head.status().islands[0]
            #expect(served.role == "head" && served.messages == 808 && served.droppedMessages == 0)
            for member in members {
                let heard = await member.status().islands[0]
                #expect(heard.role == "member" && heard.messages == 808 && heard.losses == 0)
            }
        }
    }

    @Test func `a group is taken in as a publisher of its tree`() async throws {
        try await RelayLab.run { lab in
            let group = Self.group()
            let (source, _, _) = try await Self.island(in: lab, at: group, memberCount: 0)
            var first = RelayConfiguration.Seat(tree: "first", topics: ["a"])
            first.publisherFeeds = [group]
            let other = try await lab.start("other", [first, .init(tree: "second", topics: ["b"])])
            let subscriber = try await lab.subscriber(at: other, topics: ["a", "b"])
            try await other.eventually("source and subscriber") {
                $0.isHearing && $0.totals.subscriptions >= 2
            }
            let publisher = try await lab.publisher(at: source)
            try await publisher.awaitInterest(in: [""])
            try await publisher.sendNumbered(["a", "b"], as: "p", count: 200)
            let received = try await subscriber.receiveNumbered(from: ["p"], topicCount: 1)
            #expect(received["p"] == (0..<100).map { $0 * 2 })
            // What is of another tree is not the feed's to publish.
            try await other.eventually("unroutable messages") {
                $0.totals.unroutableMessages == 101 && $0.islands[0].messages == 202
            }
        }
    }

    @Test func `two trees on one segment do not meet`() async throws {
        try await RelayLab.run { lab in
            let groups = (Self.group(), Self.group())
            let places = (0..<2).map { _ in (RelayLab.freeAddress(), RelayLab.freeAddress()) }
            // Each is the head of one tree and a member of the other.
            func seat(_ tree: String, _ group: String, parent: Int?) -> RelayConfiguration.Seat {
                var seat = RelayConfiguration.Seat(
                    tree: tree,
                    topics: [tree],
                    rank: parent == nil ? 0 : 1
                )
                guard let parent else {
                    seat.islands = [.init(segment: "lan", endpoint: group)]
                    return seat
                }
                seat.feed = .init(segment: "lan", endpoint: group)
                seat.parent = .init(
                    name: "relay \(parent)",
                    publishersEndpoint: places[parent].0,
                    subscribersEndpoint: places[parent].1
                )
                return seat
            }
            let first = try await lab.start(
                "relay 0",
                [seat("a", groups.0, parent: nil), seat("b", groups.1, parent: 1)],
                at: places[0]
            )
            let second = try await lab.start(
                "relay 1",
                [seat("a", groups.0, parent: 0), seat("b", groups.1, parent: nil)],
                at: places[1]
            )
            for relay in [first, second] {
                try await relay.eventually("both trees") { $0.trees.allSatisfy(\.isConnected) }
            }
            let subscribers = [
                try await lab.subscriber(at: first, topics: ["a", "b"]),
                try await lab.subscriber(at: second, topics: ["a", "b"]),
            ]
            for relay in [first, second] {
                try await relay.eventually("subscriber") { $0.totals.subscriptions == 2 }
            }
            let publisher = try await lab.publisher(at: second)
            try await publisher.awaitInterest(in: ["a", "b"])
            try await publisher.sendNumbered(["a", "b"], as: "p", count: 400)
            for subscriber in subscribers {
                let received = try await subscriber.receiveNumbered(from: ["p"], topicCount: 2)
                // Each tree has its own order.
                #expect(received["p"]?.filter { $0.isMultiple(of: 2) } == (0..<200).map { 2 * $0 })
                #expect(received["p"]?.count == 400)
            }
            for relay in [first, second] {
                let islands = await relay.status().islands
                #expect(islands.map(\.messages) == [201, 201])
                #expect(await relay.status().totals.unroutableMessages == 0)
            }
        }
    }

    // MARK: - Trouble

    @Test func `an interface that is not there is refused by name`() async throws {
        try await RelayLab.run { lab in
            var seats = [
                RelayConfiguration.Seat(tree: "a", topics: ["a"]),
                RelayConfiguration.Seat(tree: "b", topics: ["b"]),
            ]
            seats[0].islands = [.init(segment: "lan", endpoint: Self.group())]
            seats[1].islands = [.init(segment: "x", endpoint: "epgm://nowhere7;239.255.1.1:7500")]
            let error = await #expect(throws: EndpointError.self) {
                try await lab.start("head", seats)
            }
            #expect(error.map { "\($0)".contains("nowhere7") } == true)
        }
    }

    @Test func `a member that hears nothing takes its feed over TCP`() async throws {
        try await RelayLab.run { lab in
            let (_, head, _) = try await Self.island(in: lab, memberCount: 0)
            let deaf = try await lab.start("deaf", [Self.member(of: head, at: Self.group())]) {
                $0.segmentSilenceMax = .milliseconds(200)
            }
            try await deaf.eventually("feed over TCP") {
                $0.islands[0].state == "tcp" && $0.trees[0].isConnected
            }
            #expect(await deaf.status().islands[0].losses == 0)
            let subscriber = try await lab.subscriber(at: deaf, topics: ["a"])
            let publisher = try await lab.publisher(at: deaf)
            try await lab.settle([subscriber], to: [publisher])
            try await publisher.sendNumbered(["a"], as: "p", count: 100)
            let received = try await subscriber.receiveNumbered(from: ["p"], topicCount: 1)
            #expect(received["p"] == Array(0..<100))
            #expect(lab.log.lines.contains { $0.contains("taking the feed over TCP") })
        }
    }

    @Test func `the messages of a head that was started anew are heard`() async throws {
        try await RelayLab.run { lab in
            let group = Self.group()
            let place = (RelayLab.freeAddress(), RelayLab.freeAddress())
            var seat = RelayConfiguration.Seat(tree: "t")
            seat.islands = [.init(segment: "lan", endpoint: group)]
            let first = try await lab.start("head", [seat], at: place)
            let member = try await lab.start("member", [Self.member(of: first, at: group)])
            try await member.eventually("source") { $0.isHearing && $0.trees[0].isConnected }
            let session = await member.status().islands[0].sources[0].session
            await first.stop()
            let second = try await lab.start("head", [seat], at: place)
            try await member.eventually("new source") { status in
                status.trees[0].isConnected
                    && status.islands[0].sources.contains { $0.session != session }
            }
            let subscriber = try await lab.subscriber(at: member, topics: ["a"])
            try await member.eventually("subscriber") { $0.totals.subscriptions == 1 }
            let publisher = try await lab.publisher(at: second)
            try await publisher.awaitInterest(in: [""])
            try await publisher.sendNumbered(["a"], as: "p", count: 100)
            let received = try await subscriber.receiveNumbered(from: ["p"], topicCount: 1)
            #expect(received["p"] == Array(0..<100))
        }
    }

    @Test(arguments: [OverflowPolicy.block, .dropNewest])
    func `a full group does what the tree's policy says`(policy: OverflowPolicy) async throws {
        try await RelayLab.run { lab in
            let group = Self.group()
            var seat = RelayConfiguration.Seat(tree: "t", overflow: policy)
            seat.islands = [.init(segment: "lan", endpoint: group, rateBitsPerSecond: 4e6)]
            let head = try await lab.start("head", [seat]) {
                $0.queueLimit = QueueLimit(messageCount: 50, byteCount: 1 << 20)
            }
            let member = try await lab.start("member", [Self.member(of: head, at: group)])
            try await member.eventually("source") { $0.isHearing }
            let publisher = try await lab.publisher(at: head)
            try await publisher.awaitInterest(in: [""])
            try await publisher.sendNumbered(["a"], as: "p", count: 2_000, padding: 200)
            try await head.eventually("all messages sent or dropped") {
                $0.islands[0].messages + $0.islands[0].droppedMessages == 2_001
            }
            let dropped = await head.status().islands[0].droppedMessages
            #expect(policy == .block ? dropped == 0 : dropped > 0)
            try await member.eventually("all that was sent") {
                $0.islands[0].messages == 2_001 - dropped
            }
        }
    }
}

extension NodeStatus {
    /// Whether it hears a source in every group it listens to.
    fileprivate var isHearing: Bool { islands.allSatisfy { $0.state == "receiving" } }
}
