/// Writes a topology in our own format: a line for each node and each link.
enum YAMLWriter {
    static func text(of topology: Topology) -> String {
        let fields = TopologyFields(topology: topology)
        var text = "name: \(FlowValue.scalar(topology.name))\n"
        let network = fields.network
        for (key, value) in network where key == "epoch" || key == "security" {
            text += "\(key): \(value.text)\n"
        }
        for (key, value) in TopologyFields.attributes(topology.attributes.network) {
            text += "\(key): \(value.text)\n"
        }
        text += "\nnodes:\n"
        for (index, node) in topology.nodes.enumerated() {
            let pairs =
                fields.description(of: node) + fields.settings(of: node)
                + TopologyFields.attributes(topology.attributes.ofNode(index))
            let value = pairs.isEmpty ? "" : " " + FlowValue.mapping(pairs).text
            text += "  \(FlowValue.scalar(node.id)):\(value)\n"
        }
        if !topology.links.isEmpty { text += "\nlinks:\n" }
        for (index, link) in topology.links.enumerated() {
            let attributes = TopologyFields.attributes(topology.attributes.ofLink(index))
            text += "  - " + line(fields.pairs(of: link) + attributes) + "\n"
        }
        for (key, value) in network where key == "segments" || key == "trees" {
            text += "\n\(key):\n" + value.items.map { "  - \($0.text)\n" }.joined()
        }
        return text
    }

    /// `[a, b, 4ms]` where that says all of a link.
    private static func line(_ pairs: [TopologyFields.Pair]) -> String {
        guard pairs.count <= 2, pairs.count == 1 || pairs[1].key == "delay" else {
            return FlowValue.mapping(pairs).text
        }
        return FlowValue.list(pairs[0].value.items + pairs.dropFirst().map(\.value)).text
    }
}
