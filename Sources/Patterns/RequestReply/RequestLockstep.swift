/// The rule of a REQ: one request, then its reply, then the next request (RFC 28 "REQ").
///
///     idle ── request ──▶ queued ── given to a peer ──▶ waiting ── reply of that peer ──▶ idle
///      ▲                    │                              │
///      └──── abandon ───────┴───────────── abandon ────────┘
///
/// Strict, a request while another one is under way is refused. Relaxed, it abandons the other. A reply counts only when it comes from the
/// peer that was asked and, with correlation, carries the number of the request.
public struct RequestLockstep: Sendable {
    private enum Phase: Sendable {
        case idle
        case queued(number: UInt32)
        case waiting(number: UInt32, peer: UInt64)
    }

    private let isRelaxed: Bool
    private let correlates: Bool
    private var phase = Phase.idle
    private var nextNumber: UInt32

    /// - Parameters:
    ///   - isRelaxed: whether a request may be made before the last one was answered.
    ///   - correlates: whether requests carry numbers.
    ///   - firstNumber: random, so that replies to an earlier socket are not taken for this one's.
    public init(isRelaxed: Bool, correlates: Bool, firstNumber: UInt32) {
        self.isRelaxed = isRelaxed
        self.correlates = correlates
        nextNumber = firstNumber
    }

    /// Whether a request is under way.
    public var isBusy: Bool {
        if case .idle = phase { false } else { true }
    }

    /// Begins a request; gives its number, or `nil` when one is under way that may not be abandoned.
    public mutating func begin() -> UInt32? {
        guard !isBusy || isRelaxed else { return nil }
        let number = nextNumber
        nextNumber &+= 1
        phase = .queued(number: number)
        return number
    }

    /// The request is about to be given to a peer. `false`: it was abandoned while it was queued, and is not to be sent.
    public mutating func handleSend(number: UInt32, to peer: UInt64) -> Bool {
        guard case .queued(let queued) = phase, queued == number else { return false }
        phase = .waiting(number: number, peer: peer)
        return true
    }

    /// A reply came, with that number or none. Gives whether it is the one that is waited for; then the next request may be made.
    public mutating func handleReply(from peer: UInt64, number: UInt32?) -> Bool {
        guard case .waiting(let expected, let asked) = phase, asked == peer else { return false }
        guard !correlates || number == expected else { return false }
        phase = .idle
        return true
    }

    /// Nobody waits for the reply any more. Gives the peer that may still send it.
    public mutating func abandon() -> UInt64? {
        defer { phase = .idle }
        if case .waiting(_, let peer) = phase { return peer }
        return nil
    }

    /// The peer that was asked is gone. Gives whether its reply was waited for: it will not come.
    public mutating func handleLoss(of peer: UInt64) -> Bool {
        guard case .waiting(_, let asked) = phase, asked == peer else { return false }
        phase = .idle
        return true
    }
}
