/// Reads XGMML, as Cytoscape writes it: GML's words in XML.
///
///     <graph label="net"><node id="1" label="Oslo"><att name="latitude" value="59.91" type="real"/></node>
///       <edge source="1" target="2"><att name="delay" value="4" type="real"/></edge></graph>
///
/// J. Punin, M. Krishnamoorthy, "XGMML (eXtensible Graph Markup and Modeling Language)", 2001. Cytoscape
/// draws a group as a graph inside of a node's `att`; its nodes are in that group, or refer to nodes by
/// `xlink:href="#id"`.
struct XGMMLReader {
    private var parser: XMLPullParser
    private var assembly: GraphAssembly
    /// Nodes that a group refers to, which may come later.
    private var references: [(id: String, group: String)] = []

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
        var reader = XGMMLReader(source, options: options)
        try reader.readDocument()
        return reader.assembly.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        parser = XMLPullParser(source)
        assembly = GraphAssembly(source, options: options)
    }

    private mutating func readDocument() throws(TopologyError) {
        guard case .start("graph", let attributes)? = try parser.next() else {
            throw error("the root element is not <graph>")
        }
        if let label = attributes["label"] { assembly.setGraph("name", to: label) }
        try readGraph(in: nil)
        // The document ends here, or says what is behind its end.
        while try parser.next() != nil { continue }
        for (id, group) in references {
            if let index = assembly.index(of: id) { assembly.setGroup(group, ofNode: index) }
        }
        assembly.markGroups()
    }

    private mutating func readGraph(in group: String?) throws(TopologyError) {
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("node", let attributes): try readNode(attributes, in: group)
            case .start("edge", let attributes): try readEdge(attributes)
            case .start("att", let attributes):
                // In a session the network is in an att of the collection it belongs to.
                if let (name, text) = try value(of: attributes, in: group), group == nil {
                    assembly.setGraph(name, to: text)
                }
            case .start: try parser.skipElement()
            }
        }
    }

    private mutating func readNode(
        _ attributes: [XMLPullParser.Attribute],
        in group: String?
    ) throws(TopologyError) {
        let position = parser.position
        if let reference = attributes["xlink:href"] ?? attributes["href"], reference.hasPrefix("#"),
            let group
        {
            references.append((String(reference.dropFirst()), group))
            return try parser.skipElement()
        }
        guard let id = attributes["id"] ?? attributes["label"] else {
            try assembly.addMistake("this <node> has no id; add the attribute id", at: position)
            return try parser.skipElement()
        }
        guard let index = try assembly.addNode(id, at: position, group: group) else {
            return try parser.skipElement()
        }
        for name in ["label", "name", "weight"] {
            if let text = attributes[name] { assembly.set(name, to: text, ofNode: index) }
        }
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("att", let attributes):
                if let (name, text) = try value(of: attributes, in: id) {
                    assembly.set(name, to: text, ofNode: index)
                }
            case .start: try parser.skipElement()
            }
        }
    }

    private mutating func readEdge(_ attributes: [XMLPullParser.Attribute]) throws(TopologyError) {
        let position = parser.position
        guard let source = attributes["source"], let target = attributes["target"] else {
            try assembly.addMistake(
                "this <edge> needs the attributes source and target",
                at: position
            )
            return try parser.skipElement()
        }
        var pairs: [(name: String, text: String)] = []
        for name in ["id", "label", "weight"] {
            if let text = attributes[name] { pairs.append((name, text)) }
        }
        reading: while let event = try parser.next() {
            switch event {
            case .end: break reading
            case .text: continue
            case .start("att", let attributes):
                if let pair = try value(of: attributes, in: nil) { pairs.append(pair) }
            case .start: try parser.skipElement()
            }
        }
        try assembly.addEdge(source, target, at: position, pairs)
    }

    /// The name and value of an `<att>`, whose start was just read. A graph in it is that of a group; a
    /// list of values is one text.
    private mutating func value(
        of attributes: [XMLPullParser.Attribute],
        in group: String?
    ) throws(TopologyError) -> (name: String, text: String)? {
        var texts = attributes["value"].map { [$0] } ?? []
        while let event = try parser.next() {
            switch event {
            case .end:
                guard let name = attributes["name"], !texts.isEmpty else { return nil }
                return (name, texts.joined(separator: ", "))
            case .text: continue
            case .start("graph", _): try readGraph(in: group)
            case .start("att", let inner):
                if let text = inner["value"], attributes["type"] == "list" { texts.append(text) }
                try parser.skipElement()
            case .start: try parser.skipElement()
            }
        }
        return nil
    }

    private func error(_ message: String) -> TopologyError {
        assembly.error(message, at: parser.position)
    }
}
