import Vocabulary

/// Answers a source's POLLs, each after a random time (RFC 3208 §14.5).
struct PollResponder: Sendable {
    /// A POLR that waits for its time.
    struct Response: Sendable {
        var fields: PollResponseFields
        var path: NetworkAddress
        var due: Int64
    }

    private var pending: Response?
    /// The poll whose first round was heard last.
    private var sequence: SequenceNumber?

    /// When a POLR is to be sent; `Int64.max`: there is none.
    var due: Int64 { pending?.due ?? .max }

    /// Whether this receiver was asked by that poll, or by a later one.
    func wasAsked(by poll: SequenceNumber) -> Bool {
        sequence.map { !$0.isAfter(poll) } == true
    }

    mutating func handle(_ poll: PollFields, _ context: inout ReceiverContext, at now: Int64) {
        // A new poll cancels the answer to an older one.
        if pending?.fields.sequence != poll.sequence { pending = nil }
        if poll.round == 0 {
            sequence = poll.sequence
        } else if sequence != poll.sequence {
            return
        }
        guard poll.subtype == PollFields.general,
            poll.random & poll.mask == context.nodeID & poll.mask
        else { return }
        let backOff = min(Int64(poll.backOffMicroseconds) * 1_000, Self.backOffMax)
        pending = Response(
            fields: PollResponseFields(sequence: poll.sequence, round: poll.round),
            path: poll.path,
            due: now + context.randomTime(0, backOff)
        )
    }

    /// The response that is due.
    mutating func takeDue(at now: Int64) -> Response? {
        guard let response = pending, now >= response.due else { return nil }
        pending = nil
        return response
    }

    private static let backOffMax: Int64 = 60_000_000_000
}
