/// How much was dropped, by reason.
///
/// Every queue has one, and most never drop anything: it allocates with the first drop.
public struct DropCounts: Equatable, Sendable {
    /// By the raw value of the reason; empty until something is dropped.
    private var counts: [Int] = []
    public private(set) var total = 0

    public init() {}

    public var isEmpty: Bool { total == 0 }

    public subscript(reason: DropReason) -> Int {
        counts.isEmpty ? 0 : counts[reason.rawValue]
    }

    /// The reasons that occurred, in the order of `DropReason`.
    public var reasons: [DropReason] {
        isEmpty ? [] : DropReason.allCases.filter { self[$0] > 0 }
    }

    public mutating func add(_ count: Int, _ reason: DropReason) {
        guard count > 0 else { return }
        if counts.isEmpty { counts = Array(repeating: 0, count: DropReason.allCases.count) }
        counts[reason.rawValue] += count
        total += count
    }

    public mutating func add(_ other: DropCounts) {
        for reason in other.reasons { add(other[reason], reason) }
    }
}
