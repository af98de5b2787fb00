/// Reads GraphML into a topology, with the attribute names of the Internet Topology Zoo.
///
/// Attributes are found by `attr.name` and `for`, as the ids of keys differ from file to file.
/// Edges are undirected whatever the file says. `Contraction` deals with nodes without coordinates.
struct GraphMLReader {
    /// What a `<key>` can mean to us, by the kind of element and the attribute's name in lower
    /// case.
    private enum Attribute {
        case label, latitude, longitude, country, delay, weight, bandwidth
    }

    private struct Edge {
        let source: String
        let target: String
        let position: SourcePosition
        var values: [Attribute: String] = [:]
    }

    private var parser: XMLPullParser
    private var mistakes: Mistakes
    /// Keys we use; a known id that means nothing to us holds `nil`.
    private var keys: [String: Attribute?] = [:]
    /// The defaults that keys state; they count for nodes and edges without the data.
    private var defaults: [Attribute: String] = [:]
    private var nodes: [Contraction.Site] = []
    private var indexOf: [String: Int] = [:]
    private var edges: [Edge] = []

    static func read(_ source: SourceText) throws(TopologyError) -> Topology {
        var reader = GraphMLReader(source)
        try reader.readDocument()
        return try reader.topology(file: source.file)
    }

    private init(_ source: SourceText) {
        parser = XMLPullParser(source)
        mistakes = Mistakes(file: source.file)
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
                try readGraph()
            default: try skipElement()
            }
        }
        if graphCount == 0 { throw error("there is no <graph> in this file") }
    }

    private mutating func readGraph() throws(TopologyError) {
        while let event = try parser.next() {
            switch event {
            case .end: return
            case .text: continue
            case .start("node", let attributes): try readNode(attributes)
            case .start("edge", let attributes): try readEdge(attributes)
            case .start("hyperedge", _):
                throw error("<hyperedge> is not read; write the edges it stands for")
            case .start: try skipElement()
            }
            if mistakes.isFull { try mistakes.check() }
        }
    }

    private mutating func readKey(_ attributes: [XMLPullParser.Attribute]) throws(TopologyError) {
        let position = parser.position
        guard let id = attributes["id"] else {
            throw error("this <key> has no id; add the attribute id")
        }
        let attribute = Self.attribute(
            named: attributes["attr.name"] ?? "",
            for: attributes["for"] ?? "all"
        )
        var defaultText: String?
        while let event = try parser.next(), event != .end(name: "key") {
            guard case .start(let name, _) = event else { continue }
            if name == "default" { defaultText = try elementText() } else { try skipElement() }
        }
        if keys.updateValue(attribute, forKey: id) != nil {
            mistakes.add("the key \(quoted(id)) is declared twice; remove one", at: position)
        } else if let attribute, let defaultText {
            defaults[attribute] = defaultText
        }
    }

    private static func attribute(named name: String, for kind: String) -> Attribute? {
        switch (kind, name.lowercased()) {
        case ("node", "label"), ("all", "label"): .label
        case ("node", "latitude"), ("all", "latitude"): .latitude
        case ("node", "longitude"), ("all", "longitude"): .longitude
        case ("node", "country"), ("all", "country"): .country
        case ("edge", "delay"), ("edge", "latency"), ("all", "delay"), ("all", "latency"): .delay
        case ("edge", "weight"), ("all", "weight"): .weight
        case ("edge", "linkspeedraw"), ("all", "linkspeedraw"): .bandwidth
        default: nil
        }
    }

    private mutating func readNode(_ attributes: [XMLPullParser.Attribute]) throws(TopologyError) {
        let position = parser.position
        let values = try readData(in: "node")
        guard let id = attributes["id"] else {
            mistakes.add("this <node> has no id; add the attribute id", at: position)
            return
        }
        if let reason = Validation.refusal(ofName: id) {
            mistakes.add("the node id \(quoted(id)) \(reason)", at: position)
        }
        if let earlier = indexOf[id] {
            let line = nodes[earlier].node.position?.line ?? 0
            mistakes.add(
                "node \(quoted(id)) is defined twice (first on line \(line)); rename or remove one",
                at: position
            )
            return
        }
        guard nodes.count < Topology.nodeCountMax else {
            throw error("more than \(Topology.nodeCountMax) nodes")
        }
        var node = Topology.Node(id: id, label: values[.label], position: position)
        if let country = values[.country], !country.isEmpty { node.region = country }
        node.coordinates = coordinates(values, of: id, at: position)
        indexOf[id] = nodes.count
        nodes.append(Contraction.Site(node: node))
    }

    private mutating func readEdge(_ attributes: [XMLPullParser.Attribute]) throws(TopologyError) {
        let position = parser.position
        let values = try readData(in: "edge")
        guard let source = attributes["source"], let target = attributes["target"] else {
            mistakes.add("this <edge> needs the attributes source and target", at: position)
            return
        }
        guard edges.count < Topology.linkCountMax else {
            throw error("more than \(Topology.linkCountMax) edges")
        }
        edges.append(Edge(source: source, target: target, position: position, values: values))
    }

    // MARK: Data

    /// The `<data>` of the element whose start was just read, up to its end. Other content is
    /// skipped.
    private mutating func readData(in element: String) throws(TopologyError) -> [Attribute: String]
    {
        var values = defaults
        while let event = try parser.next() {
            switch event {
            case .end: return values
            case .text: continue
            case .start("data", let attributes):
                let position = parser.position
                let text = try elementText()
                let id = attributes["key"] ?? ""
                guard let known = keys[id] else {
                    mistakes.add(
                        "this data has the key \(quoted(id)), which no <key> declares",
                        at: position
                    )
                    continue
                }
                if let attribute = known { values[attribute] = text }
            case .start("graph", _):
                throw error(
                    "a <graph> inside a <\(element)> is not read; put all nodes into one graph"
                )
            case .start: try skipElement()
            }
        }
        return values
    }

    /// The text of the element whose start was just read, without blanks around it, up to its end.
    private mutating func elementText() throws(TopologyError) -> String {
        var text = ""
        while let event = try parser.next() {
            switch event {
            case .end:
                let trimmed = text.drop(while: \.isWhitespace)
                guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { return "" }
                return String(trimmed[...last])
            case .text(let part): text += part
            case .start: try skipElement()
            }
        }
        return text
    }

    /// Reads up to the end of the element whose start was just read.
    private mutating func skipElement() throws(TopologyError) {
        var depth = 1
        while depth > 0, let event = try parser.next() {
            switch event {
            case .start: depth += 1
            case .end: depth -= 1
            case .text: continue
            }
        }
    }

    // MARK: Meaning

    private mutating func topology(file: String) throws(TopologyError) -> Topology {
        var network: [Contraction.Edge] = []
        network.reserveCapacity(edges.count)
        for edge in edges where !mistakes.isFull {
            guard let a = end(edge.source, of: edge), let b = end(edge.target, of: edge) else {
                continue
            }
            network.append(
                Contraction.Edge(
                    a: a,
                    b: b,
                    delay: delay(.delay, of: edge),
                    weight: delay(.weight, of: edge),
                    bandwidth: edge.values[.bandwidth].flatMap { Quantity.number($0) }
                        .flatMap { $0 > 0 && $0 <= Quantity.bitsPerSecondMax ? $0 : nil },
                    position: edge.position
                )
            )
        }
        try mistakes.check()
        if nodes.isEmpty {
            throw TopologyError(file: file, message: "there are no nodes in this graph")
        }
        var topology = try Contraction(sites: nodes, edges: network).topology(file: file)
        topology.name = TopologyFormat.stem(of: file)
        topology.trees = [Topology.Tree(name: topology.name)]
        return topology
    }

    private mutating func end(_ id: String, of edge: Edge) -> Int? {
        if let index = indexOf[id] { return index }
        mistakes.add(
            "this edge ends at the unknown node \(quoted(id)); add the node or remove the edge",
            at: edge.position
        )
        return nil
    }

    private mutating func delay(_ attribute: Attribute, of edge: Edge) -> Double? {
        guard let text = edge.values[attribute], !text.isEmpty else { return nil }
        switch Quantity.millisecondsByDefault(text) {
        case .success(let value): return value
        case .failure(let refusal):
            // A weight may be anything in files that have delays or places; it is a delay only
            // without both.
            if attribute == .delay { mistakes.add(refusal.reason, at: edge.position) }
            return nil
        }
    }

    private mutating func coordinates(
        _ values: [Attribute: String],
        of id: String,
        at position: SourcePosition
    ) -> Topology.Coordinates? {
        guard let latitude = values[.latitude], let longitude = values[.longitude],
            !latitude.isEmpty,
            !longitude.isEmpty
        else { return nil }
        guard let x = Quantity.number(latitude), let y = Quantity.number(longitude) else {
            mistakes.add(
                "Latitude and Longitude of node \(quoted(id)) must be numbers, in degrees",
                at: position
            )
            return nil
        }
        let place = Topology.Coordinates(latitude: x, longitude: y)
        if let reason = Validation.refusal(of: place) {
            mistakes.add("node \(quoted(id)): \(reason)", at: position)
        }
        return place
    }

    private func error(_ message: String) -> TopologyError {
        TopologyError(file: mistakes.file, position: parser.position, message: message)
    }
}

extension [XMLPullParser.Attribute] {
    subscript(name: String) -> String? {
        first { $0.name == name }?.value
    }
}
