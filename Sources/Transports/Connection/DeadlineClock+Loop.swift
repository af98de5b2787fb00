import NIOCore
import Synchronization

extension DeadlineClock {
    /// The clock of that loop, which all sockets there share for as long as any of them lives: sockets that come and go by the thousand would
    /// each leave timers of their own behind, for as long as a handshake may take.
    static func of(_ loop: any EventLoop) -> DeadlineClock {
        clocks.withLock { clocks in
            let id = ObjectIdentifier(loop)
            // A clock keeps its loop, so that a number whose clock lives is that loop's still.
            if let known = clocks[id]?.clock { return known }
            clocks = clocks.filter { $0.value.clock != nil }
            let clock = DeadlineClock(loop: loop)
            clocks[id] = Kept(clock: clock)
            return clock
        }
    }

    private struct Kept: Sendable {
        weak let clock: DeadlineClock?
    }

    private static let clocks = Mutex<[ObjectIdentifier: Kept]>([:])
}
