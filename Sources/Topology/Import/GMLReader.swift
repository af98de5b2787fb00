/// Reads GML, as the Topology Zoo, networkx, igraph, yEd, Gephi and Cytoscape write it.
///
///     graph [ node [ id 0 label "Oslo" graphics [ x 3.0 ] ] edge [ source 0 target 1 ] ]
///
/// Attributes of lists in nodes and edges have the names of all keys on their way: `graphics.x`. A
/// node's key is its id; labels may repeat. yEd's groups (`isGroup`, `gid`) become regions.
struct GMLReader {
    /// Lists in lists.
    static let depthMax = 32

    private let source: SourceText
    private var lexer: GMLLexer
    private var cursor = PositionCursor()
    private var graph: ImportedGraph
    private var indexOf: [String: Int] = [:]

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
        var reader = GMLReader(source, options: options)
        try reader.readDocument()
        return reader.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        self.source = source
        lexer = GMLLexer(source.bytes[...])
        graph = ImportedGraph(file: source.file, options: options)
    }

    // MARK: Lists

    private mutating func readDocument() throws(TopologyError) {
        var graphCount = 0
        while let key = try key(isInside: false) {
            let value = try value(of: key)
            guard key.lowercased() == "graph", value == .open else {
                if value == .open { try skipList() }
                continue
            }
            graphCount += 1
            guard graphCount == 1 else {
                throw error("a second graph; put one graph into one file")
            }
            try readGraph()
        }
        if graphCount == 0 {
            throw TopologyError(file: source.file, message: "there is no graph [ … ] in this file")
        }
    }

    private mutating func readGraph() throws(TopologyError) {
        while let key = try key(isInside: true) {
            let position = position
            let value = try value(of: key)
            guard value == .open else {
                switch value {
                case .word(let text), .text(let text):
                    graph.setAttribute(key, to: Self.inOneLine(text))
                case .open, .close, .unclosed: break
                }
                continue
            }
            switch key.lowercased() {
            case "node": try readNode(at: position)
            case "edge": try readEdge(at: position)
            default: try skipList()
            }
            if graph.mistakes.isFull { try graph.mistakes.check() }
        }
    }

    private mutating func readNode(at position: SourcePosition) throws(TopologyError) {
        var id: String?
        var group: String?
        var isGroup = false
        var values = AttributeValues()
        try readAttributes { graph, name, text in
            switch name {
            case "id": return id = id ?? text
            case "gid": group = text
            case "isGroup": isGroup = text != "0" && text != "false"
            default: break
            }
            let column = Self.isYEdLabel(name) ? "NodeLabel" : name
            if let column = graph.nodeAttributes.column(named: column, alias: name) {
                values.add(text, column: column)
            }
        }
        guard let id else {
            graph.mistakes.add("this node has no id; add one", at: position)
            return
        }
        if let reason = Validation.refusal(ofName: id) {
            graph.mistakes.add("the node id \(quoted(id)) \(reason)", at: position)
        }
        if let earlier = indexOf[id] {
            let line = graph.nodes[earlier].position.line
            graph.mistakes.add(
                "node \(quoted(id)) is defined twice (first on line \(line)); rename or remove one",
                at: position
            )
            return
        }
        guard graph.nodes.count < Topology.nodeCountMax else {
            throw error("more than \(Topology.nodeCountMax) nodes")
        }
        indexOf[id] = graph.nodes.count
        graph.nodes.append(
            ImportedGraph.Node(
                id: id,
                position: position,
                values: values,
                group: group,
                isGroup: isGroup
            )
        )
    }

    /// The label of a node in yEd's GML stands in its graphics when it has no other.
    private static func isYEdLabel(_ name: String) -> Bool { name == "LabelGraphics.text" }

    private mutating func readEdge(at position: SourcePosition) throws(TopologyError) {
        var ends: (source: String?, target: String?)
        var values = AttributeValues()
        try readAttributes { graph, name, text in
            switch name {
            case "source": ends.source = ends.source ?? text
            case "target": ends.target = ends.target ?? text
            default:
                let column = Self.isYEdLabel(name) ? "EdgeLabel" : name
                if let column = graph.edgeAttributes.column(named: column, alias: name) {
                    values.add(text, column: column)
                }
            }
        }
        guard let from = ends.source, let to = ends.target else {
            graph.mistakes.add("this edge needs a source and a target", at: position)
            return
        }
        guard graph.edges.count < Topology.linkCountMax else {
            throw error("more than \(Topology.linkCountMax) edges")
        }
        graph.edges.append(
            ImportedGraph.Edge(source: from, target: to, position: position, values: values)
        )
    }

    /// The attributes of the list whose bracket was just read, up to its end, lists in it included.
    private mutating func readAttributes(
        _ add: (inout ImportedGraph, _ name: String, _ text: String) -> Void
    ) throws(TopologyError) {
        var path: [String] = []
        while true {
            guard let key = try key(isInside: true) else {
                guard !path.isEmpty else { return }
                path.removeLast()
                continue
            }
            switch try value(of: key) {
            case .open:
                guard path.count < Self.depthMax else {
                    throw error("lists are nested more than \(Self.depthMax) deep")
                }
                path.append(key)
            case .word(let text), .text(let text):
                add(&graph, (path + [key]).joined(separator: "."), Self.inOneLine(text))
            case .close, .unclosed: return
            }
        }
    }

    private mutating func skipList() throws(TopologyError) {
        var depth = 1
        while depth > 0 {
            guard let key = try key(isInside: true) else {
                depth -= 1
                continue
            }
            if try value(of: key) == .open { depth += 1 }
            guard depth <= Self.depthMax else {
                throw error("lists are nested more than \(Self.depthMax) deep")
            }
        }
    }

    // MARK: Tokens

    /// The next key; `nil` at the end of the list, or of the file.
    private mutating func key(isInside: Bool) throws(TopologyError) -> String? {
        switch lexer.next() {
        case .word(let key): return key
        case .close where isInside: return nil
        case .close: throw error("a ] without its [")
        case nil where isInside: throw error("the file ends inside a list; it is cut off")
        case nil: return nil
        case .unclosed: throw error("this text is not closed; a \" is missing")
        case .text, .open: throw error("expected a key here; GML is keys with values")
        }
    }

    private mutating func value(of key: String) throws(TopologyError) -> GMLLexer.Token {
        switch lexer.next() {
        case .close?: throw error("the key \(quoted(key)) has no value")
        case nil: throw error("the file ends behind the key \(quoted(key)); it is cut off")
        case .unclosed?: throw error("this text is not closed; a \" is missing")
        case let value?: return value
        }
    }

    private var position: SourcePosition {
        mutating get { cursor.advance(to: lexer.tokenOffset, in: source.bytes) }
    }

    private mutating func error(_ message: String) -> TopologyError {
        TopologyError(file: source.file, position: position, message: message)
    }

    private static func inOneLine(_ text: String) -> String {
        text.contains(where: { $0.isNewline || $0 == "\t" })
            ? text.split(whereSeparator: \.isWhitespace).joined(separator: " ") : text
    }
}
