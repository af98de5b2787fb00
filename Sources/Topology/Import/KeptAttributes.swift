/// Gathers what a graph says beyond what became of it: the attributes of the nodes and links that a
/// topology has, but for those that were taken.
struct KeptAttributes {
    private let graph: ImportedGraph
    private let topology: Topology
    private let takenOfNodes: Set<Int>
    private let takenOfEdges: Set<Int>
    private(set) var attributes = TopologyAttributes()
    private(set) var notes: [String] = []

    init(
        of graph: ImportedGraph,
        in topology: Topology,
        takenOfNodes: Set<Int>,
        takenOfEdges: Set<Int>
    ) {
        self.graph = graph
        self.topology = topology
        self.takenOfNodes = takenOfNodes
        self.takenOfEdges = takenOfEdges
        attributes.network = graph.attributes.filter { $0.name != OwnSettings.key }
        var indexOf: [String: Int] = [:]
        for (index, node) in topology.nodes.enumerated() { indexOf[node.id] = index }
        gatherNodes(indexOf)
        gatherLinks(indexOf)
        for table in [graph.nodeAttributes, graph.edgeAttributes] where table.isFull {
            notes.append("of attributes only the first \(AttributeTable.countMax) are kept")
        }
    }

    private mutating func gatherNodes(_ indexOf: [String: Int]) {
        var nodes: [[TopologyAttribute]] = Array(repeating: [], count: topology.nodes.count)
        for node in graph.nodes {
            guard let index = indexOf[node.id] else { continue }
            nodes[index] = kept(node.values, of: graph.nodeAttributes, takenOfNodes)
        }
        if nodes.contains(where: { !$0.isEmpty }) { attributes.nodes = nodes }
    }

    /// Of parallel edges the first counts.
    private mutating func gatherLinks(_ indexOf: [String: Int]) {
        var linkOf: [Pair: Int] = [:]
        for (index, link) in topology.links.enumerated() { linkOf[Pair(link.a, link.b)] = index }
        var links: [[TopologyAttribute]?] = Array(repeating: nil, count: topology.links.count)
        var lostCount = 0
        for edge in graph.edges {
            guard let a = indexOf[edge.source], let b = indexOf[edge.target],
                let index = linkOf[Pair(a, b)]
            else { continue }
            let kept = kept(edge.values, of: graph.edgeAttributes, takenOfEdges)
            if let first = links[index] {
                if first != kept, !kept.isEmpty { lostCount += 1 }
            } else {
                links[index] = kept
            }
        }
        if links.contains(where: { $0?.isEmpty == false }) {
            attributes.links = links.map { $0 ?? [] }
        }
        if lostCount > 0 {
            notes.append("the attributes of \(counted(lostCount, "parallel edge")) left out")
        }
    }

    private func kept(
        _ values: AttributeValues,
        of table: AttributeTable,
        _ taken: Set<Int>
    ) -> [TopologyAttribute] {
        values.pairs.compactMap { pair in
            let name = table.columns[pair.column].name
            guard !taken.contains(pair.column), name != OwnSettings.key else { return nil }
            return TopologyAttribute(name: name, text: pair.text)
        }
    }
}
