/// Reads BRITE's topologies.
///
///     Topology: ( 3 Nodes, 2 Edges )
///     Model (1 - RTWaxman): …
///     Nodes: ( 3 )
///     0  12.0 44.0  2 2  7 RT_NODE              id x y in-degree out-degree AS type
///     Edges: ( 2 )
///     0  0 1  31.4 0.104 10.0  7 7 E_RT U       id from to length delay bandwidth AS AS type direction
///
/// A. Medina, A. Lakhina, I. Matta, J. Byers, "BRITE: Universal Topology Generation from a User's
/// Perspective", 2001, §7: delays are ms, bandwidths Mbit/s. Places are in the plane of the model, no
/// degrees; -1 stands for what is not known.
struct BRITEReader {
    private enum Section {
        case head, nodes, edges
    }

    private var lines: LineCursor
    private var assembly: GraphAssembly
    private var section = Section.head

    static func read(
        _ source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> Topology {
        try GraphMeaning.topology(of: graph(of: source, options: options), options: options)
    }

    static func graph(
        of source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> ImportedGraph {
        var reader = BRITEReader(source, options: options)
        try reader.readLines()
        return reader.assembly.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        lines = LineCursor(source)
        assembly = GraphAssembly(source, options: options)
    }

    private mutating func readLines() throws(TopologyError) {
        while let line = try lines.next() {
            let first = line.words[0].text
            if first.hasPrefix("#") { continue }
            switch (first.lowercased().prefix { $0 != "(" && $0 != ":" }, section) {
            case ("nodes", _): section = .nodes
            case ("edges", _): section = .edges
            case (_, .nodes): try readNode(line)
            case (_, .edges): try readEdge(line)
            case (_, .head): try readHead(line)
            }
        }
        guard section == .edges else {
            throw assembly.error("there are no Nodes: and Edges: in this file; it is cut off")
        }
    }

    private mutating func readHead(_ line: LineCursor.Line) throws(TopologyError) {
        let words = line.words.map(\.text)
        guard words[0].hasPrefix("Model") else { return }
        assembly.setGraph("model", to: words.joined(separator: " "))
    }

    private mutating func readNode(_ line: LineCursor.Line) throws(TopologyError) {
        let words = line.words.map(\.text)
        guard words.count >= 3 else {
            return try assembly.addMistake(
                "expected a node: id x y in-degree out-degree AS type",
                at: lines.position(of: line)
            )
        }
        guard let index = try assembly.addNode(words[0], at: lines.position(of: line)) else {
            return
        }
        for (name, text) in zip(["x", "y", "in-degree", "out-degree"], words.dropFirst()) {
            assembly.set(name, to: text, ofNode: index)
        }
        if words.count > 5, words[5] != "-1" {
            assembly.set("region", to: "AS \(words[5])", ofNode: index)
        }
        if words.count > 6 { assembly.set("type", to: words[6], ofNode: index) }
    }

    private mutating func readEdge(_ line: LineCursor.Line) throws(TopologyError) {
        let words = line.words.map(\.text)
        guard words.count >= 3 else {
            return try assembly.addMistake(
                "expected an edge: id from to length delay bandwidth AS AS type",
                at: lines.position(of: line)
            )
        }
        let names = [
            "id", "from", "to", "length", "delay (ms)", "bandwidth (Mbps)", "from AS", "to AS",
            "type", "direction",
        ]
        let attributes = zip(names, words).filter { name, text in
            name != "from" && name != "to" && text != "-1" && text != "-1.0"
        }.map { (name: $0, text: $1) }
        try assembly.addEdge(words[1], words[2], at: lines.position(of: line), attributes)
    }
}
