/// The deadlines of many, and the earliest of them: a tournament, in which the earlier deadline of every pair goes on.
///
///             3
///         ┌───┴───┐
///         3       5            one change plays log₂ n matches anew;
///       ┌─┴─┐   ┌─┴─┐          who is due is found from the top
///       7   3   5   ∞
///       0   1   2   3          slots
///
/// Finding the earliest of a thousand sources by looking at each is what a flood of forged ones would starve the others
/// with.
struct DeadlineTournament: Sendable {
    /// The root is at 1, the children of `node` are at `2 * node` and `2 * node + 1`, the slots are at the end.
    private var nodes: ContiguousArray<Int64> = [.max, .max]
    private var slotCount = 1

    /// `Int64.max`: there is none.
    var earliest: Int64 { nodes[1] }

    /// `Int64.max` takes the slot's deadline away.
    mutating func set(_ slot: Int, _ deadline: Int64) {
        while slot >= slotCount { grow() }
        var node = slotCount + slot
        guard nodes[node] != deadline else { return }
        nodes[node] = deadline
        while node > 1 {
            node /= 2
            let winner = min(nodes[2 * node], nodes[2 * node + 1])
            guard nodes[node] != winner else { return }
            nodes[node] = winner
        }
    }

    /// The slots whose deadlines have come, in ascending order.
    func due(at now: Int64) -> [Int] {
        guard nodes[1] <= now, nodes[1] != .max else { return [] }
        var slots: [Int] = []
        collect(below: 1, at: now, &slots)
        return slots
    }

    private func collect(below node: Int, at now: Int64, _ slots: inout [Int]) {
        guard nodes[node] <= now, nodes[node] != .max else { return }
        if node >= slotCount {
            slots.append(node - slotCount)
        } else {
            collect(below: 2 * node, at: now, &slots)
            collect(below: 2 * node + 1, at: now, &slots)
        }
    }

    private mutating func grow() {
        let deadlines = nodes[slotCount...]
        slotCount *= 2
        nodes = ContiguousArray(repeating: .max, count: 2 * slotCount)
        for (slot, deadline) in deadlines.enumerated() { set(slot, deadline) }
    }
}
