import Yams

/// What our own format says and a graph has no words for, when a topology was converted to one: the
/// settings of a node, and the trees, segments and the like of the network.
///
/// Each is one text in the attribute `xylem` of a node or of the graph: a mapping as it would stand in
/// our own format, on one line. What tools that know nothing of it keep is read back; `TopologyFields`
/// writes it.
struct OwnSettings {
    /// The name of the attribute.
    static let key = "xylem"

    private var decoder: YAMLDecoder
    private var mistakes: Mistakes

    /// Sets what the graph's attributes `xylem` say, in the topology that was made of it.
    static func apply(_ graph: ImportedGraph, to topology: inout Topology) throws(TopologyError) {
        let column = graph.nodeAttributes.columns.firstIndex { $0.name == key }
        let network = graph.attributes.first { $0.name == key }
        guard column != nil || network != nil else { return }
        var settings = OwnSettings(topology, file: graph.file)
        if let column {
            var indexOf: [String: Int] = [:]
            for (index, node) in topology.nodes.enumerated() { indexOf[node.id] = index }
            for node in graph.nodes where !settings.mistakes.isFull {
                guard let text = node.values[column], let index = indexOf[node.id] else { continue }
                settings.read(text, into: &topology.nodes[index])
            }
        }
        if let network { settings.read(network.text, into: &topology) }
        try settings.mistakes.check()
        try topology.validate(file: graph.file)
    }

    private init(_ topology: Topology, file: String) {
        decoder = YAMLDecoder(file: file)
        decoder.know(topology.nodes)
        mistakes = Mistakes(file: file)
    }

    private mutating func read(_ text: String, into node: inout Topology.Node) {
        let old = node
        guard
            let fields = fields(
                text,
                "node \(quoted(node.id))",
                YAMLDecoder.nodeKeys,
                at: node.position
            )
        else { return }
        node = decoder.node(old.id, from: fields, at: old.position)
        node.label = old.label
        node.region = old.region
        node.coordinates = old.coordinates
        node.weight = old.weight
        take(at: node.position, "node \(quoted(node.id))")
    }

    private mutating func read(_ text: String, into topology: inout Topology) {
        let keys = ["name", "epoch", "security", "segments", "trees"]
        guard let fields = fields(text, "the graph", keys, at: nil) else { return }
        if let name = decoder.text("name", in: fields) { topology.name = name }
        decoder.readNetwork(from: fields, into: &topology)
        take(at: nil, "the graph")
    }

    private mutating func fields(
        _ text: String,
        _ what: String,
        _ keys: [String],
        at position: SourcePosition?
    ) -> YAMLFields? {
        guard text.utf8.count <= TopologyFormat.yaml.byteCountMax else {
            add("more than \(TopologyFormat.yaml.byteCountMax) bytes", what, at: position)
            return nil
        }
        do throws(TopologyError) {
            let source = try SourceText(Array(text.utf8), file: "")
            guard let root = try YAMLReader.root(of: source) else { return nil }
            return decoder.fields(of: root, as: "it", keys: keys)
        } catch {
            add(error.message, what, at: position)
            return nil
        }
    }

    /// What the decoder found wrong stands in the attribute, wherever that is in the file.
    private mutating func take(at position: SourcePosition?, _ what: String) {
        for mistake in decoder.mistakes.found { add(mistake.message, what, at: position) }
        decoder.mistakes = Mistakes(file: decoder.file)
    }

    private mutating func add(_ message: String, _ what: String, at position: SourcePosition?) {
        mistakes.add("the attribute \(Self.key) of \(what): \(message)", at: position)
    }
}
