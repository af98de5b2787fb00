import DataPlane
import NIOCore
import NIOEmbedded
import NIOPosix
import Patterns
import Simulation
import SocketTestSupport
import Synchronization
import Testing
import Vocabulary
import Transports
import ZMTP

@testable import ZeroMQ

/// The core under the sockets, as an interface for threads uses it.
@Suite(.sockets, .timeLimit(.minutes(3))) struct SocketCoreTests {
    @Test func `an append waits for room no longer than its time-out`() {
        let loop = EmbeddedEventLoop()
        let options = SocketOptions { $0.queueLimit = QueueLimit(messageCount: 2) }
        let core = PublishCore(type: .pub, home: loop, options: options)
        let message = Message("m").encoded
        #expect(core.isWritable)
        for _ in 0..<2 { #expect(core.append(message, timeout: .zero) == .queued) }
        let calls = Mutex(0)
        core.setWritableHandler { calls.withLock { $0 += 1 } }
        #expect(core.append(message, timeout: .milliseconds(5)) == .full)
        #expect(!core.isWritable)
        #expect(calls.withLock { $0 } == 0)
        // The loop takes what is there; only now there is room.
        loop.run()
        #expect(calls.withLock { $0 } == 1)
        #expect(core.append(message, timeout: .zero) == .queued)
        _ = core.finish()
        #expect(core.append(message, timeout: nil) == .closed)
        // What the loop still holds, holds the core.
        loop.run()
    }

    @Test func `each pattern has the queues it needs, and says no for the other`() {
        let loop = EmbeddedEventLoop()
        let publish = PublishCore(type: .pub, home: loop, options: SocketOptions())
        #expect(publish.take(timeout: .zero) == nil)
        #expect(publish.readinessDescriptor() == nil)
        let subscribe = SubscribeCore(type: .sub, home: loop, options: SocketOptions())
        #expect(subscribe.append(Message("m").encoded, timeout: .zero) == .unsupported)
        #expect(!subscribe.isWritable)
        guard case .timedOut = subscribe.take(timeout: .zero) else {
            Issue.record("not timed out")
            return
        }
    }

    /// Threads on both sides, with time-outs that end all the time; under `block` nothing may be missing.
    @Test(arguments: 0..<3 as Range<UInt64>)
    func `threads send and take through two cores, each message once`(seed: UInt64) async throws {
        let limit = QueueLimit(messageCount: 50)
        let publisher = XPublisher(
            options: SocketOptions {
                $0.overflow = .block
                $0.queueLimit = limit
            }
        )
        let subscriber = Subscriber(options: SocketOptions { $0.queueLimit = limit })
        let endpoint = try await publisher.bind("inproc://core threads \(seed)")
        try await subscriber.connect(endpoint.description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        let perSender = 3_000
        let taken = Texts()
        let (source, sink) = (publisher.engine, subscriber.engine)
        try await within("all messages", .seconds(90)) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in 0..<2 {
                    group.addTask {
                        try await pool.runIfActive {
                            var generator = SeededGenerator(seed: seed << 8 | UInt64(sender))
                            for number in 0..<perSender {
                                let message = Message("\(sender) \(number)").encoded
                                var outcome = AppendOutcome.full
                                while outcome == .full {
                                    let time = Int.random(in: 0...50, using: &generator)
                                    outcome = source.append(message, timeout: .microseconds(time))
                                }
                                #expect(outcome == .queued)
                            }
                        }
                    }
                }
                for taker in 0..<2 {
                    group.addTask {
                        try await pool.runIfActive {
                            var generator = SeededGenerator(seed: seed << 8 | UInt64(8 + taker))
                            while taken.count < 2 * perSender {
                                let time = Int.random(in: 0...50, using: &generator)
                                let outcome = sink.take(timeout: .microseconds(time))
                                guard let message = outcome?.item?.message else { continue }
                                taken.append(Message(encoded: message)[0].text)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let expected = (0..<2).flatMap { sender in (0..<perSender).map { "\(sender) \($0)" } }
        #expect(Set(taken.all) == Set(expected), "seed \(seed)")
        #expect(taken.count == expected.count, "seed \(seed)")
        try await pool.shutdownGracefully()
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `a message tells from which peer it came`() async throws {
        let publishers = [XPublisher(), XPublisher()]
        let subscriber = Subscriber()
        for publisher in publishers {
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
            try await subscriber.connect(endpoint.description)
        }
        try await subscriber.subscribe(to: "")
        var peers: [Set<PeerID>] = [[], []]
        for publisher in publishers { try await publisher.awaitSubscription("") }
        for number in 0..<20 {
            publishers[number % 2].send(Message("\(number % 2)"))
            let item = try await within("message") {
                await subscriber.engine.inbox?.takeItem().item
            }
            guard case .message(let message, let peer)? = item else {
                Issue.record("no message")
                return
            }
            peers[Int(Message(encoded: message)[0].text) ?? 0].insert(peer)
        }
        #expect(peers.map(\.count) == [1, 1])
        #expect(peers[0] != peers[1])
        #expect(!peers[0].contains(.none))
        for publisher in publishers { try await publisher.closeInTime() }
        try await subscriber.closeInTime()
    }
}

/// What several threads have taken.
private final class Texts: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    var count: Int { texts.withLock { $0.count } }

    func append(_ text: String) { texts.withLock { $0.append(text) } }
}
