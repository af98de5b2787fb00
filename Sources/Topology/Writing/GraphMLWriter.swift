/// Writes a graph as GraphML (U. Brandes et al., "GraphML Progress Report", 2001).
struct GraphMLWriter {
    private let graph: AttributedGraph
    private(set) var text = ""

    init(_ graph: AttributedGraph) {
        self.graph = graph
        text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns">

            """
        let network = declare([graph.network], for: "graph")
        let nodes = declare(graph.nodes.map(\.attributes), for: "node")
        let links = declare(graph.links.map(\.attributes), for: "edge")
        text += "  <graph id=\"\(Self.escaped(graph.name))\" edgedefault=\"undirected\">\n"
        for attribute in graph.network { write(attribute, network, indentation: "    ") }
        for node in graph.nodes {
            text += "    <node id=\"\(Self.escaped(node.ids[0]))\">\n"
            for attribute in node.attributes { write(attribute, nodes, indentation: "      ") }
            text += "    </node>\n"
        }
        for link in graph.links {
            let ends = link.ids.map(Self.escaped)
            text += "    <edge source=\"\(ends[0])\" target=\"\(ends[1])\">\n"
            for attribute in link.attributes { write(attribute, links, indentation: "      ") }
            text += "    </edge>\n"
        }
        text += "  </graph>\n</graphml>\n"
    }

    /// What a reader does not give back: it makes one blank of all that stand side by side.
    var notes: [String] {
        let lists = [graph.network] + graph.nodes.map(\.attributes) + graph.links.map(\.attributes)
        let count = lists.joined().count { $0.text != GraphMLReader.inOneLine($0.text) }
        return count == 0 ? [] : ["blanks side by side become one in \(counted(count, "text"))"]
    }

    /// Declares the keys of a kind of item; their ids by name.
    private mutating func declare(
        _ lists: [[TopologyAttribute]],
        for kind: String
    ) -> [String: String] {
        let kinds = AttributeKinds(lists)
        var ids: [String: String] = [:]
        for (number, name) in kinds.names.enumerated() {
            let id = "\(kind)\(number)"
            ids[name] = id
            text += "  <key id=\"\(id)\" for=\"\(kind)\" attr.name=\"\(Self.escaped(name))\" "
            text += "attr.type=\"\(kinds.kind(of: name).rawValue)\"/>\n"
        }
        return ids
    }

    private mutating func write(
        _ attribute: TopologyAttribute,
        _ ids: [String: String],
        indentation: String
    ) {
        guard let id = ids[attribute.name] else { return }
        text += "\(indentation)<data key=\"\(id)\">\(Self.escaped(attribute.text))</data>\n"
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { "&<>\"".utf8.contains($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
