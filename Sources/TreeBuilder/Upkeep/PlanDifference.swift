/// What is different between two plans: who moves, and what the figures were and are.
public struct PlanDifference: Equatable, Sendable {
    public var name: String
    /// Names of trees that only one of the plans has.
    public var addedTrees: [String]
    public var removedTrees: [String]
    /// Of trees that both have, in the new plan's order. Moves are in file order: two plans do not say which can be made first.
    public var trees: [TreeChange]
    /// Whether relays of the two plans would accept each other.
    public var isSame: Bool

    public init(from old: Plan, to new: Plan) {
        name = new.name
        let oldNames = Set(old.trees.map(\.name))
        let newNames = Set(new.trees.map(\.name))
        addedTrees = new.trees.map(\.name).filter { !oldNames.contains($0) }
        removedTrees = old.trees.map(\.name).filter { !newNames.contains($0) }
        trees = new.trees.compactMap { tree in
            old.trees.first { $0.name == tree.name }.map { Self.change(from: $0, to: tree) }
        }
        isSame = old.decisions == new.decisions
    }

    private static func change(from old: TreePlan, to new: TreePlan) -> TreeChange {
        var before: [String: TreePlan.TreeNode] = [:]
        for node in old.nodes { before[node.id] = node }
        let kept = Set(new.nodes.map(\.id))
        var moves: [Move] = []
        for node in new.nodes {
            let was = before[node.id]
            guard was == nil || was?.parent != node.parent else { continue }
            let kind: Move.Kind = was == nil ? .joins : node.parent == nil ? .leads : .moves
            moves.append(
                Move(
                    kind: kind,
                    node: node.id,
                    from: was?.parent,
                    to: node.parent,
                    delayBeforeMs: was?.delayMs,
                    delayAfterMs: node.delayMs
                )
            )
        }
        for node in old.nodes where !kept.contains(node.id) {
            moves.append(
                Move(
                    kind: .leaves,
                    node: node.id,
                    from: node.parent,
                    to: nil,
                    delayBeforeMs: node.delayMs,
                    delayAfterMs: nil
                )
            )
        }
        return TreeChange(
            tree: new.name,
            moves: moves,
            cutOff: [],
            radiusMs: .init(before: old.radiusMs, after: new.radiusMs),
            meanMs: .init(before: old.meanMs, after: new.meanMs)
        )
    }
}
