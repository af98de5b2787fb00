import Testing
import Topology

@testable import TreeBuilder

/// Carries out the moves of a change one by one, from the two plans alone, and looks at every step.
struct MoveReplay {
    let before: TreePlan
    let after: TreePlan
    let change: TreeChange
    let dead: Set<String>
    /// `nil` = no limit.
    let limit: (String) -> Int?

    init(
        _ before: TreePlan,
        _ after: TreePlan,
        _ change: TreeChange,
        dead: Set<String> = [],
        limit: @escaping (String) -> Int?
    ) {
        self.before = before
        self.after = after
        self.change = change
        self.dead = dead
        self.limit = limit
    }

    /// With `keepsOrder` old edges, too, must lead from lower to higher ranks of the new plan.
    func check(_ comment: String, keepsOrder: Bool = true) {
        let cutOff = Set(change.cutOff)
        var parent: [String: String] = [:]
        var present: Set<String> = []
        for node in before.nodes where !dead.contains(node.id) && !cutOff.contains(node.id) {
            present.insert(node.id)
            if let above = node.parent, !dead.contains(above), !cutOff.contains(above) {
                parent[node.id] = above
            }
        }
        var root = before.root
        let rank = Dictionary(uniqueKeysWithValues: after.nodes.map { ($0.id, $0.rank) })
        func count(_ id: String) -> Int { parent.values.count { $0 == id } }
        func leadsToRoot(_ start: String, without node: String) -> Bool {
            var current = start
            for _ in 0...before.nodes.count + 1 {
                if current == node { return false }
                if current == root { return true }
                guard let above = parent[current] else { return false }
                current = above
            }
            return false
        }
        for move in change.moves {
            switch move.kind {
            case .leads:
                root = move.node
                parent[move.node] = nil
            case .leaves:
                #expect(count(move.node) == 0, "\(comment): \(move.node) leaves with children")
                parent[move.node] = nil
                present.remove(move.node)
            case .joins, .moves:
                guard let to = move.to else {
                    Issue.record("\(comment): \(move.node) goes nowhere")
                    continue
                }
                #expect((move.kind == .joins) == !present.contains(move.node), "\(comment)")
                #expect(leadsToRoot(to, without: move.node), "\(comment): \(move.node) to \(to)")
                let isFull = limit(to).map { count(to) >= $0 } ?? false
                #expect(isFull == move.needsSpareSlot, "\(comment): \(move.node) to \(to)")
                parent[move.node] = to
                present.insert(move.node)
                if let upper = rank[to], let lower = rank[move.node] {
                    #expect(upper < lower, "\(comment): ranks of \(move.node) and \(to)")
                }
            }
            guard keepsOrder else { continue }
            for (node, above) in parent.sorted(by: { $0.key < $1.key }) where above != before.root {
                guard let upper = rank[above], let lower = rank[node] else { continue }
                #expect(upper < lower, "\(comment): the edge of \(node) from \(above)")
            }
        }
        #expect(root == after.root, "\(comment)")
        #expect(present == Set(after.nodes.map(\.id)), "\(comment)")
        for node in after.nodes {
            #expect(parent[node.id] == node.parent, "\(comment): \(node.id)")
        }
    }
}
