import SocketTestSupport
import Testing

@testable import xylem

@Suite(.timeLimit(.minutes(1)), .serialized) struct InterruptionTests {
    @Test func `work that ends is waited for, and so is what follows it`() async throws {
        let interruption = Interruption(by: Self.never)
        #expect(try await interruption.run {} == .finished)
        let isOver = await interruption.wait { try? await Task.sleep(for: .milliseconds(20)) }
        #expect(isOver)
    }

    @Test func `time ends work`() async throws {
        let interruption = Interruption(by: Self.never)
        let ending = try await interruption.run(for: .milliseconds(1)) {
            try await Task.sleep(for: .seconds(3_600))
        }
        #expect(ending == .timedOut)
        let isOver = await interruption.wait(atMost: .milliseconds(1)) {
            try? await Task.sleep(for: .seconds(3_600))
        }
        #expect(!isOver)
    }

    @Test func `a signal ends work, and is remembered`() async throws {
        let interruption = Interruption {}
        for _ in 0..<2 {
            let ending = try await interruption.run {
                try await Task.sleep(for: .seconds(3_600))
            }
            #expect(ending == .interrupted)
        }
        #expect(await !interruption.wait { try? await Task.sleep(for: .seconds(3_600)) })
    }

    @Test func `a farewell of some length is cut short by a signal only where that is heard`()
        async throws
    {
        let interruption = Interruption {}
        let isOver = await interruption.wait(atMost: .seconds(3_600), hearsSignal: true) {
            try? await Task.sleep(for: .seconds(3_600))
        }
        #expect(!isOver)
        // The signal came before: what is left to say is still said.
        #expect(await interruption.wait(atMost: .seconds(3_600)) { await Task.yield() })
    }

    @Test func `what the work throws is thrown`() async throws {
        let interruption = Interruption(by: Self.never)
        await #expect(throws: CommandError.self) {
            _ = try await interruption.run { throw CommandError.failure("no") }
        }
    }

    private static let never: @Sendable () async -> Void = {
        try? await Task.sleep(for: .seconds(3_600))
    }
}
