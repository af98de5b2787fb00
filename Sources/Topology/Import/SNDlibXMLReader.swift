/// Reads the XML form of SNDlib, which says whether its coordinates are degrees.
///
///     <network><networkStructure>
///       <nodes coordinatesType="geographical"><node id="A"><coordinates><x>…</x><y>…</y>…
///       <links><link id="L"><source>A</source><target>B</target>…
struct SNDlibXMLReader {
    private var parser: XMLPullParser
    private var graph: ImportedGraph
    private var path: [String] = []
    private var areDegrees = false
    private var unit: String?
    private var node: ImportedGraph.Node?
    private var ids: Set<String> = []
    private var link = Link()
    private var demand = Demand()
    private var demands = SNDlibDemands()

    private struct Demand {
        var source = ""
        var target = ""
        var unit = 1.0
        var value = 0.0
    }

    private struct Link {
        var position = SourcePosition(line: 1, column: 1)
        var id = ""
        var source = ""
        var target = ""
        /// In the network's unit.
        var installed = 0.0
        var largestModule = 0.0
        var routingCost = ""
    }

    /// Whether the first element is SNDlib's.
    static func isRoot(of source: SourceText) -> Bool {
        var parser = XMLPullParser(source)
        guard case .start("network", let attributes)? = try? parser.next() else { return false }
        return attributes["xmlns"]?.contains("sndlib") == true
    }

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
        var reader = SNDlibXMLReader(source, options: options)
        try reader.readDocument()
        reader.demands.setWeights(in: &reader.graph)
        return reader.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        parser = XMLPullParser(source)
        graph = ImportedGraph(file: source.file, options: options)
    }

    private mutating func readDocument() throws(TopologyError) {
        var text = ""
        while let event = try parser.next() {
            switch event {
            case .start("admissiblePaths", _): try parser.skipElement()
            case .start(let name, let attributes):
                path.append(name)
                text = ""
                start(name, attributes)
            case .text(let part): text += part
            case .end(let name):
                path.removeLast()
                try end(
                    name,
                    text: text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                )
                text = ""
            }
        }
    }

    private mutating func start(_ name: String, _ attributes: [XMLPullParser.Attribute]) {
        switch name {
        case "nodes":
            areDegrees = attributes["coordinatesType"] == "geographical"
            if attributes["coordinatesType"] == "pixel" {
                graph.notes.append(SNDlibReader.pictureNote)
            }
        case "node":
            node = ImportedGraph.Node(id: attributes["id"] ?? "", position: parser.position)
        case "link": link = Link(position: parser.position, id: attributes["id"] ?? "")
        case "demand": demand = Demand()
        default: break
        }
    }

    private mutating func end(_ name: String, text: String) throws(TopologyError) {
        switch (path.last, name) {
        case ("meta", "unit"): unit = text
        case ("coordinates", "x"): addPlace(text, "longitude")
        case ("coordinates", "y"): addPlace(text, "latitude")
        case ("nodes", "node"): try addNode()
        case ("link", "source"): link.source = text
        case ("link", "target"): link.target = text
        case ("link", "routingCost"): link.routingCost = text
        case ("preInstalledModule", "capacity"): link.installed = Quantity.number(text) ?? 0
        case ("addModule", "capacity"):
            link.largestModule = max(link.largestModule, Quantity.number(text) ?? 0)
        case ("links", "link"): try addLink()
        case ("demand", "source"): demand.source = text
        case ("demand", "target"): demand.target = text
        case ("demand", "routingUnit"): demand.unit = Quantity.number(text) ?? 1
        case ("demand", "demandValue"): demand.value = Quantity.number(text) ?? 0
        case ("demands", "demand"):
            demands.add(from: demand.source, to: demand.target, demand.unit * demand.value)
        default: break
        }
    }

    private mutating func addPlace(_ text: String, _ name: String) {
        // Places in a picture are none on Earth, and kept by the names that they have in the file.
        let name = areDegrees ? name : name == "longitude" ? "x" : "y"
        guard let column = graph.nodeAttributes.column(named: name) else { return }
        node?.values.add(text, column: column)
    }

    private mutating func addNode() throws(TopologyError) {
        guard let node else { return }
        if let reason = Validation.refusal(ofName: node.id) {
            throw error("the node id \(quoted(node.id)) \(reason)")
        }
        guard ids.insert(node.id).inserted else {
            throw error("node \(quoted(node.id)) is defined twice; rename or remove one")
        }
        guard graph.nodes.count < Topology.nodeCountMax else {
            throw error("more than \(Topology.nodeCountMax) nodes")
        }
        graph.nodes.append(node)
        self.node = nil
    }

    private mutating func addLink() throws(TopologyError) {
        guard graph.edges.count < Topology.linkCountMax else {
            throw error("more than \(Topology.linkCountMax) links")
        }
        var edge = ImportedGraph.Edge(
            source: link.source,
            target: link.target,
            position: link.position
        )
        if let column = graph.edgeAttributes.column(named: "id") {
            edge.values.add(link.id, column: column)
        }
        let capacity = link.installed > 0 ? link.installed : link.largestModule
        let scale = unit.flatMap { SNDlibReader.capacityUnit(named: $0) }
        let name = scale == nil ? "capacity" : "capacity (bps)"
        if capacity > 0, let column = graph.edgeAttributes.column(named: name) {
            edge.values.add("\(capacity * (scale ?? 1))", column: column)
        }
        if (Quantity.number(link.routingCost) ?? 0) > 0,
            let column = graph.edgeAttributes.column(named: "cost")
        {
            edge.values.add(link.routingCost, column: column)
        }
        graph.edges.append(edge)
    }

    private func error(_ message: String) -> TopologyError {
        TopologyError(file: graph.file, position: parser.position, message: message)
    }
}
