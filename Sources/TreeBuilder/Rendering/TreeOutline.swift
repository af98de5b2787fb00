import Rendering
import Topology

/// A tree plan by index instead of by id, in the order every renderer draws it.
struct TreeOutline {
    let tree: TreePlan
    /// Index of the root in `tree.nodes`.
    let root: Int
    /// By index, in the plan's order of children.
    let children: [[Int]]
    /// By index; the root has none.
    let parent: [Int?]
    /// Depth first, parents before children.
    let order: [Int]
    /// What a node is called where another one is spoken of, by id.
    private let shortNames: [String: String]

    /// - Returns: `nil` when the plan is not a tree: an unknown root, or parents that do not lead to it.
    init?(_ tree: TreePlan) {
        self.tree = tree
        var indexByID: [String: Int] = [:]
        for (index, node) in tree.nodes.enumerated() { indexByID[node.id] = index }
        guard let root = indexByID[tree.root] else { return nil }
        self.root = root
        let names = Self.distinctNames(tree.nodes.map { ($0.id, $0.label) })
        shortNames = Dictionary(zip(tree.nodes.map(\.id), names)) { first, _ in first }
        var parent = [Int?](repeating: nil, count: tree.nodes.count)
        var children = [[Int]](repeating: [], count: tree.nodes.count)
        for (index, node) in tree.nodes.enumerated() {
            children[index] = node.children.compactMap { indexByID[$0] }
            for child in children[index] { parent[child] = index }
        }
        self.children = children
        self.parent = parent
        var order: [Int] = []
        var pending = [root]
        while let node = pending.popLast(), order.count < tree.nodes.count {
            order.append(node)
            pending.append(contentsOf: children[node].reversed())
        }
        guard Set(order).count == tree.nodes.count else { return nil }
        self.order = order
    }

    var depth: Int { tree.nodes.map(\.level).max() ?? 0 }

    /// The farthest node; the first in the file among equals.
    var farthest: TreePlan.TreeNode? {
        tree.nodes.max { $0.delayMs < $1.delayMs }
    }

    /// `label (id)` where they differ, the id alone where not.
    func name(_ index: Int) -> String {
        let node = tree.nodes[index]
        return node.label == node.id ? node.id : "\(node.label) (\(node.id))"
    }

    /// The label of the node with this id, and the id where another node has the same label.
    func shortName(_ id: String) -> String { shortNames[id] ?? id }

    /// Labels, with the id where another node has the same: `London (ldn2)`.
    static func distinctNames(_ nodes: [(id: String, label: String)]) -> [String] {
        var counts: [String: Int] = [:]
        for node in nodes { counts[node.label, default: 0] += 1 }
        return nodes.map { node in
            let isShared = node.label != node.id && counts[node.label, default: 0] > 1
            return isShared ? "\(node.label) (\(node.id))" : node.label
        }
    }

    /// What the edge to the parent costs.
    func edgeDelayMs(_ index: Int) -> Double {
        guard let above = parent[index] else { return 0 }
        return tree.nodes[index].delayMs - tree.nodes[above].delayMs
    }

    /// `mesh mode · objective radius · fan-out 3 · hop 0.200 ms · seed 1`.
    var settings: String {
        let fanOut = tree.fanOut.map { "\($0)" } ?? "unlimited"
        return "\(tree.mode.rawValue) mode · objective \(tree.objective.rawValue) · "
            + "fan-out \(fanOut) · hop \(NumberText.milliseconds(tree.hopDelayMs)) · seed \(tree.seed)"
    }

    /// `radius 9.100 ms · mean 4.000 ms · depth 3 · lower bound 9.000 ms (radius) · gap 1.11 %`.
    var figures: String {
        "radius \(NumberText.milliseconds(tree.radiusMs)) · "
            + "mean \(NumberText.milliseconds(tree.meanMs)) · depth \(depth) · "
            + (tree.lowerBoundCost == nil ? "" : costText.map { "cost \($0) · " } ?? "")
            + "lower bound \(lowerBoundText) "
            + "(\(tree.objective.rawValue)) · gap \(NumberText.percent(tree.gap))"
    }

    /// A line for each segment: `lab: multicast from a to b, c and 40 subscribers, epgm 239.192.1.1:7500; why`.
    var segmentLines: [String] {
        tree.islands.map { island in
            guard island.carriage == .multicast, let head = island.head else {
                return "\(island.segment): TCP; \(island.reason)"
            }
            var listeners = island.members.map(shortName)
            if island.subscribers > 0 {
                listeners.append(Figures.count(island.subscribers, "subscriber"))
            }
            let place = [island.transport?.rawValue, island.group].compactMap(\.self)
            return
                "\(island.segment): multicast from \(shortName(head)) to \(listeners.joined(separator: ", ")), "
                + "\(place.joined(separator: " ")); \(island.reason)"
        }
    }

    /// A line for each feed: `epgm://eth1;239.192.9.1:7600 at oslo`.
    var feedLines: [String] { tree.feeds.map { "\($0.endpoint) at \(shortName($0.node))" } }
    /// The same for sinks.
    var sinkLines: [String] { tree.sinks.map { "\($0.endpoint) at \(shortName($0.node))" } }
}
