package import NIOCore

/// Bounds the memory that slices in a queue keep beyond their own octets, their slack.
///
///     a read of 256 KiB   ▒▒▒▒▒▒▒▒████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
///     a slice in a queue          └──┘ 4 KiB, and 252 KiB of slack
///
/// A queue shares slices, without a copy, while their slack fits into the budget; one whose slack does not fit is copied.
/// So nothing is copied for a peer or an application that keeps up, and for one that does not a queue holds at most its
/// limit, the budget, and the rounding of its copies. Slices of one storage are charged each for itself: that errs on the
/// safe side, and no storage needs to be remembered.
package struct SlackBudget: Sendable {
    package let byteCountMax: Int
    package private(set) var byteCount = 0

    /// Slack may be as much as the limit allows in messages.
    package init(limit: QueueLimit) {
        byteCountMax = limit.byteCount
    }

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// What a slice of that many octets out of `storage` keeps beyond them.
    package static func slack(of storage: ByteBuffer, byteCount: Int) -> Int {
        storage.storageCapacity - byteCount
    }

    /// Charges that much. `false`: there is no room for it, nothing was charged, and the octets are to be copied.
    package mutating func charge(_ slack: Int) -> Bool {
        guard slack <= byteCountMax - byteCount else { return false }
        byteCount += slack
        return true
    }

    /// Charges a segment that was cut down, whatever it pins: its octets were paid for before.
    package mutating func recharge(_ buffer: ByteBuffer) {
        byteCount += Self.slack(of: buffer, byteCount: buffer.readableBytes)
    }

    /// The slice has left the queue.
    package mutating func release(_ buffer: ByteBuffer) {
        byteCount -= Self.slack(of: buffer, byteCount: buffer.readableBytes)
    }
}
