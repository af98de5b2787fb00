/// Writes a graph in GraphViz's language, a line for each node and link.
enum DOTWriter {
    static func text(of graph: AttributedGraph) -> String {
        var text = "graph \(id(graph.name)) {\n"
        for attribute in graph.network {
            text += "  \(id(attribute.name))=\(id(attribute.text));\n"
        }
        for node in graph.nodes { text += "  \(id(node.ids[0]))\(list(node.attributes));\n" }
        for link in graph.links {
            text += "  \(id(link.ids[0])) -- \(id(link.ids[1]))\(list(link.attributes));\n"
        }
        return text + "}\n"
    }

    private static func list(_ attributes: [TopologyAttribute]) -> String {
        guard !attributes.isEmpty else { return "" }
        return " [" + attributes.map { "\(id($0.name))=\(id($0.text))" }.joined(separator: ", ")
            + "]"
    }

    /// A word or number as it is, everything else in quotes.
    private static func id(_ text: String) -> String {
        let words: Set = ["graph", "digraph", "node", "edge", "subgraph", "strict"]
        if isPlain(text), !words.contains(text.lowercased()) { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        if isDigit(first) { return text.utf8.allSatisfy { isDigit($0) } }
        return text.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }
}
