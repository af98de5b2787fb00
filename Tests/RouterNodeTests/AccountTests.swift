import RouterNode
import SocketTestSupport
import Testing
import Transports
import Vocabulary
import ZeroMQ

/// Whatever enters a relay is sent, matches nobody, waits, or is counted under a reason.
@Suite(.serialized) struct AccountTests {
    /// Large enough together to overflow every kernel buffer on the way.
    private static let filler = Frame([UInt8](repeating: 120, count: 10_000))

    /// Sends in steps that `reader` keeps up with.
    private static func send(
        _ count: Int,
        by publisher: XPublisher,
        readBy reader: Subscriber
    ) async throws {
        for number in 0..<count {
            try await publisher.sendWaiting([Frame("t"), Frame("p \(number)"), filler])
            _ = try await within("message \(number)") { try await reader.receive() }
        }
    }

    @Test(arguments: [1, 2])
    func `who reads nothing stays where messages may be dropped, and what it misses is counted`(
        threads: Int
    ) async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone", [.init(tree: "t", overflow: .dropNewest)]) {
                Narrow.relay(&$0)
                $0.stallTimeout = .milliseconds(200)
                $0.threadCount = threads
            }
            let publisher = try await lab.publisher(at: relay)
            let stuck = try await RawPeer.subscribe(
                "t",
                at: try #require(relay.endpoints).subscribers
            )
            let fast = try await lab.subscriber(at: relay, topics: ["t"])
            try await lab.settle([fast], to: [publisher])
            try await relay.eventually("three subscriptions") { $0.totals.subscriptions == 3 }
            try await Self.send(1_500, by: publisher, readBy: fast)
            // The time itself is what is tested: some of the old time-outs.
            try await Task.sleep(for: .milliseconds(700))
            try await Self.send(100, by: publisher, readBy: fast)
            let status = await relay.status()
            #expect(status.totals.subscribers == 2)
            #expect(status.balance.isBalanced)
            #expect(status.balance.received == 1_600)
            let missed = status.peers.filter { $0.role == "subscriber" && $0.droppedMessages > 0 }
            #expect(missed.count == 1)
            #expect(missed[0].drops == ["queue-full": missed[0].droppedMessages])
            #expect(
                missed[0].sentMessages + missed[0].droppedMessages + missed[0].queuedMessages
                    == 1_600
            )
            await stuck.close()
            try await relay.eventually("one subscriber") { $0.totals.subscribers == 1 }
            let after = await relay.status()
            #expect(after.totals.drops["disconnected"] == missed[0].queuedMessages)
            let departed = try #require(after.departed.first { $0.role == "subscriber" })
            #expect(departed.connections == 1)
            #expect(departed.sentMessages + departed.droppedMessages == 1_600)
            #expect(after.lastDeparted.map(\.role) == ["subscriber"])
            #expect(after.balance.isBalanced && after.balance.queued == 0)
        }
    }

    @Test(arguments: [1, 2])
    func `the queue that disconnect throws away is counted`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone", [.init(tree: "t", overflow: .disconnect)]) {
                Narrow.relay(&$0)
                $0.threadCount = threads
            }
            let publisher = try await lab.publisher(at: relay)
            let stuck = try await RawPeer.subscribe(
                "t",
                at: try #require(relay.endpoints).subscribers
            )
            let fast = try await lab.subscriber(at: relay, topics: ["t"])
            try await lab.settle([fast], to: [publisher])
            try await relay.eventually("three subscriptions") { $0.totals.subscriptions == 3 }
            try await Self.send(1_500, by: publisher, readBy: fast)
            try await relay.eventually("one subscriber") {
                $0.totals.subscribers == 1 && $0.departed.count == 1
            }
            let status = await relay.status()
            let departed = status.departed[0]
            #expect(departed.reason.contains("could not keep up"))
            #expect(departed.droppedMessages > 100)
            #expect(departed.drops == ["disconnected": departed.droppedMessages])
            #expect(status.totals.drops == departed.drops)
            #expect(status.balance.isBalanced)
            await stuck.close()
        }
    }

    @Test func `what is refused at the door is counted`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone") { $0.messageByteCountMax = 1_000 }
            let endpoints = try #require(relay.endpoints)
            let publisher = try await RawPeer.connect(to: endpoints.publishers)
            try await publisher.send(
                Octets.greeting() + Octets.ready("PUB") + Octets.frame("t")
                    + Octets.longFrame(byteCount: 2_000)
            )
            let subscriber = try await RawPeer.connect(to: endpoints.subscribers)
            try await subscriber.send(
                Octets.greeting() + Octets.ready("SUB") + Octets.frame("not a subscription")
            )
            try await relay.eventually("all three") { $0.balance.received == 3 }
            let status = await relay.status()
            #expect(status.totals.drops == ["too-large": 1])
            // Nobody wants the first, and nobody reads what goes upstream.
            #expect(status.balance.filtered == 2)
            #expect(status.balance.droppedOnArrival == 1)
            #expect(status.balance.isBalanced)
            await publisher.close()
            await subscriber.close()
        }
    }

    @Test func `under block, status says who holds whom up`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone", [.init(tree: "t", overflow: .block)]) {
                Narrow.relay(&$0)
            }
            let publisher = try await lab.publisher(at: relay) {
                $0.queueLimit = QueueLimit(messageCount: 50)
            }
            let slow = try await lab.subscriber(
                at: relay,
                topics: ["t"],
                configure: Narrow.subscriber
            )
            try await lab.settle([slow], to: [publisher])
            #expect(await relay.status().holdUps.isEmpty)
            let sending = Task {
                try await publisher.sendNumbered(["t"], as: "p", count: 3_000, padding: 20_000)
            }
            try await relay.eventually("a full queue") { !$0.holdUps.isEmpty }
            let status = await relay.status()
            let held = try #require(status.peers.first { $0.role == "publisher" })
            let holder = try #require(status.peers.first { $0.role == "subscriber" })
            #expect(status.holdUps.map(\.peer) == [holder.id])
            #expect(status.holdUps[0].holds == [held.id])
            #expect(status.holdUps[0].role == "subscriber")
            #expect((status.holdUps[0].queuedMessages ?? 0) > 50)
            #expect(held.pausedSeconds != nil && holder.pausedSeconds == nil)
            #expect(try await slow.receiveNumbered(from: ["p"])["p"] == Array(0..<3_000))
            try await sending.value
            try await relay.eventually("nobody held up") {
                $0.holdUps.isEmpty && $0.peers.allSatisfy { $0.pausedSeconds == nil }
            }
        }
    }

    @Test func `memory that is short drops under its own reason`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone") { $0.memoryByteCountMax = 1 << 20 }
            let publisher = try await lab.publisher(at: relay)
            let stuck = try await RawPeer.subscribe(
                "t",
                at: try #require(relay.endpoints).subscribers
            )
            let fast = try await lab.subscriber(at: relay, topics: ["t"])
            try await lab.settle([fast], to: [publisher])
            try await relay.eventually("three subscriptions") { $0.totals.subscriptions == 3 }
            try await Self.send(1_500, by: publisher, readBy: fast)
            let status = await relay.status()
            #expect((status.totals.drops["memory-full"] ?? 0) > 0)
            #expect(status.totals.drops["queue-full"] == nil)
            #expect(status.memory.limit == 1 << 20)
            #expect((1...1 << 20).contains(status.memory.held))
            #expect(status.balance.isBalanced)
            await stuck.close()
            try await relay.eventually("no memory held") { $0.memory.held == 0 }
        }
    }
}

extension Octets {
    /// A message of one frame that is longer than 255 octets.
    static func longFrame(byteCount: Int) -> [UInt8] {
        let length = withUnsafeBytes(of: UInt64(byteCount).bigEndian) { Array($0) }
        return [0x02] + length + [UInt8](repeating: 120, count: byteCount)
    }
}
