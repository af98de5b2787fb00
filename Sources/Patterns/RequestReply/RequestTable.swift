/// The requests that a DEALER has under way, many at once: each has a number, which its reply carries back in the envelope.
///
///     begin() ─▶ number ─ queued ── given to a peer ──▶ asked ── reply with the number ──▶ done
///                           └───────── abandon, loss of the peer ──────────────────────────▶ done
public struct RequestTable<Waiter> {
    private struct Entry {
        var waiter: Waiter
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

    /// The message with that number is about to be given to a peer. `false`: it was abandoned, and is not to be sent.
    public mutating func handleSend(_ number: UInt32, to peer: UInt64) -> Bool {
        guard entries[number] != nil else { return false }
        entries[number]?.peer = peer
        return true
    }

    /// Who waits for the reply that carries the number and came from that peer.
    public mutating func handleReply(_ number: UInt32, from peer: UInt64) -> Waiter? {
        guard entries[number]?.peer == peer else { return nil }
        return entries.removeValue(forKey: number)?.waiter
    }

    /// Nobody waits for the reply any more. `nil`: it has come, or cannot come.
    public mutating func abandon(_ number: UInt32) -> Waiter? {
        entries.removeValue(forKey: number)?.waiter
    }

    /// Those who wait for replies of a peer that is gone.
    public mutating func handleLoss(of peer: UInt64) -> [Waiter] {
        let lost = entries.filter { $0.value.peer == peer }.keys.sorted()
        return lost.compactMap { entries.removeValue(forKey: $0)?.waiter }
    }

    /// Everybody who waits, as none will be served.
    public mutating func removeAll() -> [Waiter] {
        let numbers = entries.keys.sorted()
        return numbers.compactMap { entries.removeValue(forKey: $0)?.waiter }
    }
}

extension RequestTable: Sendable where Waiter: Sendable {}
