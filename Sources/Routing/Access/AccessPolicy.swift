public import Vocabulary

/// The access lists of a relay: its own, and those of its trees. What is allowed must be allowed by each that concerns it.
///
///     topic ──▶ the relay's list, if it has one ──▶ the list of the topic's tree, if that has one ──▶ allowed
public struct AccessPolicy: Equatable, Sendable {
    /// For whatever passes at the relay.
    public var node: AccessList?
    /// By tree, for the topics of that tree; shorter than the trees are = no list.
    public var trees: [AccessList?]

    public init(node: AccessList? = nil, trees: [AccessList?] = []) {
        self.node = node
        self.trees = trees
    }

    /// Whether everybody may do everything.
    public var isEmpty: Bool { node == nil && trees.allSatisfy { $0 == nil } }

    func mayBeRelay(_ peer: AccessList.Peer, in tree: TreeID) -> Bool {
        node?.mayBeRelay(peer) == true || list(of: tree)?.mayBeRelay(peer) == true
    }

    private func list(of tree: TreeID) -> AccessList? {
        trees.indices.contains(tree.rawValue) ? trees[tree.rawValue] : nil
    }

    /// The rules that are for a peer, in the relay's list and in each tree's: those with the same may do the same.
    struct Standing: Hashable {
        var node: [Int]?
        var trees: [[Int]?]
    }

    func standing(of peer: AccessList.Peer) -> Standing {
        Standing(
            node: node?.rulesConcerning(peer),
            trees: trees.map { $0?.rulesConcerning(peer) }
        )
    }

    /// What a peer of that standing may do, ready for use.
    func grant(to standing: Standing, _ table: borrowing TreeTable) -> AccessGrant {
        let own = standing.node.flatMap { node?.permission(by: $0) }
        let ofTrees = zip(trees, standing.trees).map { list, places in
            places.flatMap { list?.permission(by: $0) }
        }
        return AccessGrant(
            publish: Self.verdicts(own, ofTrees, \.publish, table),
            subscribe: Self.verdicts(own, ofTrees, \.subscribe, table)
        )
    }

    private static func verdicts(
        _ own: AccessList.Permission?,
        _ ofTrees: [AccessList.Permission?],
        _ topics: KeyPath<AccessList.Permission, [String]>,
        _ table: borrowing TreeTable
    ) -> TopicVerdicts {
        let own = own.map { $0[keyPath: topics].map { Array($0.utf8) } }
        let ofTrees = ofTrees.map { $0.map { $0[keyPath: topics].map { Array($0.utf8) } } }
        var prefixes = own ?? []
        for list in ofTrees { prefixes += list ?? [] }
        prefixes += table.allPrefixes
        return TopicVerdicts(prefixes: prefixes) { prefix in
            if let own, !own.contains(where: prefix.starts) { return false }
            guard let tree = prefix.withUnsafeBytes({ table.tree(of: $0) }),
                ofTrees.indices.contains(tree.rawValue), let list = ofTrees[tree.rawValue]
            else { return true }
            return list.contains(where: prefix.starts)
        }
    }
}

/// What one peer may publish and subscribe to.
struct AccessGrant {
    var publish: TopicVerdicts
    var subscribe: TopicVerdicts
}
