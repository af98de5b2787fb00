/// Reads GraphViz DOT.
///
///     graph fleet {
///       node [shape=box];  subgraph cluster_north { label="North"; oslo; tromso }
///       oslo -- bergen [label="4 ms"];  bergen -- {stavanger tromso};
///     }
///
/// Read are nodes, edges and chains of them, sets of nodes as ends, attributes with their defaults, and
/// clusters, which become regions. Ports, compass points and everything about the drawing are passed
/// over.
struct DOTReader {
    static let depthMax = 64

    /// Attributes that `node [ … ]` and `edge [ … ]` set from here on.
    private struct Defaults {
        var node: [Attribute] = []
        var edge: [Attribute] = []
        /// The cluster that nodes are in.
        var cluster: String?
    }

    private typealias Attribute = (name: String, text: String)

    private let source: SourceText
    private var lexer: DOTLexer
    private var token: DOTLexer.Token?
    private var cursor = PositionCursor()
    private var assembly: GraphAssembly
    /// Nodes of the sets that are open, as ends of edges; outermost first.
    private var members: [[String]] = []

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
        var reader = DOTReader(source, options: options)
        try reader.readDocument()
        return reader.assembly.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        self.source = source
        lexer = DOTLexer(source.bytes)
        assembly = GraphAssembly(source, options: options)
    }

    // MARK: Statements

    private mutating func readDocument() throws(TopologyError) {
        try advance()
        if isWord("strict") { try advance() }
        guard isWord("graph") || isWord("digraph") else {
            throw error("expected graph or digraph here")
        }
        try advance()
        var name: String?
        if case .id(let text, _)? = token {
            name = text
            try advance()
        }
        var defaults = Defaults()
        try readBlock(&defaults, depth: 0)
        // A graph of ours says its name itself.
        if let name, !assembly.graph.attributes.contains(where: { $0.name == OwnSettings.key }) {
            assembly.setGraph("name", to: name)
        }
        if isWord("graph") || isWord("digraph") || isWord("strict") {
            throw error("a second graph; put one graph into one file")
        }
        guard token == nil else { throw error("expected the end of the file behind the graph") }
    }

    /// `{ statement; … }`.
    private mutating func readBlock(
        _ defaults: inout Defaults,
        depth: Int
    ) throws(TopologyError) {
        guard depth < Self.depthMax else {
            throw error("blocks are nested more than \(Self.depthMax) deep")
        }
        try expect("{")
        while true {
            switch token {
            case .sign("}")?: return try advance()
            case .sign(";")?, .sign(",")?: try advance()
            case nil: throw error("the file ends inside a block; a } is missing")
            default: try readStatement(&defaults, depth: depth)
            }
        }
    }

    private mutating func readStatement(
        _ defaults: inout Defaults,
        depth: Int
    ) throws(TopologyError) {
        for kind in ["graph", "node", "edge"] where isWord(kind) {
            try advance()
            guard token == .sign("[") else { throw error("expected [ behind \(kind)") }
            let attributes = try readAttributes()
            switch kind {
            case "node": Self.merge(attributes, into: &defaults.node)
            case "edge": Self.merge(attributes, into: &defaults.edge)
            default: setAttributes(attributes, of: defaults.cluster)
            }
            return
        }
        let position = try place()
        if case .id(let name, _)? = token, !isWord("subgraph") {
            var ahead = lexer
            if ahead.next() == .sign("=") {
                try advance()
                return setAttributes([(name, try readValue())], of: defaults.cluster)
            }
        }
        try readChain(&defaults, depth: depth, at: position)
    }

    /// `a`, `a -- b -- {c d} [attributes]`, `subgraph x { … }`.
    private mutating func readChain(
        _ defaults: inout Defaults,
        depth: Int,
        at position: SourcePosition
    ) throws(TopologyError) {
        let (first, isNode) = try readEnd(defaults, depth: depth)
        var ends = [first]
        while token == .edge {
            try advance()
            ends.append(try readEnd(defaults, depth: depth).ids)
        }
        let attributes = token == .sign("[") ? try readAttributes() : []
        guard ends.count > 1 else {
            // The attributes of a node; behind a set they have no meaning.
            if isNode, let id = first.first, let index = assembly.index(of: id) {
                set(attributes, ofNode: index)
            }
            return
        }
        for (sources, targets) in zip(ends, ends.dropFirst()) {
            for source in sources {
                for target in targets {
                    try assembly.addEdge(source, target, at: position, attributes + defaults.edge)
                }
            }
        }
    }

    /// One end of an edge: a node, which exists from here on, or a set of them.
    private mutating func readEnd(
        _ defaults: Defaults,
        depth: Int
    ) throws(TopologyError) -> (ids: [String], isNode: Bool) {
        if token == .sign("{") || isWord("subgraph") {
            return (try readSet(defaults, depth: depth), false)
        }
        guard case .id(let name, _)? = token else { throw error("expected a node here") }
        let position = try place()
        try advance()
        // A port and a compass point.
        for _ in 0..<2 where token == .sign(":") {
            try advance()
            guard case .id? = token else { throw error("expected a port behind :") }
            try advance()
        }
        let id = GraphAssembly.inOneLine(name)
        let isNew = assembly.index(of: id) == nil
        guard let index = try assembly.node(id, at: position) else { return ([], true) }
        if isNew {
            for (name, text) in defaults.node where !Self.isOwnName(name, text) {
                assembly.set(name, to: text, ofNode: index)
            }
        }
        assembly.setGroup(defaults.cluster, ofNode: index)
        for depth in members.indices { members[depth].append(id) }
        return ([id], true)
    }

    /// `{ a b }`, `subgraph name { … }`; the nodes in it, each once.
    private mutating func readSet(
        _ outer: Defaults,
        depth: Int
    ) throws(TopologyError) -> [String] {
        var defaults = outer
        let position = try place()
        if isWord("subgraph") {
            try advance()
            if case .id(let name, _)? = token {
                try advance()
                if name.hasPrefix("cluster") {
                    defaults.cluster = try cluster(name, in: outer.cluster, at: position)
                }
            }
        }
        // Only ends of edges need their members, and chains are short: a graph in a graph in a graph
        // would count its nodes for each of them.
        guard members.count < Self.setDepthMax else {
            throw error("sets of nodes are nested more than \(Self.setDepthMax) deep")
        }
        members.append([])
        try readBlock(&defaults, depth: depth + 1)
        var known: Set<String> = []
        return members.removeLast().filter { known.insert($0).inserted }
    }

    private static let setDepthMax = 16

    /// A cluster is a group under an id that no node of the file has.
    private mutating func cluster(
        _ name: String,
        in outer: String?,
        at position: SourcePosition
    ) throws(TopologyError) -> String? {
        let id = "subgraph " + GraphAssembly.inOneLine(name)
        guard assembly.index(of: id) == nil else { return id }
        if let index = try assembly.addNode(id, at: position, group: outer, isGroup: true) {
            let label = name.dropFirst("cluster".count).drop { $0 == "_" }
            assembly.set("label", to: label.isEmpty ? name : String(label), ofNode: index)
        }
        return id
    }

    // MARK: Attributes

    /// What was set last counts.
    private static func merge(_ attributes: [Attribute], into defaults: inout [Attribute]) {
        for attribute in attributes {
            defaults.removeAll { $0.name == attribute.name }
            if defaults.count < AttributeValues.defaultCountMax { defaults.append(attribute) }
        }
    }

    private mutating func setAttributes(_ attributes: [Attribute], of cluster: String?) {
        for (name, text) in attributes {
            if let index = cluster.flatMap({ assembly.index(of: $0) }) {
                assembly.replace(name, with: text, ofNode: index)
            } else {
                assembly.setGraph(name, to: text)
            }
        }
    }

    private mutating func set(_ attributes: [Attribute], ofNode index: Int) {
        for (name, text) in attributes where !Self.isOwnName(name, text) {
            assembly.replace(name, with: text, ofNode: index)
        }
    }

    /// `\N` in a label stands for the node's name, and is no label of its own.
    private static func isOwnName(_ name: String, _ text: String) -> Bool {
        name == "label" && text == "\\N"
    }

    /// `[a=b, c=d] [e=f]`; of two values for one name the last counts.
    private mutating func readAttributes() throws(TopologyError) -> [Attribute] {
        var attributes: [Attribute] = []
        var indexOf: [String: Int] = [:]
        while token == .sign("[") {
            try advance()
            while token != .sign("]") {
                if token == .sign(",") || token == .sign(";") {
                    try advance()
                    continue
                }
                guard case .id(let name, _)? = token else {
                    throw error("expected the name of an attribute, or ]")
                }
                try advance()
                // GraphViz reads a lone name as true.
                let text = token == .sign("=") ? try readValue() : "true"
                let index = indexOf[name, default: attributes.count]
                if index < attributes.count {
                    attributes[index].text = text
                } else {
                    indexOf[name] = index
                    attributes.append((name, text))
                }
            }
            try advance()
        }
        return attributes
    }

    private mutating func readValue() throws(TopologyError) -> String {
        try expect("=")
        guard case .id(let text, _)? = token else { throw error("expected a value behind =") }
        try advance()
        return text
    }

    // MARK: Tokens

    private mutating func advance() throws(TopologyError) {
        token = lexer.next()
        if case .unclosed(let what)? = token { throw error("\(what) is not closed") }
        if token == .other { throw error("this sign has no meaning here; put texts into quotes") }
    }

    private mutating func expect(_ sign: Unicode.Scalar) throws(TopologyError) {
        guard token == .sign(sign) else { throw error("expected \(sign) here") }
        try advance()
    }

    /// Key words count in any case, and not in quotes.
    private func isWord(_ word: String) -> Bool {
        guard case .id(let text, isQuoted: false)? = token else { return false }
        return text.count == word.count && text.lowercased() == word
    }

    private mutating func place() throws(TopologyError) -> SourcePosition {
        cursor.advance(to: lexer.tokenOffset, in: source.bytes)
    }

    private func error(_ message: String) -> TopologyError {
        source.error(message, at: lexer.tokenOffset)
    }
}
