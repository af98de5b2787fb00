/// What the nodes of an SNDlib network send and receive, together: how much a tree to a node is worth.
///
/// Files list a pair of nodes once or in both directions, so what leaves a node counts like what comes.
struct SNDlibDemands {
    /// By node, in the network's unit.
    private var sums: [String: Double] = [:]

    mutating func add(from source: String, to target: String, _ amount: Double) {
        guard amount > 0, amount <= 1e12 else { return }
        for end in [source, target] { sums[end, default: 0] += amount }
    }

    /// A node without demands weighs nothing in a file that has some.
    func setWeights(in graph: inout ImportedGraph) {
        guard !sums.isEmpty, let column = graph.nodeAttributes.column(named: "demand") else {
            return
        }
        for index in graph.nodes.indices {
            let sum = sums[graph.nodes[index].id, default: 0]
            graph.nodes[index].values.add("\(min(sum, 1e12))", column: column)
        }
    }
}
