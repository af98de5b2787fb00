/// A number of a message in a tree's one order, as a relay names it: positions of a later epoch are ahead of those of an earlier
/// one (tree-link.md, §2).
public struct LinkPosition: Comparable, Hashable, Sendable, CustomStringConvertible {
    /// Of the root's reign; from the arbiter, strictly rising.
    public var epoch: UInt64
    /// From 1; 0 = before the first. Goes on over epochs.
    public var number: UInt64

    public init(epoch: UInt64, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }

    public static func < (left: LinkPosition, right: LinkPosition) -> Bool {
        (left.epoch, left.number) < (right.epoch, right.number)
    }

    public var description: String { "\(epoch):\(number)" }
}

/// Numbers of messages that follow each other, both ends included.
public typealias LinkNumbers = ClosedRange<UInt64>

extension ClosedRange<UInt64> {
    /// `nil` when nothing lies between the two.
    init?(from first: UInt64, through last: UInt64) {
        guard first <= last else { return nil }
        self = first...last
    }

    /// What both have; `nil` = nothing.
    func intersection(_ other: Self) -> Self? {
        Self(
            from: Swift.max(lowerBound, other.lowerBound),
            through: Swift.min(upperBound, other.upperBound)
        )
    }
}
