import Glibc
import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import ZMTP

@testable import Transports

/// When a listener stops accepting, and how often it looks whether it may go on.
@Suite struct AcceptGateTests {
    /// A gate in front of nothing, and the machine's descriptors as the test says.
    private final class Rig: Sendable {
        private struct State {
            var room = DescriptorRoom(limit: 64, usedCount: 20)
            var lookCount = 0
            var log: [String] = []
        }

        private let state = Mutex(State())
        let channel = EmbeddedChannel()

        init() throws {
            let gate = AcceptGate { [self] in
                state.withLock { state in
                    state.lookCount += 1
                    return state.room
                }
            } news: { [self] news in
                state.withLock { state in
                    switch news {
                    case .paused(let pause, let isNews):
                        state.log.append((isNews ? "paused: " : "again: ") + "\(pause)")
                    case .failed(let reason): state.log.append("failed: \(reason)")
                    case .resumed(let isNews):
                        state.log.append("resumed\(isNews ? "" : " quietly")")
                    }
                }
            }
            try channel.pipeline.syncOperations.addHandler(gate)
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        }

        var log: [String] { state.withLock { $0.log } }
        var lookCount: Int { state.withLock { $0.lookCount } }

        func setLimit(_ limit: Int) { state.withLock { $0.room.limit = limit } }

        func use(_ count: Int) { state.withLock { $0.room.usedCount = count } }

        func accept() throws {
            let child = EmbeddedChannel()
            try channel.writeInbound(child)
            // One that is not finished keeps itself.
            _ = try child.finish()
        }

        func fail(_ code: CInt) {
            channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
        }

        func wait(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
    }

    @Test func `what is left to others is a part of the limit`() {
        #expect(DescriptorRoom(limit: 64, usedCount: 20).freeCount == 28)
        #expect(DescriptorRoom(limit: 64, usedCount: 48).freeCount == 0)
        #expect(DescriptorRoom(limit: 64, usedCount: 64).freeCount == 0)
        #expect(DescriptorRoom(limit: 4_096, usedCount: 20).freeCount == 4_096 - 32 - 20)
        let now = DescriptorRoom.now
        #expect(now.usedCount > 2 && now.usedCount < now.limit)
    }

    @Test func `accepting pauses before the last descriptor and goes on when there is room`() throws
    {
        let rig = try Rig()
        try rig.accept()
        #expect(rig.log == [])
        rig.use(48)
        try rig.accept()
        // What is accepted in the same burst changes nothing any more.
        try rig.accept()
        #expect(rig.log.count == 1)
        #expect(rig.log.first?.contains("48 of 64 file descriptors are in use") == true)
        // Looks, not attempts, ever more rarely: 50, 150, 350, 750, 1550 ms, then each second.
        let before = rig.lookCount
        rig.wait(.seconds(60))
        #expect(rig.lookCount - before == 5 + 58)
        #expect(rig.log.count == 1)
        rig.use(40)
        rig.wait(.seconds(1))
        #expect(rig.log.dropFirst() == ["resumed"])
        _ = try rig.channel.finish()
    }

    @Test func `where there is much room it looks now and then`() throws {
        let rig = try Rig()
        rig.setLimit(1_000)
        for _ in 0..<65 { try rig.accept() }
        #expect(rig.lookCount == 1)
        // Less is left, and so it looks more often, and in the end at each.
        rig.use(1_000 - 32 - 128 - 16)
        for _ in 0..<6 { try rig.accept() }
        #expect(rig.lookCount == 3)
        rig.use(1_000 - 32 - 128)
        for _ in 0..<4 { try rig.accept() }
        #expect(rig.lookCount == 7)
        rig.use(1_000 - 32)
        try rig.accept()
        #expect(rig.log.count == 1)
        _ = try rig.channel.finish()
    }

    @Test(arguments: [(EMFILE, "ulimit -n"), (ENFILE, "fs.file-max"), (ENOMEM, "no memory")])
    func `an accept that fails for want of something pauses too`(
        code: CInt,
        word: String
    ) throws {
        let rig = try Rig()
        rig.fail(code)
        #expect(rig.log.count == 1)
        #expect(rig.log.first?.contains(word) == true)
        // There are descriptors, so it is tried again, ever more rarely as long as it fails.
        for wait in [50, 100, 200] as [Int64] {
            rig.wait(.milliseconds(wait - 1))
            let before = rig.log.count
            rig.wait(.milliseconds(1))
            #expect(rig.log.count == before + 1)
            rig.fail(code)
        }
        // Within a minute it is told once.
        #expect(rig.log.filter { $0.hasPrefix("paused") }.count == 1)
        #expect(rig.log.filter { $0.hasPrefix("again") }.count == 3)
        #expect(rig.log.filter { $0 == "resumed" }.count == 1)
        _ = try rig.channel.finish()
    }

    @Test func `a connection that failed by itself is not a shortage`() throws {
        let rig = try Rig()
        rig.fail(ECONNABORTED)
        #expect(rig.log.count == 1 && rig.log[0].hasPrefix("failed: "), "\(rig.log)")
        #expect(throws: IOError.self) { try rig.channel.throwIfErrorCaught() }
    }
}
