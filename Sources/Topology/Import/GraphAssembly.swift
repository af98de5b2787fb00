/// A graph in the making: what every reader checks of nodes and edges as they come.
struct GraphAssembly {
    private(set) var graph: ImportedGraph
    private var indexOf: [String: Int] = [:]

    init(_ source: SourceText, options: ImportOptions) {
        graph = ImportedGraph(file: source.file, options: options)
    }

    var nodeCount: Int { graph.nodes.count }
    var hasImpliedNodes: Bool {
        get { graph.hasImpliedNodes }
        set { graph.hasImpliedNodes = newValue }
    }

    func index(of id: String) -> Int? { indexOf[id] }

    /// Adds a node. A bad id or a second use of one is a mistake.
    ///
    /// - Returns: Its number; `nil` when it was refused.
    @discardableResult mutating func addNode(
        _ id: String,
        at position: SourcePosition,
        group: String? = nil,
        isGroup: Bool = false
    ) throws(TopologyError) -> Int? {
        if let reason = Validation.refusal(ofName: id) {
            try addMistake("the node id \(quoted(id)) \(reason)", at: position)
            return nil
        }
        if let earlier = indexOf[id] {
            let line = graph.nodes[earlier].position.line
            try addMistake(
                "node \(quoted(id)) is defined twice (first on line \(line)); rename or remove one",
                at: position
            )
            return nil
        }
        guard graph.nodes.count < Topology.nodeCountMax else {
            throw error("more than \(Topology.nodeCountMax) nodes", at: position)
        }
        let index = graph.nodes.count
        indexOf[id] = index
        graph.nodes.append(
            ImportedGraph.Node(id: id, position: position, group: group, isGroup: isGroup)
        )
        return index
    }

    /// The node with this id, which is added when there is none yet.
    mutating func node(_ id: String, at position: SourcePosition) throws(TopologyError) -> Int? {
        if let index = indexOf[id] { return index }
        return try addNode(id, at: position)
    }

    /// The first value of an attribute counts.
    mutating func set(_ name: String, to text: String, ofNode index: Int) {
        guard let column = graph.nodeAttributes.column(named: name) else { return }
        graph.nodes[index].values.add(Self.inOneLine(text), column: column)
    }

    /// The last value of an attribute counts.
    mutating func replace(_ name: String, with text: String, ofNode index: Int) {
        guard let column = graph.nodeAttributes.column(named: name) else { return }
        graph.nodes[index].values.replace(column, with: Self.inOneLine(text))
    }

    /// Makes groups of the nodes that others are in.
    mutating func markGroups() {
        for node in graph.nodes {
            if let group = node.group, let index = indexOf[group] {
                graph.nodes[index].isGroup = true
            }
        }
    }

    mutating func setGroup(_ group: String?, ofNode index: Int) {
        graph.nodes[index].group = graph.nodes[index].group ?? group
    }

    /// Adds an edge; whether its ends are there is found when all nodes are.
    mutating func addEdge(
        _ source: String,
        _ target: String,
        at position: SourcePosition,
        _ attributes: [(name: String, text: String)] = []
    ) throws(TopologyError) {
        guard graph.edges.count < Topology.linkCountMax else {
            throw error("more than \(Topology.linkCountMax) links", at: position)
        }
        var edge = ImportedGraph.Edge(source: source, target: target, position: position)
        for (name, text) in attributes {
            guard let column = graph.edgeAttributes.column(named: name) else { continue }
            edge.values.add(Self.inOneLine(text), column: column)
        }
        graph.edges.append(edge)
    }

    /// Gives every end of an edge another id.
    mutating func replaceEnds(_ id: (String) -> String) {
        graph.edges = graph.edges.map { edge in
            ImportedGraph.Edge(
                source: id(edge.source),
                target: id(edge.target),
                position: edge.position,
                values: edge.values
            )
        }
    }

    mutating func setGraph(_ name: String, to text: String) {
        graph.setAttribute(name, to: Self.inOneLine(text))
    }

    mutating func note(_ sentence: String) { graph.notes.append(sentence) }

    mutating func setNotes(_ notes: [String]) { graph.notes = notes }

    /// Adds a mistake; throws all of them when they are enough.
    mutating func addMistake(
        _ message: String,
        at position: SourcePosition?
    ) throws(TopologyError) {
        graph.mistakes.add(message, at: position)
        if graph.mistakes.isFull { try graph.mistakes.check() }
    }

    func error(_ message: String, at position: SourcePosition? = nil) -> TopologyError {
        TopologyError(file: graph.file, position: position, message: message)
    }

    /// A text of several lines in one.
    static func inOneLine(_ text: String) -> String {
        text.utf8.contains { $0 < 0x20 }
            ? text.split(whereSeparator: \.isWhitespace).joined(separator: " ") : text
    }
}
