import Vocabulary
import Patterns
import RouterNode
import SocketTestSupport
import Synchronization
import Testing
import Transports
import ZeroMQ

/// What happens, under the policies that may lose, when one subscriber does not keep up.
@Suite(.serialized) struct OverflowTests {
    /// Large enough together to overflow every kernel buffer on the way.
    private static let padding = 10_000

    @Test(arguments: [OverflowPolicy.dropNewest, .dropOldest], [1, 2])
    func `what is dropped is counted, and drops nothing of others`(
        policy: OverflowPolicy,
        threads: Int
    ) async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone", [.init(tree: "t", overflow: policy)]) {
                Narrow.relay(&$0)
                $0.threadCount = threads
            }
            let publisher = try await lab.publisher(at: relay)
            let slow = try await lab.subscriber(
                at: relay,
                topics: ["t"],
                configure: Narrow.subscriber
            )
            let fast = try await lab.subscriber(at: relay, topics: ["t"])
            try await lab.settle([slow, fast], to: [publisher])
            // In steps that the fast one keeps up with.
            let filler = Frame([UInt8](repeating: 120, count: Self.padding))
            @Sendable func sendStep(_ range: Range<Int>) async throws {
                for number in range {
                    try await publisher.sendWaiting([Frame("t"), Frame("p \(number)"), filler])
                }
                for number in range {
                    let message = try await within("message \(number)") { try await fast.receive() }
                    #expect(message[1].text == "p \(number)")
                }
            }
            for step in 0..<40 { try await sendStep(step * 50..<step * 50 + 50) }
            try await relay.eventually("drops") { $0.totals.droppedMessages > 0 }
            let taken = Mutex<[Int]>([])
            let taking = Task {
                for await message in slow.messages {
                    guard let number = Int(message[1].text.split(separator: " ")[1]) else {
                        continue
                    }
                    taken.withLock { $0.append(number) }
                }
            }
            try await relay.eventually("an empty queue") { $0.totals.queuedMessages == 0 }
            try await sendStep(2_000..<2_001)
            try await eventually("the last message") { taken.withLock { $0.last == 2_000 } }
            let numbers = taken.withLock { $0 }
            let totals = await relay.status().totals
            #expect(numbers.count + totals.droppedMessages == 2_001)
            #expect(totals.sentMessages == numbers.count + 2_001)
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
            if policy == .dropNewest {
                #expect(numbers.prefix(100).elementsEqual(0..<100))
            } else {
                #expect(numbers.suffix(101).elementsEqual(1_900...2_000))
            }
            let peers = await relay.status().peers.filter { $0.role == "subscriber" }
            #expect(peers.map(\.droppedMessages).sorted() == [0, totals.droppedMessages])
            taking.cancel()
        }
    }

    @Test(arguments: [1, 2])
    func `disconnect closes the slow one only`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let scene = try await StuckReader(lab, overflow: .disconnect) {
                $0.queueLimit = QueueLimit(messageCount: 2_000, byteCount: 1 << 20)
                $0.threadCount = threads
            }
            let relay = scene.relay
            try await scene.send(1_500)
            try await relay.eventually("one subscriber") { $0.totals.subscribers == 1 }
            #expect(lab.log.contains("the peer could not keep up"))
            await scene.stuck.close()
        }
    }

    @Test func `drops on the way up are counted too`() async throws {
        try await RelayLab.run { lab in
            let relays = try await lab.startChain(count: 2, configure: Narrow.relay)
            let publisher = try await lab.publisher(at: relays[1])
            let subscriber = try await lab.subscriber(at: relays[0], topics: ["t"])
            try await lab.settle([subscriber], to: [publisher])
            try await publisher.sendNumbered(["t"], as: "p", count: 3_000, padding: 1_000)
            let (root, leaf) = (relays[0], relays[1])
            try await leaf.eventually("all messages, and none waiting") {
                $0.totals.receivedMessages == 3_001 && $0.totals.queuedMessages == 0
            }
            let dropped = await leaf.status().totals.droppedMessages
            try await root.eventually("the rest") { $0.totals.receivedMessages == 3_001 - dropped }
        }
    }
}
