/// Reads GEXF, Gephi's own format, as Gephi and networkx write it.
///
///     <gexf><graph><attributes class="node"><attribute id="0" title="latitude" type="double"/>…
///       <nodes><node id="1" label="Oslo"><attvalues><attvalue for="0" value="59.91"/>…
///       <edges><edge source="1" target="2" weight="4.0"/>…
///
/// GEXF 1.3 primer. An attribute's name is its title. Nodes inside of nodes, or with `pid`, are in a
/// group, which becomes their region. What is said of the drawing (`viz:`) and of times is passed over.
struct GEXFReader {
    private var parser: XMLPullParser
    private var assembly: GraphAssembly
    /// Titles of attributes by class and id.
    private var titles: [String: String] = [:]
    private var defaults: [(name: String, text: String, isOfNodes: Bool)] = []

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
        var reader = GEXFReader(source, options: options)
        try reader.readDocument()
        return reader.assembly.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        parser = XMLPullParser(source)
        assembly = GraphAssembly(source, options: options)
    }

    private mutating func readDocument() throws(TopologyError) {
        var graphCount = 0
        while let event = try parser.next() {
            guard case .start(let name, _) = event else { continue }
            switch name {
            case "gexf": continue
            case "graph":
                graphCount += 1
                guard graphCount == 1 else {
                    throw error("a second <graph>; put one graph into one file")
                }
                try readGraph()
            default: try parser.skipElement()
            }
        }
        if graphCount == 0 { throw error("there is no <graph> in this file") }
        assembly.markGroups()
    }

    private mutating func readGraph() throws(TopologyError) {
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("attributes", let attributes):
                try readAttributes(of: attributes["class"] ?? "node")
            case .start("nodes", _): try readNodes(in: nil)
            case .start("edges", _): try readEdges()
            case .start: try parser.skipElement()
            }
        }
    }

    private mutating func readAttributes(of kind: String) throws(TopologyError) {
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("attribute", let attributes):
                let id = attributes["id"] ?? ""
                let title = attributes["title"] ?? id
                var defaultText: String?
                while let event = try parser.next(), event != .end(name: "attribute") {
                    guard case .start(let name, _) = event else { continue }
                    if name == "default" {
                        defaultText = try parser.elementText()
                    } else {
                        try parser.skipElement()
                    }
                }
                titles["\(kind) \(id)"] = title
                if let defaultText, defaults.count < AttributeValues.defaultCountMax {
                    defaults.append((title, defaultText, kind == "node"))
                }
            case .start: try parser.skipElement()
            }
        }
    }

    // MARK: Nodes

    private mutating func readNodes(in group: String?) throws(TopologyError) {
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("node", let attributes): try readNode(attributes, in: group)
            case .start: try parser.skipElement()
            }
        }
    }

    private mutating func readNode(
        _ attributes: [XMLPullParser.Attribute],
        in group: String?
    ) throws(TopologyError) {
        let position = parser.position
        guard let id = attributes["id"] else {
            try assembly.addMistake("this <node> has no id; add the attribute id", at: position)
            return try parser.skipElement()
        }
        let group = attributes["pid"] ?? group
        guard let index = try assembly.addNode(id, at: position, group: group) else {
            return try parser.skipElement()
        }
        if let label = attributes["label"] { assembly.set("label", to: label, ofNode: index) }
        while let event = try parser.next() {
            switch event {
            case .end:
                for item in defaults where item.isOfNodes {
                    assembly.set(item.name, to: item.text, ofNode: index)
                }
                return
            case .text: continue
            case .start("attvalues", _):
                for (name, text) in try values(of: "node") {
                    assembly.set(name, to: text, ofNode: index)
                }
            case .start("nodes", _): try readNodes(in: id)
            case .start("edges", _): try readEdges()
            case .start: try parser.skipElement()
            }
        }
    }

    // MARK: Edges

    private mutating func readEdges() throws(TopologyError) {
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("edge", let attributes): try readEdge(attributes)
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
        for name in ["id", "label", "weight", "kind"] {
            if let text = attributes[name] { pairs.append((name, text)) }
        }
        reading: while let event = try parser.next() {
            switch event {
            case .end: break reading
            case .text: continue
            case .start("attvalues", _): pairs += try values(of: "edge")
            case .start: try parser.skipElement()
            }
        }
        pairs += defaults.filter { !$0.isOfNodes }.map { ($0.name, $0.text) }
        try assembly.addEdge(source, target, at: position, pairs)
    }

    /// What is in `<attvalues>`.
    private mutating func values(
        of kind: String
    ) throws(TopologyError) -> [(name: String, text: String)] {
        var pairs: [(name: String, text: String)] = []
        while let event = try parser.next() {
            switch event {
            case .end: return pairs
            case .text: continue
            case .start("attvalue", let attributes):
                // Version 1.1 has `id` where later ones have `for`.
                let id = attributes["for"] ?? attributes["id"] ?? ""
                if let text = attributes["value"] {
                    pairs.append((titles["\(kind) \(id)"] ?? id, text))
                }
                try parser.skipElement()
            case .start: try parser.skipElement()
            }
        }
        return pairs
    }

    private func error(_ message: String) -> TopologyError {
        assembly.error(message, at: parser.position)
    }
}
