/// Reads GraphML, as Cytoscape, Gephi, igraph, networkx, yEd and the Internet Topology Zoo write it.
///
/// A `<key>` gives its id a name, and only the name counts, as ids differ from file to file. Its `for`
/// matters only where one id is declared twice: Cytoscape declares a key for nodes and uses it on
/// edges. Groups, which are nodes with a graph inside, are flattened. What attributes mean is for
/// `GraphMeaning` to find.
struct GraphMLReader {
    private struct Key {
        /// What the key is for: `node`, `edge`, `all`, …
        let kind: String
        let name: String
        var defaultText: String?
    }

    private var parser: XMLPullParser
    private var keys: [String: [Key]] = [:]
    private var graph: ImportedGraph
    private var nodeDefaults = AttributeValues()
    private var edgeDefaults = AttributeValues()
    private var indexOf: [String: Int] = [:]

    static func read(
        _ source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> Topology {
        if SNDlibXMLReader.isRoot(of: source) {
            return try SNDlibXMLReader.read(source, options: options)
        }
        return try GraphMeaning.topology(of: graph(of: source, options: options), options: options)
    }

    static func graph(
        of source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> ImportedGraph {
        var reader = GraphMLReader(source, options: options)
        try reader.readDocument()
        return reader.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        parser = XMLPullParser(source)
        graph = ImportedGraph(file: source.file, options: options)
    }

    // MARK: Elements

    private mutating func readDocument() throws(TopologyError) {
        guard case .start(let name, _)? = try parser.next() else { return }
        guard name == "graphml" else {
            throw error(
                "the root element is <\(name)>, not <graphml>; of XML files only GraphML is read"
            )
        }
        var graphCount = 0
        while let event = try parser.next() {
            guard case .start(let name, let attributes) = event else { continue }
            switch name {
            case "key": try readKey(attributes)
            case "graph":
                graphCount += 1
                guard graphCount == 1 else {
                    throw error("a second <graph>; put one graph into one file")
                }
                try readGraph(in: nil)
            default: try parser.skipElement()
            }
        }
        if graphCount == 0 { throw error("there is no <graph> in this file") }
        for index in graph.nodes.indices {
            graph.nodes[index].values.add(contentsOf: nodeDefaults)
        }
        for index in graph.edges.indices {
            graph.edges[index].values.add(contentsOf: edgeDefaults)
        }
    }

    /// `group` is the id of the node whose graph this is.
    private mutating func readGraph(in group: String?) throws(TopologyError) {
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("node", let attributes): try readNode(attributes, in: group)
            case .start("edge", let attributes): try readEdge(attributes)
            case .start("data", let attributes) where group == nil:
                let content = try data(attributes)
                if let key = key(of: attributes, kind: "graph") {
                    graph.setAttribute(key.name, to: content.text)
                }
            case .start("hyperedge", _):
                throw error("<hyperedge> is not read; write the edges it stands for")
            case .start: try parser.skipElement()
            }
            if graph.mistakes.isFull { try graph.mistakes.check() }
        }
    }

    private mutating func readKey(_ attributes: [XMLPullParser.Attribute]) throws(TopologyError) {
        let position = parser.position
        guard let id = attributes["id"] else {
            throw error("this <key> has no id; add the attribute id")
        }
        let name = attributes["attr.name"] ?? ""
        var key = Key(kind: attributes["for"] ?? "all", name: name.isEmpty ? id : name)
        while let event = try parser.next(), event != .end(name: "key") {
            guard case .start(let name, _) = event else { continue }
            if name == "default" {
                key.defaultText = try parser.elementText()
            } else {
                try parser.skipElement()
            }
        }
        if keys[id]?.contains(where: { $0.kind == key.kind }) == true {
            graph.mistakes.add("the key \(quoted(id)) is declared twice; remove one", at: position)
        }
        keys[id, default: []].append(key)
        // So that a key without data can be told from one that is not there.
        if key.kind == "node" || key.kind == "all" {
            let column = graph.nodeAttributes.column(named: key.name, alias: id)
            if let column, let text = key.defaultText {
                nodeDefaults.addDefault(text, column: column)
            }
        }
        if key.kind == "edge" || key.kind == "all" {
            let column = graph.edgeAttributes.column(named: key.name, alias: id)
            if let column, let text = key.defaultText {
                edgeDefaults.addDefault(text, column: column)
            }
        }
    }

