import Yams

/// Reads labs of containerlab: nodes, and the links between their interfaces.
///
///     name: lab
///     topology:
///       nodes: {a: {kind: linux, labels: {region: north}}, b: {}}
///       links:
///         - endpoints: ["a:eth1", "b:eth1"]                          a brief link
///           vars: {delay: 4ms}
///         - {type: veth, endpoints: [{node: a, interface: eth2}, …]} an extended one
///
/// containerlab's manual, "Topology definition" and "Network wiring". A node's `labels` and a link's
/// `vars` and `labels` are attributes under their own names, which containerlab leaves to its users.
/// Links that end outside of the lab (`host`, `mgmt-net`, `macvlan`, `vxlan`, `dummy`) are left out.
struct ContainerlabReader {
    /// The label with a node's id where its name is another.
    static let idLabel = "xylem-id"

    private var assembly: GraphAssembly
    private var outsideCount = 0
    /// Ids of nodes whose names are others.
    private var idOf: [String: String] = [:]

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
        guard let root = try YAMLReader.root(of: source) else {
            throw TopologyError(file: source.file, message: "the file is empty")
        }
        var reader = ContainerlabReader(assembly: GraphAssembly(source, options: options))
        try reader.readLab(root)
        return reader.assembly.graph
    }

    private init(assembly: GraphAssembly) {
        self.assembly = assembly
    }

    private mutating func readLab(_ root: Yams.Node) throws(TopologyError) {
        guard let topology = root["topology"], case .mapping = topology else {
            throw error("there is no mapping under the key topology", at: root)
        }
        for case (let key?, .scalar(let value)) in (root.mapping ?? [:]).map({
            ($0.key.scalar?.string, $0.value)
        }) {
            assembly.setGraph(key, to: value.string)
        }
        guard let nodes = topology["nodes"]?.mapping else {
            throw error("there is no mapping of nodes under topology", at: topology)
        }
        for (key, value) in nodes {
            guard let name = key.scalar?.string else {
                throw error("expected a node's name", at: key)
            }
            let labels = value.mapping == nil ? nil : value["labels"]?.mapping
            let told = labels?[.scalar(.init(Self.idLabel))]?.scalar?.string
            let id = told ?? name
            idOf[name] = id
            guard let index = try assembly.addNode(id, at: position(of: key)) else { continue }
            for (name, text) in try attributes(of: value, opening: ["labels"])
            where name != Self.idLabel {
                assembly.set(name, to: text, ofNode: index)
            }
        }
        if let links = topology["links"], !links.isNull {
            guard let list = links.sequence else { throw error("links must be a list", at: links) }
            for link in list { try readLink(link) }
        }
        if outsideCount > 0 {
            assembly.note("\(counted(outsideCount, "link")) to the outside of the lab left out")
        }
    }

    private mutating func readLink(_ link: Yams.Node) throws(TopologyError) {
        guard link.mapping != nil else {
            return try mistake("a link is a mapping with the key endpoints", at: link)
        }
        guard let endpoints = link["endpoints"]?.sequence else {
            // Extended links to the outside have one `endpoint`.
            guard link["endpoint"] == nil else {
                outsideCount += 1
                return
            }
            return try mistake("this link has no endpoints; add two", at: link)
        }
        guard endpoints.count == 2 else {
            return try mistake("a link has two endpoints", at: link)
        }
        var ends: [String] = []
        var pairs: [(name: String, text: String)] = []
        for (endpoint, side) in zip(endpoints, ["source", "target"]) {
            guard let (node, interface) = end(endpoint) else {
                return try mistake("an endpoint is \"node:interface\"", at: endpoint)
            }
            ends.append(idOf[node] ?? node)
            if let interface { pairs.append(("\(side) interface", interface)) }
        }
        let outside = ["host", "mgmt-net", "macvlan", "vxlan", "vxlan-stitch", "dummy"]
        guard !ends.contains(where: { outside.contains($0) && assembly.index(of: $0) == nil })
        else {
            outsideCount += 1
            return
        }
        pairs += try attributes(of: link, opening: ["vars", "labels"])
        try assembly.addEdge(ends[0], ends[1], at: position(of: link), pairs)
    }

    /// `a:eth1`, or `{node: a, interface: eth1}`.
    private func end(_ endpoint: Yams.Node) -> (node: String, interface: String?)? {
        if case .scalar(let scalar) = endpoint {
            let parts = scalar.string.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (String(parts[0]), String(parts[1]))
        }
        guard let node = endpoint["node"]?.scalar?.string else { return nil }
        return (node, endpoint["interface"]?.scalar?.string)
    }

    /// The plain values of a mapping, and of the mappings in it that are `opening`.
    private func attributes(
        of node: Yams.Node,
        opening: Set<String>
    ) throws(TopologyError) -> [(name: String, text: String)] {
        var pairs: [(name: String, text: String)] = []
        for (key, value) in node.mapping ?? [:] {
            guard let name = key.scalar?.string, !value.isNull else { continue }
            if let text = value.scalar?.string {
                pairs.append((name, text))
            } else if opening.contains(name) {
                pairs += try attributes(of: value, opening: [])
            }
        }
        return pairs
    }

    private mutating func mistake(_ message: String, at node: Yams.Node) throws(TopologyError) {
        try assembly.addMistake(message, at: position(of: node))
    }

    private func error(_ message: String, at node: Yams.Node) -> TopologyError {
        assembly.error(message, at: position(of: node))
    }

    private func position(of node: Yams.Node) -> SourcePosition {
        node.mark.map { SourcePosition($0) } ?? SourcePosition(line: 1, column: 1)
    }
}
