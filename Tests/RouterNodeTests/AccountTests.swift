import RouterNode
import SocketTestSupport
import Testing
import Transports
import Vocabulary
import ZeroMQ

/// Whatever enters a relay is sent, matches nobody, waits, or is counted under a reason.
@Suite(.serialized) struct AccountTests {
    @Test(arguments: [1, 2])
    func `who reads nothing stays where messages may be dropped, and what it misses is counted`(
        threads: Int
    ) async throws {
        try await RelayLab.run { lab in
            let scene = try await StuckReader(lab) {
                Narrow.relay(&$0)
                $0.stallTimeout = .milliseconds(200)
                $0.threadCount = threads
            }
            let relay = scene.relay
            try await scene.send(1_500)
            // The time itself is what is tested: some of the old time-outs.
            try await Task.sleep(for: .milliseconds(700))
            try await scene.send(100)
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
            await scene.stuck.close()
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
            let scene = try await StuckReader(lab, overflow: .disconnect) {
                Narrow.relay(&$0)
                $0.threadCount = threads
            }
            let relay = scene.relay
            try await scene.send(1_500)
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
            await scene.stuck.close()
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
            let scene = try await StuckReader(lab) { $0.memoryByteCountMax = 1 << 20 }
            let relay = scene.relay
            try await scene.send(1_500)
            let status = await relay.status()
            #expect((status.totals.drops["memory-full"] ?? 0) > 0)
            #expect(status.totals.drops["queue-full"] == nil)
            #expect(status.memory.limit == 1 << 20)
            #expect((1...1 << 20).contains(status.memory.held))
            #expect(status.balance.isBalanced)
            await scene.stuck.close()
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
