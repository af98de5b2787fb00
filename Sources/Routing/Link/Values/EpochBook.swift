/// Which reigns a relay knows of: the present one, whose it is, and where earlier ones ended (tree-link.md, D7).
struct EpochBook: Sendable, Equatable {
    /// The relay's own: of the last number it has dealt with.
    private(set) var current: UInt64
    /// The newest root that the relay has been told of; of an epoch that may not have come down to it yet.
    private(set) var root: LinkRoot
    /// Ascending by epoch.
    private(set) var ends: [LinkPosition] = []

    init(_ root: LinkRoot) {
        current = root.epoch
        self.root = root
    }

    /// The last number of an epoch's reign that stayed; `nil` = it has not ended, or that was too long ago.
    ///
    /// Of an epoch between two that the relay knows of nothing stayed: it ended where the one before it did.
    func end(of epoch: UInt64) -> UInt64? {
        guard epoch < current else { return nil }
        return ends.last { $0.epoch <= epoch }?.number
    }

    /// The first number of a child's history that may still change: it is set back to the lowest end of the epochs since its own.
    func firstAsked(by position: LinkPosition) -> UInt64 {
        var lowest = end(of: position.epoch) ?? .max
        for end in ends where end.epoch >= position.epoch { lowest = min(lowest, end.number) }
        return min(position.number, lowest) + 1
    }

    /// The epoch after `epoch` that a child is told of, and where it begins; `nil` = there is none, or the end is forgotten.
    func successor(of epoch: UInt64) -> (epoch: UInt64, first: UInt64)? {
        guard let end = end(of: epoch) else { return nil }
        return (ends.first { $0.epoch > epoch }?.epoch ?? current, end + 1)
    }

    /// Whether a child of this epoch can be told everything that has happened since.
    func remembers(_ epoch: UInt64) -> Bool {
        epoch >= current || end(of: epoch) != nil
    }

    /// The present epoch ended at `end`; another has begun.
    mutating func begin(_ epoch: UInt64, after end: UInt64) {
        guard epoch > current else { return }
        ends.append(LinkPosition(epoch: current, number: end))
        if ends.count > Self.countMax { ends.removeFirst() }
        current = epoch
    }

    /// Begins anew in another epoch, without knowing what was before.
    mutating func restart(in epoch: UInt64) {
        current = epoch
        ends = []
    }

    mutating func learn(_ root: LinkRoot) {
        if root.epoch >= self.root.epoch { self.root = root }
    }

    static let countMax = 64
}

/// Who reigns a tree.
public struct LinkRoot: Hashable, Sendable {
    public var node: String
    public var epoch: UInt64

    public init(node: String, epoch: UInt64) {
        self.node = node
        self.epoch = epoch
    }
}