    private mutating func readNode(
        _ attributes: [XMLPullParser.Attribute],
        in group: String?
    ) throws(TopologyError) {
        guard let id = attributes["id"] else {
            graph.mistakes.add("this <node> has no id; add the attribute id", at: parser.position)
            return try parser.skipElement()
        }
        var node = ImportedGraph.Node(id: id, position: parser.position)
        node.group = group
        if let reason = Validation.refusal(ofName: id) {
            graph.mistakes.add("the node id \(quoted(id)) \(reason)", at: node.position)
        }
        if let earlier = indexOf[id] {
            let line = graph.nodes[earlier].position.line
            graph.mistakes.add(
                "node \(quoted(id)) is defined twice (first on line \(line)); rename or remove one",
                at: node.position
            )
            return try parser.skipElement()
        }
        guard graph.nodes.count < Topology.nodeCountMax else {
            throw error("more than \(Topology.nodeCountMax) nodes")
        }
        let index = graph.nodes.count
        indexOf[id] = index
        graph.nodes.append(node)
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("data", let attributes):
                let content = try data(attributes)
                guard let key = key(of: attributes, kind: "node") else { continue }
                let column = content.drawnLabel == nil ? key.name : "NodeLabel"
                add(content.drawnLabel ?? content.text, named: column, ofNode: index)
            case .start("graph", _):
                graph.nodes[index].isGroup = true
                try readGraph(in: id)
            case .start: try parser.skipElement()
            }
        }
    }

    private mutating func add(_ text: String, named name: String, ofNode index: Int) {
        guard let column = graph.nodeAttributes.column(named: name) else { return }
        graph.nodes[index].values.add(text, column: column)
    }

    private mutating func readEdge(_ attributes: [XMLPullParser.Attribute]) throws(TopologyError) {
        let position = parser.position
        guard let source = attributes["source"], let target = attributes["target"] else {
            graph.mistakes.add("this <edge> needs the attributes source and target", at: position)
            return try parser.skipElement()
        }
        guard graph.edges.count < Topology.linkCountMax else {
            throw error("more than \(Topology.linkCountMax) edges")
        }
        var edge = ImportedGraph.Edge(source: source, target: target, position: position)
        reading: while let event = try parser.next() {
            switch event {
            case .end: break reading
            case .text: continue
            case .start("data", let attributes):
                let content = try data(attributes)
                guard let key = key(of: attributes, kind: "edge") else { continue }
                let name = content.drawnLabel == nil ? key.name : "EdgeLabel"
                let text = content.drawnLabel ?? content.text
                if let column = graph.edgeAttributes.column(named: name, alias: attributes["key"]) {
                    edge.values.add(text, column: column)
                }
            case .start("graph", _):
                throw error("a <graph> inside an <edge> is not read; put its nodes into the graph")
            case .start: try parser.skipElement()
            }
        }
        graph.edges.append(edge)
    }

    // MARK: Data

    /// The content of a `<data>`: its text, and the label in it when it holds a drawing.
    private mutating func data(
        _ attributes: [XMLPullParser.Attribute]
    ) throws(TopologyError) -> (text: String, drawnLabel: String?) {
        if keys[attributes["key"] ?? ""] == nil {
            graph.mistakes.add(
                "this data has the key \(quoted(attributes["key"] ?? "")), which no <key> declares",
                at: parser.position
            )
        }
        var text = ""
        var labels: [String] = []
        var depth = 1
        while depth > 0, let event = try parser.next() {
            switch event {
            case .end: depth -= 1
            case .text(let part): if depth == 1 { text += part }
            case .start("NodeLabel", let attributes), .start("EdgeLabel", let attributes),
                .start("Label", let attributes):
                if let label = attributes["Text"] { labels.append(label) }
                let label = try parser.elementText(throughout: ["Label.Text"])
                if attributes["hasText"] != "false" { labels.append(label) }
            case .start: depth += 1
            }
        }
        return (Self.inOneLine(text), labels.map(Self.inOneLine).first { !$0.isEmpty })
    }

    private func key(of attributes: [XMLPullParser.Attribute], kind: String) -> Key? {
        guard let declared = keys[attributes["key"] ?? ""] else { return nil }
        return declared.first { $0.kind == kind } ?? declared.first { $0.kind == "all" }
            ?? declared.first
    }

    /// A name of several lines in one.
    static func inOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private func error(_ message: String) -> TopologyError {
        TopologyError(file: graph.file, position: parser.position, message: message)
    }
}
