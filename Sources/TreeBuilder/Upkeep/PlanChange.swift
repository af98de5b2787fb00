/// A plan after something has happened, and what to move on the way there.
public struct PlanChange: Equatable, Sendable {
    /// Its epoch is one more than before when anything about it is different.
    public var plan: Plan
    /// One for each tree of the plan, in its order.
    public var trees: [TreeChange]

    public init(plan: Plan, trees: [TreeChange]) {
        self.plan = plan
        self.trees = trees
    }

    /// Nodes that change their parents, over all trees.
    public var moveCount: Int { trees.reduce(0) { $0 + $1.moveCount } }
}

/// What changes in one tree, and what that wins or costs.
public struct TreeChange: Codable, Equatable, Sendable {
    /// The tree's name.
    public var tree: String
    /// In an order in which each can be made while everything else runs: see `Move`.
    public var moves: [Move]
    /// Nodes to which no way is left, or none that limits allow, and that have no place; in file order.
    public var cutOff: [String]
    /// Before and after; the radius is in ms. So are the next ones.
    public var radiusMs: Pair
    public var meanMs: Pair
    /// What the links cost, where that is the objective; in the plan's unit.
    public var cost: Pair?

    /// A figure before and after.
    public struct Pair: Codable, Equatable, Sendable {
        public var before: Double
        public var after: Double

        public init(before: Double, after: Double) {
            self.before = before
            self.after = after
        }
    }

    public init(
        tree: String,
        moves: [Move],
        cutOff: [String],
        radiusMs: Pair,
        meanMs: Pair
    ) {
        self.tree = tree
        self.moves = moves
        self.cutOff = cutOff
        self.radiusMs = radiusMs
        self.meanMs = meanMs
    }

    /// Nodes that were in the tree before and have another parent now.
    public var moveCount: Int { moves.count { $0.kind == .moves } }
    /// Moves that find their new parent full for a moment.
    public var spareSlots: [String] { moves.filter(\.needsSpareSlot).compactMap(\.to) }
}

/// One node changes its place, make-before-break: it is fed by the new parent before it leaves the old one.
///
/// When its turn comes, the new parent is reached by the root, is not below the node, and has a slot free, unless
/// `needsSpareSlot` says that it must take one child more than it may until a later move has freed one. Its rank in the new plan is
/// lower than the node's.
public struct Move: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, Sendable {
        /// From one parent to another.
        case moves
        /// Into the tree.
        case joins
        /// Out of the tree, when nobody hangs at the node any more.
        case leaves
        /// The node becomes the root.
        case leads
    }

    public var kind: Kind
    /// Ids. `from` is the parent before, dead or alive; `nil` = it had none. `to` is `nil` when the node leaves or leads.
    public var node: String
    public var from: String?
    public var to: String?
    /// The node's delay in the old plan and in the new one, ms; `nil` where it has none.
    public var delayBeforeMs: Double?
    public var delayAfterMs: Double?
    public var needsSpareSlot: Bool

    public init(
        kind: Kind,
        node: String,
        from: String?,
        to: String?,
        delayBeforeMs: Double?,
        delayAfterMs: Double?,
        needsSpareSlot: Bool = false
    ) {
        self.kind = kind
        self.node = node
        self.from = from
        self.to = to
        self.delayBeforeMs = delayBeforeMs
        self.delayAfterMs = delayAfterMs
        self.needsSpareSlot = needsSpareSlot
    }
}
