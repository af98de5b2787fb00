import Rendering

/// Writes a graph as node-link JSON, which networkx, D3 and others read.
enum NodeLinkWriter {
    static func text(of graph: AttributedGraph) -> String {
        let network = AttributeKinds([graph.network])
        let nodes = AttributeKinds(graph.nodes.lazy.map(\.attributes))
        let links = AttributeKinds(graph.links.lazy.map(\.attributes))
        var text = "{\n  \"directed\": false,\n  \"multigraph\": false,\n  \"graph\": "
        text += JSONValue.object(members(graph.network, network)).compact
        text += ",\n  \"nodes\": ["
        text += lines(graph.nodes, nodes, ["id"])
        text += "],\n  \"edges\": ["
        text += lines(graph.links, links, ["source", "target"])
        return text + "]\n}\n"
    }

    private static func lines(
        _ items: [AttributedGraph.Item],
        _ kinds: AttributeKinds,
        _ keys: [String]
    ) -> String {
        guard !items.isEmpty else { return "" }
        var text = ""
        for (index, item) in items.enumerated() {
            let ids = zip(keys, item.ids).map { (key: $0, value: JSONValue.string($1)) }
            text += index == 0 ? "\n    " : ",\n    "
            text += JSONValue.object(ids + members(item.attributes, kinds)).compact
        }
        return text + "\n  "
    }

    private static func members(
        _ attributes: [TopologyAttribute],
        _ kinds: AttributeKinds
    ) -> [(key: String, value: JSONValue)] {
        attributes.map { attribute in
            switch kinds.kind(of: attribute.name) {
            case .text: (attribute.name, .string(attribute.text))
            case .boolean: (attribute.name, .bool(attribute.text == "true"))
            case .integer, .decimal: (attribute.name, .number(attribute.text))
            }
        }
    }
}
