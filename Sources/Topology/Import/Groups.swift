/// The groups of a drawing: frames around nodes, which become the nodes' regions.
///
///     ┌ Rack 1 ─────┐
///     │ alpha  beta │   ─▶   alpha (region Rack 1), beta (region Rack 1)
///     └─────────────┘
///
/// A group that edges end at is a node, too.
struct Groups {
    /// By node: it is no mere group.
    private(set) var isSite: [Bool]
    private(set) var notes: [String] = []
    private var regions: [String?]

    /// Frames in frames: deeper ones are named by the outer ones only.
    private static let depthMax = 16

    init(_ graph: ImportedGraph) {
        isSite = graph.nodes.map { !$0.isGroup }
        regions = Array(repeating: nil, count: graph.nodes.count)
        guard graph.nodes.contains(where: { $0.isGroup || $0.group != nil }) else { return }
        var indexOf: [String: Int] = [:]
        for (index, node) in graph.nodes.enumerated() { indexOf[node.id] = index }
        for edge in graph.edges {
            for id in [edge.source, edge.target] {
                if let index = indexOf[id] { isSite[index] = true }
            }
        }
        let label = graph.nodeAttributes.ranked { $0.rank(as: .label) }
        func name(_ index: Int) -> String {
            label.lazy.compactMap { graph.nodes[index].values[$0] }.first ?? graph.nodes[index].id
        }
        for index in graph.nodes.indices {
            var names: [String] = []
            var group = graph.nodes[index].group
            while let id = group, let outer = indexOf[id], names.count < Self.depthMax {
                names.append(name(outer))
                group = graph.nodes[outer].group
            }
            if !names.isEmpty { regions[index] = names.reversed().joined(separator: " / ") }
        }
        let groupCount = graph.nodes.count { $0.isGroup }
        let endCount = graph.nodes.indices.count { graph.nodes[$0].isGroup && isSite[$0] }
        if groupCount > 0 {
            notes.append("\(counted(groupCount, "group")) taken as the nodes' regions")
        }
        if endCount > 0 {
            notes.append("\(counted(endCount, "group")) kept as a node, too, as edges end there")
        }
    }

    func region(of index: Int) -> String? { regions[index] }
}
