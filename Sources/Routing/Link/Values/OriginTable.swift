/// A relay whose plain publishers' messages enter a tree, as long as its process lives.
public struct OriginID: Hashable, Sendable {
    public var node: String
    /// Random, of each start.
    public var incarnation: UInt64

    public init(node: String, incarnation: UInt64) {
        self.node = node
        self.incarnation = incarnation
    }
}

/// Consecutive messages of one origin.
public struct OriginRange: Hashable, Sendable {
    /// The sender's number for the origin (ORIGIN).
    public var index: Int
    /// The origin's own sequence number of the first.
    public var first: UInt64
    public var count: UInt64

    public init(index: Int, first: UInt64, count: UInt64) {
        self.index = index
        self.first = first
        self.count = count
    }
}

/// The origins that a relay knows, numbered as it names them on all its links, and how far each has come (tree-link.md, U6).
struct OriginTable: Sendable {
    struct Entry: Sendable {
        let id: OriginID
        /// The last of its messages that has a number.
        var lastNumbered: UInt64 = 0
        /// Through which it may forget.
        var acknowledged: UInt64 = 0
    }

    private(set) var entries: [Entry] = []
    /// Looked up, never iterated.
    private var places: [OriginID: Int] = [:]

    subscript(index: Int) -> Entry {
        get { entries[index] }
        set { entries[index] = newValue }
    }

    var count: Int { entries.count }

    /// The origin's number here; `nil` = the table is full.
    mutating func index(of id: OriginID) -> Int? {
        if let place = places[id] { return place }
        guard entries.count < Self.countMax else { return nil }
        places[id] = entries.count
        entries.append(Entry(id: id))
        return entries.count - 1
    }

    mutating func noteNumbered(_ range: OriginRange) {
        let last = range.first + range.count - 1
        entries[range.index].lastNumbered = max(entries[range.index].lastNumbered, last)
    }

    /// These numbers are not of the tree's history: what they were of is numbered again.
    mutating func forget(_ ranges: [OriginRange]) {
        for range in ranges {
            let last = entries[range.index].lastNumbered
            entries[range.index].lastNumbered = min(last, range.first - 1)
        }
    }

    /// How far each origin has come, but for these messages.
    func lastNumbered(without ranges: [OriginRange]) -> [UInt64] {
        var rest = self
        rest.forget(ranges)
        return rest.entries.map(\.lastNumbered)
    }

    static let countMax = 65_536
}
