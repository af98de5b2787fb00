import Wire

/// When SPMs are due (RFC 3208 §5.1.4 … §5.1.6): two timers that run independently.
///
///     data   ┃┃┃┃┃                              ┃┃
///     heart  ─────╿─╿──╿─────╿────────────╿───────╿─╿──╿──     restarts after data, slows down
///     ambient ╿──────────╿──────────╿──────────╿──────────     in any case
struct SPMSchedule: Sendable {
    private let ambientInterval: Int64
    private let heartbeats: ContiguousArray<Int64>
    private let requestedInterval: Int64
    private var heartbeatIndex = 0
    private(set) var heartbeatDue: Int64
    private(set) var ambientDue: Int64
    private var sentAt = Int64.min / 2
    /// An SPM was asked for too soon after the last one.
    private var isRequested = false

    init(_ options: SourceOptions, at now: Int64) {
        precondition(
            !options.heartbeatIntervals.isEmpty,
            "there is at least one heartbeat interval"
        )
        precondition(
            options.ambientInterval > .zero && options.heartbeatIntervals.allSatisfy { $0 > .zero },
            "intervals between SPMs are positive"
        )
        ambientInterval = options.ambientInterval.nanoseconds
        heartbeats = ContiguousArray(options.heartbeatIntervals.map(\.nanoseconds))
        requestedInterval = options.requestedInterval.nanoseconds
        heartbeatDue = now + heartbeats[0]
        ambientDue = now + ambientInterval
    }

    var deadline: Int64 {
        let due = min(heartbeatDue, ambientDue)
        return isRequested ? min(due, sentAt + requestedInterval) : due
    }

    /// Data has been sent: the heartbeat starts anew.
    @inline(__always)
    mutating func handleData(at now: Int64) {
        heartbeatIndex = 0
        heartbeatDue = now + heartbeats[0]
    }

    /// Somebody asks for an SPM: whether it is due now; otherwise it will be (RFC 3208 §13.4).
    mutating func handleRequest(at now: Int64) -> Bool {
        if now - sentAt >= requestedInterval { return true }
        isRequested = true
        return false
    }

    mutating func handleSent(at now: Int64) {
        sentAt = now
        isRequested = false
        if now >= heartbeatDue {
            heartbeatIndex = min(heartbeatIndex + 1, heartbeats.count - 1)
            heartbeatDue = now + heartbeats[heartbeatIndex]
        }
        ambientDue = now + ambientInterval
    }
}
