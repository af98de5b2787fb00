/// A relay's place in one tree.
public struct TreeSeat: Equatable, Sendable {
    public var name: String
    /// The topics the tree carries begin with one of these.
    public var prefixes: [[UInt8]]
    public var isRoot: Bool
    /// A node only ever attaches to one of lower rank: that keeps the tree free of loops without coordination.
    public var rank: Int
    /// Whether a full queue stops reading (the overflow policy `block`) instead of losing messages.
    public var isBlocking: Bool
    /// Whether relays of the tree speak the tree link: then its root may be another one tomorrow, and what is wanted is told to the
    /// link's core, wherever that passes it on.
    public var isLinked: Bool
    /// Where it blocks: how long what waits for a child that is away is kept; `nil` = without end.
    public var absenceMax: Duration?

    public init(
        name: String,
        prefixes: [[UInt8]] = [[]],
        isRoot: Bool = true,
        rank: Int = 0,
        isBlocking: Bool = false,
        isLinked: Bool = false,
        absenceMax: Duration? = .seconds(60)
    ) {
        self.name = name
        self.prefixes = prefixes
        self.isRoot = isRoot
        self.rank = rank
        self.isBlocking = isBlocking
        self.isLinked = isLinked
        self.absenceMax = absenceMax
    }
}

extension TreeSeat {
    /// Whether what its branch wants is all that is wanted.
    var demandsItself: Bool { isRoot && !isLinked }
}

/// A tree's number at one relay: its place in the relay's list of seats.
public struct TreeID: Hashable, Sendable {
    public var rawValue: Int

    @inlinable
    public init(_ rawValue: Int) {
        self.rawValue = rawValue
    }
}
