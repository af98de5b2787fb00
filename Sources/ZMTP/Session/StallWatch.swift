public import Wire

/// Notices a peer that holds a connection without using it: one that stopped in the middle of a message, or that has not
/// taken anything for too long.
///
///     moving ── a read ends inside a message, or the stream is full ──▶ suspect since then
///        ▲────────────── more arrives, or the stream takes more ─────────┘ └─ time-out ─▶ stalled
///
/// A peer that is merely idle, between messages and with nothing waiting for it, never stalls: heartbeats are for those.
public struct StallWatch: Sendable {
    public enum Stall: Equatable, Sendable {
        case insideMessage
        case notReading
    }

    private let timeout: Duration?
    private var partialSince: Instant?
    private var fullSince: Instant?
    private var allowsPauses = false

    /// `timeout` `nil` = never.
    public init(timeout: Duration?) {
        self.timeout = timeout
    }

    public var isEnabled: Bool { timeout != nil }

    /// Octets arrived; `isPartial` says whether they end inside a message.
    public mutating func handleRead(isPartial: Bool, at now: Instant) {
        partialSince = isPartial ? now : nil
    }

    /// This side stopped reading: what does not come is not the peer's fault.
    public mutating func handlePause() {
        partialSince = nil
    }

    /// The peer may stop reading for good reason, for as long as it likes: heartbeats must tell whether it lives.
    public mutating func allowPauses() {
        allowsPauses = true
        fullSince = nil
    }

    /// The stream was looked at; `isFull` says whether it takes no more.
    public mutating func handleWrite(isFull: Bool, at now: Instant) {
        guard !allowsPauses else { return }
        fullSince = isFull ? fullSince ?? now : nil
    }

    /// When `stall(at:)` may next have an answer; `nil` while nothing is suspect.
    public var deadline: Instant? {
        guard let timeout else { return nil }
        switch (partialSince, fullSince) {
        case (let partial?, let full?): return min(partial, full) + timeout
        case (let since?, nil), (nil, let since?): return since + timeout
        case (nil, nil): return nil
        }
    }

    public func stall(at now: Instant) -> Stall? {
        guard let timeout else { return nil }
        if let partialSince, partialSince + timeout <= now { return .insideMessage }
        if let fullSince, fullSince + timeout <= now { return .notReading }
        return nil
    }
}
