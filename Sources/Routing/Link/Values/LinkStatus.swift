/// What a relay and all below it have had of a tree: sent up now and then, and merged on the way (tree-link.md, §4, STATUS).
public struct LinkStatus: Hashable, Sendable {
    /// The relay that is farthest behind, and through where it has dealt with everything.
    public var slowest: String
    public var position: LinkPosition
    /// Relays that this is about.
    public var relayCount: UInt64 = 1
    /// Numbers that fell out of a ring before somebody had them (G1).
    public var gapCount: UInt64 = 0
    /// Messages that came again, and were left aside (D4, D7, U3).
    public var repeatCount: UInt64 = 0
    /// How often a relay's history was set back (D7).
    public var setBackCount: UInt64 = 0

    public init(slowest: String, position: LinkPosition) {
        self.slowest = slowest
        self.position = position
    }

    /// Of both: the slower one's place, and the sums.
    public mutating func merge(_ other: LinkStatus) {
        if (other.position, other.slowest) < (position, slowest) {
            slowest = other.slowest
            position = other.position
        }
        relayCount.add(other.relayCount)
        gapCount.add(other.gapCount)
        repeatCount.add(other.repeatCount)
        setBackCount.add(other.setBackCount)
    }
}

/// A tree as the relay sees it that is asked: at its root, the whole of it.
public struct TreeStatus: Hashable, Sendable {
    public var status: LinkStatus
    /// How far the slowest relay is behind the one that is asked: messages, and for how long the first of them has been there.
    public var lagMessageCount: UInt64
    public var lagTime: Duration
}

extension UInt64 {
    /// Sums of what peers say do not overflow.
    mutating func add(_ other: UInt64) {
        let (sum, hasOverflown) = addingReportingOverflow(other)
        self = hasOverflown ? .max : sum
    }
}
