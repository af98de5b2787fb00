/// When a source whose SPM has not come is asked for one (RFC 3208 §13.5): without its SPM, NAKs have nowhere to go.
///
/// Who does not answer is asked at ever longer intervals, and all sources together only so often: one that does not exist
/// costs whoever forges it one packet, and every request goes to the whole group.
struct SPMRequestTimer: Sendable {
    /// When to ask; `Int64.max`: not.
    private(set) var due = Int64.max
    /// Requests in a row that were not answered.
    private var sentCount = 0

    /// A new source.
    mutating func start(_ context: inout ReceiverContext, at now: Int64) {
        due = now + context.randomTime(0, context.times.requestBackOff)
    }

    mutating func handleSPM() {
        due = .max
        sentCount = 0
    }

    /// Somebody else has asked; the answer is for all.
    mutating func handleOthersRequest(_ context: ReceiverContext, at now: Int64) {
        guard due != .max else { return }
        due = max(due, now + context.times.requestRetry)
    }

    /// Whether to ask now.
    mutating func handleTimeout(_ context: inout ReceiverContext, at now: Int64) -> Bool {
        guard now >= due else { return false }
        let mayRequest = context.takeRequest(at: now)
        let wait = context.times.requestRetry << min(sentCount, Self.doublingCountMax)
        due = now + wait + context.randomTime(0, context.times.requestBackOff)
        if mayRequest { sentCount += 1 }
        return mayRequest
    }

    private static let doublingCountMax = 5
}
