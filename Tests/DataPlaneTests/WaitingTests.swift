import NIOCore
import NIOPosix
import Simulation
import SocketTestSupport
import Synchronization
import Testing
import Transports

@testable import DataPlane

/// Threads and tasks that wait for messages and for room.
@Suite(.timeLimit(.minutes(2))) struct WaitingTests {
    private static func withThreads<Result: Sendable>(
        _ count: Int,
        _ body: (NIOThreadPool) async throws -> Result
    ) async throws -> Result {
        let pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
        let result = try await body(pool)
        try await pool.shutdownGracefully()
        return result
    }

    @Test func `a take waits no longer than its time-out`() {
        let mailbox = Mailbox(limit: .unlimited)
        guard case .timedOut = mailbox.takeItem(timeout: .zero) else {
            Issue.record("not timed out")
            return
        }
        guard case .timedOut = mailbox.takeItem(timeout: .milliseconds(20)) else {
            Issue.record("not timed out")
            return
        }
        // Whoever timed out waits no more: the message is for the next.
        mailbox.append(Encoded.message(number: 1), messageCount: 1, from: .none)
        #expect(mailbox.takeItem(timeout: .zero).item?.message.flatMap(Encoded.number) == 1)
    }

    @Test func `a blocked thread is given the message, or told of the close`() async throws {
        let mailbox = Mailbox(limit: .unlimited)
        try await Self.withThreads(1) { pool in
            async let first = pool.runIfActive { mailbox.takeItem(timeout: nil) }
            mailbox.append(Encoded.message(number: 1), messageCount: 1, from: .none)
            #expect(try await first.item?.message.flatMap(Encoded.number) == 1)
            async let second = pool.runIfActive { mailbox.takeItem(timeout: .seconds(3_600)) }
            mailbox.close()
            guard case .closed = try await second else {
                Issue.record("not told of the close")
                return
            }
        }
    }

    /// Consumers whose time-outs end all the time, others without, tasks that are cancelled: each message is taken once.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func `no message is lost or taken twice between time-outs and wake-ups`(
        seed: UInt64
    ) async throws {
        let mailbox = Mailbox(limit: .unlimited)
        let count = 4_000
        let taken = Mutex<[Int]>([])
        let note: @Sendable (Mailbox.Outcome) -> Bool = { outcome in
            switch outcome {
            case .item(let item):
                let number = item.message.flatMap(Encoded.number) ?? -1
                taken.withLock { $0.append(number) }
                return true
            case .timedOut, .cancelled: return true
            case .closed: return false
            }
        }
        try await Self.withThreads(5) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for consumer in 0..<4 {
                    group.addTask {
                        try await pool.runIfActive {
                            var generator = SeededGenerator(seed: seed << 8 | UInt64(consumer))
                            var isOpen = true
                            while isOpen {
                                let time = Int.random(in: 0...60, using: &generator)
                                let timeout = consumer == 0 ? nil : Duration.microseconds(time)
                                isOpen = note(mailbox.takeItem(timeout: timeout))
                            }
                        }
                    }
                }
                group.addTask {
                    var isOpen = true
                    while isOpen {
                        let take = Task { await mailbox.takeItem() }
                        await Task.yield()
                        take.cancel()
                        isOpen = note(await take.value)
                    }
                }
                try await pool.runIfActive {
                    var generator = SeededGenerator(seed: seed)
                    for number in 0..<count {
                        mailbox.append(
                            Encoded.message(number: number),
                            messageCount: 1,
                            from: .none
                        )
                        // Now and then the consumers' time-outs end with nothing there.
                        if generator.next().isMultiple(of: 8) {
                            for _ in 0..<generator.next() % 20_000 { _ = generator.next() }
                        }
                    }
                    mailbox.close()
                }
                try await group.waitForAll()
            }
        }
        while let item = mailbox.tryTakeItem() { _ = note(.item(item)) }
        #expect(taken.withLock { $0.sorted() } == Array(0..<count), "seed \(seed)")
    }

    @Test func `a thread waits for room, and no longer than its time-out`() async throws {
        let queue = SendQueue(limit: QueueLimit(messageCount: 2))
        let message = Encoded.message(number: 1)
        for _ in 0..<2 { _ = queue.append(message, countRefused: false) }
        #expect(queue.append(message, countRefused: false) == .full)
        #expect(queue.waitForRoom(message.readableBytes, timeout: .milliseconds(5)) == .timedOut)
        try await Self.withThreads(1) { pool in
            async let wait = pool.runIfActive {
                queue.waitForRoom(message.readableBytes, timeout: nil)
            }
            #expect(queue.take()?.messageCount == 2)
            let waited = try await wait
            #expect(waited == .room)
            for _ in 0..<2 { _ = queue.append(message, countRefused: false) }
            async let last = pool.runIfActive {
                queue.waitForRoom(message.readableBytes, timeout: nil)
            }
            queue.close()
            let ended = try await last
            #expect(ended == .closed)
        }
    }

    @Test func `a queue that was found full tells once when it can be written to`() {
        let queue = SendQueue(limit: QueueLimit(messageCount: 2))
        let calls = Counter()
        queue.setWritableHandler { calls.increment() }
        let message = Encoded.message(number: 1)
        for _ in 0..<2 { _ = queue.append(message, countRefused: false) }
        _ = queue.take()
        #expect(calls.value == 0)
        for _ in 0..<3 { _ = queue.append(message, countRefused: false) }
        _ = queue.take()
        _ = queue.take()
        #expect(calls.value == 1)
        _ = queue.setBlocked(true)
        #expect(!queue.isWritable)
        _ = queue.setBlocked(false)
        #expect(calls.value == 2)
    }
}
