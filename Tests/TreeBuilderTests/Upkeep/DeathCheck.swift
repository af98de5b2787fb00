import Testing
import Topology

@testable import TreeBuilder

/// What the children of a dead node find by their own lists, played from the plan and the limits of children alone.
struct DeathCheck {
    let tree: TreePlan
    /// By node of the plan; `nil` = no limit.
    let limits: [Int?]
    /// By node of the plan.
    let parent: [Int?]
    let backups: [[Int]]
    let rank: [Int]
    let standbys: [Int]
    let isUnprotected: [Bool]

    init(_ tree: TreePlan, limits: [String: Int]) {
        self.tree = tree
        let index = Dictionary(uniqueKeysWithValues: tree.nodes.enumerated().map { ($1.id, $0) })
        parent = tree.nodes.map { $0.parent.flatMap { index[$0] } }
        backups = tree.nodes.map { $0.backups.compactMap { index[$0] } }
        rank = tree.nodes.map(\.rank)
        standbys = tree.standbys.compactMap { index[$0] }
        let unprotected = Set(tree.unprotected.map(\.node))
        isUnprotected = tree.nodes.map { unprotected.contains($0.id) }
        self.limits = tree.nodes.map { limits[$0.id] ?? tree.fanOut }
    }

    var root: Int { parent.firstIndex { $0 == nil } ?? 0 }

    /// How a child goes through its list.
    enum Trial: CaseIterable {
        case listed, byRank, backwards
    }

    /// Lets every node die, its children come in several orders and try their lists in several ways.
    ///
    /// - Returns: how many deaths left orphans.
    func checkAll(seed: UInt64, _ comment: String) -> Int {
        var random = SeededGenerator(seed: seed)
        var deathCount = 0
        for dead in tree.nodes.indices {
            let orphans = tree.nodes.indices.filter { parent[$0] == dead }
            guard !orphans.isEmpty else { continue }
            deathCount += 1
            for trial in Trial.allCases {
                for _ in 0..<3 {
                    var order = orphans
                    for position in order.indices.dropFirst() {
                        order.swapAt(position, random.next(below: position + 1))
                    }
                    check(dead, order, trial, "\(comment): death of \(tree.nodes[dead].id)")
                }
            }
        }
        return deathCount
    }

    private func check(_ dead: Int, _ orphans: [Int], _ trial: Trial, _ comment: String) {
        var now = parent
        now[dead] = nil
        var count = tree.nodes.map(\.children.count)
        if let above = parent[dead] { count[above] -= 1 }
        let heir = dead == root ? standbys.first : nil
        for orphan in orphans { now[orphan] = nil }
        for orphan in orphans where orphan != heir {
            let list =
                switch trial {
                case .listed: backups[orphan]
                case .byRank: backups[orphan].sorted { rank[$0] < rank[$1] }
                case .backwards: Array(backups[orphan].reversed())
                }
            let place = list.first { other in
                other != dead && rank[other] < rank[orphan]
                    && limits[other].map { count[other] < $0 } ?? true
            }
            guard let place else {
                #expect(
                    isUnprotected[orphan],
                    "\(comment): \(tree.nodes[orphan].id) finds no place (\(trial))"
                )
                continue
            }
            now[orphan] = place
            count[place] += 1
        }
        // Who has no place is a root of its own, until the builder moves it.
        let ends = Set([dead == root ? heir ?? dead : root] + orphans.filter { now[$0] == nil })
        for start in tree.nodes.indices where start != dead {
            var current = start
            var steps = 0
            while let above = now[current], steps <= now.count {
                current = above
                steps += 1
            }
            #expect(
                ends.contains(current) && steps <= now.count,
                "\(comment): \(tree.nodes[start].id) ends at \(tree.nodes[current].id)"
            )
        }
    }
}
