import NIOCore
import Synchronization

/// The clock of a loop, which all who have a lease share: sockets that come and go by the thousand would each leave timers of their own
/// behind, for as long as a handshake may take.
///
/// Leases are counted: a weak reference would make every use of the clock a slow one.
final class ClockLease: Sendable {
    let clock: DeadlineClock
    private let loop: ObjectIdentifier

    init(loop: any EventLoop) {
        let id = ObjectIdentifier(loop)
        self.loop = id
        clock = Self.clocks.withLock { clocks in
            // A clock keeps its loop, so that the number is no other loop's meanwhile.
            let clock = clocks[id]?.clock ?? DeadlineClock(loop: loop)
            clocks[id, default: (clock, 0)].leaseCount += 1
            return clock
        }
    }

    deinit {
        Self.clocks.withLock { clocks in
            clocks[loop]?.leaseCount -= 1
            if clocks[loop]?.leaseCount == 0 { clocks[loop] = nil }
        }
    }

    private static let clocks = Mutex<[ObjectIdentifier: (clock: DeadlineClock, leaseCount: Int)]>(
        [:])
}
