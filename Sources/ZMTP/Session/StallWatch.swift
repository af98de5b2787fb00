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
    private let takeTimeout: Duration?
    private var partialSince: Instant?
    private var fullSince: Instant?
    private var allowsPauses = false

    /// - Parameters:
    ///   - timeout: for a peer that stopped in the middle of a message; `nil` = never.
    ///   - takeTimeout: for one that takes nothing.
    public init(timeout: Duration?, takeTimeout: Duration?) {
        self.timeout = timeout
        self.takeTimeout = takeTimeout
    }

    /// The same for both.
    public init(timeout: Duration?) {
        self.init(timeout: timeout, takeTimeout: timeout)
    }

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
        switch (partialDue, fullDue) {
        case (let partial?, let full?): min(partial, full)
        case (let due?, nil), (nil, let due?): due
        case (nil, nil): nil
        }
    }

    private var partialDue: Instant? {
        guard let timeout, let partialSince else { return nil }
        return partialSince + timeout
    }

    private var fullDue: Instant? {
        guard let takeTimeout, let fullSince else { return nil }
        return fullSince + takeTimeout
    }

    public func stall(at now: Instant) -> Stall? {
        if let partialDue, partialDue <= now { return .insideMessage }
        if let fullDue, fullDue <= now { return .notReading }
        return nil
    }
}
