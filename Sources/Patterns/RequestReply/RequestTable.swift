/// The requests that a DEALER has under way, many at once: each has a number, which its reply carries back in the envelope.
///
///     begin() ─▶ number ─ queued ── given to a peer ──▶ asked ── reply with the number ──▶ done
///                           │ abandon                     │ abandon
///                           └─▶ never sent                └─▶ its reply is awaited, and thrown away
public struct RequestTable<Waiter: Sendable>: Sendable {
    /// What is to become of a queued message.
    public enum Sending: Equatable, Sendable {
        /// A request that is waited for, or no request of this table.
        case send
        /// Nobody waits for it any more.
        case drop
    }

    /// Whose reply a message is.
    public enum Reply: Sendable {
        case expected(Waiter)
        /// Nobody's any more.
        case abandoned
        /// It is no reply.
        case unknown
    }

    private struct Entry: Sendable {
        /// `nil` when it is abandoned.
        var waiter: Waiter?
        /// `nil` while it is queued.
        var peer: UInt64?
    }

    private var entries: [UInt32: Entry] = [:]
    private var nextNumber: UInt32

    /// - Parameter firstNumber: random, so that replies to an earlier socket are not taken for this one's.
    public init(firstNumber: UInt32) {
        nextNumber = firstNumber
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// A number that no request under way has.
    public mutating func makeNumber() -> UInt32 {
        while entries[nextNumber] != nil { nextNumber &+= 1 }
        defer { nextNumber &+= 1 }
        return nextNumber
    }

    public mutating func begin(_ number: UInt32, _ waiter: Waiter) {
        entries[number] = Entry(waiter: waiter)
    }

    /// The message that seems to carry this number is about to be given to a peer.
    public mutating func handleSend(_ number: UInt32, to peer: UInt64) -> Sending {
        guard let entry = entries[number], entry.peer == nil else { return .send }
        guard entry.waiter != nil else {
            entries[number] = nil
            return .drop
        }
        entries[number]?.peer = peer
        return .send
    }

    /// A message that seems to carry this number came from that peer.
    public mutating func handleReply(_ number: UInt32, from peer: UInt64) -> Reply {
        guard let entry = entries[number], entry.peer == peer else { return .unknown }
        entries[number] = nil
        return entry.waiter.map { .expected($0) } ?? .abandoned
    }

    /// Nobody waits for the reply any more; gives who did. `nil`: it has come, or cannot come.
    public mutating func abandon(_ number: UInt32) -> Waiter? {
        guard let waiter = entries[number]?.waiter else { return nil }
        entries[number]?.waiter = nil
        return waiter
    }

    /// Those who wait for replies of a peer that is gone.
    public mutating func handleLoss(of peer: UInt64) -> [Waiter] {
        let lost = entries.filter { $0.value.peer == peer }.keys.sorted()
        return lost.compactMap { entries.removeValue(forKey: $0)?.waiter ?? nil }
    }

    /// Everybody who waits, as none will be served.
    public mutating func removeAll() -> [Waiter] {
        let numbers = entries.keys.sorted()
        return numbers.compactMap { entries.removeValue(forKey: $0)?.waiter ?? nil }
    }
}
