/// Reads graphs in JSON: lists of nodes and of links, under the names that tools give them.
///
/// | | nodes | links | ends |
/// |---|---|---|---|
/// | networkx `node_link_data`, D3, vis.js, Graphology | `nodes` | `links` or `edges` | `source`, `target` or `from`, `to` |
/// | NetJSON NetworkGraph | `nodes` | `links` | `source`, `target` |
/// | Cytoscape (`.cyjs`, cytoscape.js) | `elements` / `nodes` | `elements` / `edges` | `data` / `source`, `target` |
/// | JSON Graph Format | `graph` / `nodes` | `graph` / `edges` | `source`, `target` |
/// | networkx `adjacency_data` | `nodes` | `adjacency` | by place, `id` |
/// | RFC 8345 | `node` | `link` | `source-node`, `dest-node` |
///
/// Ends are ids. networkx 1 and D3 wrote the place of a node in the list, counted from 0: ends that are
/// such numbers, and not all ids, are read so. Links alone make the nodes.
struct JSONGraphReader {
    private var json: JSONCursor
    private var cursor = PositionCursor()
    private var assembly: GraphAssembly
    private var networkCount = 0
    /// Ends of links by their places, from `adjacency`.
    private var hasPlaces = false
    /// Of Cytoscape, where a `parent` is drawn around its nodes.
    private var hasElements = false

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
        var reader = JSONGraphReader(source, options: options)
        try reader.readDocument()
        return reader.assembly.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        json = JSONCursor(source)
        assembly = GraphAssembly(source, options: options)
    }

    // MARK: Containers

    private mutating func readDocument() throws(TopologyError) {
        switch try json.kind() {
        case .array: try readElements()
        case .object: try readContainer()
        case .scalar: throw json.error("expected an object or a list here; this is no graph")
        }
        try json.end()
        if assembly.nodeCount == 0 { assembly.hasImpliedNodes = true }
        if assembly.graph.edges.isEmpty, assembly.nodeCount == 0 {
            throw assembly.error("there are no nodes and no links in this file")
        }
        resolvePlaces()
        if hasElements { assembly.markGroups() }
    }

    /// An object that holds the lists, or holds one that does.
    private mutating func readContainer() throws(TopologyError) {
        var holdsLists = false
        try json.beginObject()
        while let key = try json.nextKey() {
            let kind = try json.kind()
            // RFC 7951 §4: a name of YANG may have that of its module before it.
            switch (Self.withoutModule(key), kind) {
            case ("nodes", .array), ("node", .array), ("vertices", .array):
                holdsLists = true
                try readNodes()
            case ("nodes", .object):
                holdsLists = true
                try readNodesByID()
            case ("links", .array), ("edges", .array), ("link", .array):
                holdsLists = true
                try readLinks()
            case ("adjacency", .array): try readAdjacency()
            case ("elements", .array): try readElements()
            case ("elements", .object):
                hasElements = true
                try readContainer()
            case ("graph", .object), ("networks", .object): try readContainer()
            case ("network", .array), ("collection", .array), ("graphs", .array):
                try readNetworks()
            case ("data", .object), ("metadata", .object), ("attributes", .object):
                for (name, text) in try JSONAttributes(&json).pairs {
                    assembly.setGraph(name, to: text)
                }
            case ("directed", .scalar), ("multigraph", .scalar): try json.skipValue()
            case (_, .scalar):
                if let text = try json.scalar() { assembly.setGraph(key, to: text) }
            default: try json.skipValue()
            }
        }
        guard holdsLists else { return }
        networkCount += 1
        guard networkCount == 1 else {
            throw json.error("a second network; put one network into one file")
        }
    }

    private static func withoutModule(_ key: String) -> Substring {
        key.lastIndex(of: ":").map { key[key.index(after: $0)...] } ?? key[...]
    }

    private mutating func readNetworks() throws(TopologyError) {
        try json.beginArray()
        while try json.nextElement() {
            guard try json.kind() == .object else {
                try json.skipValue()
                continue
            }
            try readContainer()
        }
    }

    private mutating func readNodes() throws(TopologyError) {
        try json.beginArray()
        while try json.nextElement() {
            let position = try place()
            switch try json.kind() {
            case .object: try addNode(JSONAttributes(&json), at: position)
            case .scalar:
                if let id = try json.scalar() { try assembly.addNode(id, at: position) }
            case .array: throw json.error("expected a node here: an object with the key id")
            }
        }
    }

    /// `"nodes": {"a": {…}}`.
    private mutating func readNodesByID() throws(TopologyError) {
        try json.beginObject()
        while let id = try json.nextKey() {
            let position = try place()
            guard try json.kind() == .object else {
                try json.skipValue()
                try assembly.addNode(id, at: position)
                continue
            }
            let attributes = try JSONAttributes(&json)
            if let index = try assembly.addNode(id, at: position) {
                set(attributes.without([]), ofNode: index)
            }
        }
    }

    private mutating func readLinks() throws(TopologyError) {
        try json.beginArray()
        while try json.nextElement() {
            let position = try place()
            switch try json.kind() {
            case .object:
                let attributes = try JSONAttributes(&json)
                guard try addEdge(attributes, at: position) else {
                    try assembly.addMistake(
                        "this link needs the keys source and target",
                        at: position
                    )
                    continue
                }
            case .array: try readShortLink(at: position)
            case .scalar: throw json.error("expected a link here: an object with source and target")
            }
        }
    }

    /// `["a", "b"]`, or `["a", "b", 4]` with a delay.
    private mutating func readShortLink(at position: SourcePosition) throws(TopologyError) {
        var words: [String] = []
        try json.beginArray()
        while try json.nextElement() {
            guard try json.kind() == .scalar, let word = try json.scalar() else {
                throw json.error("expected an id of a node here")
            }
            words.append(word)
        }
        guard (2...3).contains(words.count) else {
            return try assembly.addMistake("a link has two ends and perhaps a delay", at: position)
        }
        let attributes = words.count == 3 ? [(name: "delay", text: words[2])] : []
        try assembly.addEdge(words[0], words[1], at: position, attributes)
    }

    /// Nodes and links in one list, as cytoscape.js has them, or links alone.
    private mutating func readElements() throws(TopologyError) {
        hasElements = true
        try json.beginArray()
        while try json.nextElement() {
            let position = try place()
            guard try json.kind() == .object else {
                throw json.error("expected an object here: a node or a link")
            }
            let attributes = try JSONAttributes(&json)
            if try addEdge(attributes, at: position) { continue }
            try addNode(attributes, at: position)
        }
    }

    /// The list at place n holds the neighbours of node n.
    private mutating func readAdjacency() throws(TopologyError) {
        hasPlaces = true
        var number = 0
        try json.beginArray()
        while try json.nextElement() {
            try json.beginArray()
            while try json.nextElement() {
                let position = try place()
                let attributes = try JSONAttributes(&json)
                guard let id = attributes.first(of: ["id"]) else {
                    try assembly.addMistake("this neighbour has no id; add one", at: position)
                    continue
                }
                try assembly.addEdge(
                    Self.mark + String(number),
                    id,
                    at: position,
                    attributes.without(["id"])
                )
            }
            number += 1
        }
    }

    // MARK: Items

    private mutating func addNode(
        _ attributes: JSONAttributes,
        at position: SourcePosition
    ) throws(TopologyError) {
        // Without an id links refer to a node by its place.
        let id = attributes.first(of: Self.idKeys) ?? String(assembly.nodeCount)
        let parent = hasElements ? attributes.first(of: ["parent"]) : nil
        guard let index = try assembly.addNode(id, at: position, group: parent) else { return }
        set(attributes.without(parent == nil ? ["id"] : ["id", "parent"]), ofNode: index)
    }

    private mutating func set(_ pairs: [(name: String, text: String)], ofNode index: Int) {
        for (name, text) in pairs { assembly.set(name, to: text, ofNode: index) }
    }

    private mutating func addEdge(
        _ attributes: JSONAttributes,
        at position: SourcePosition
    ) throws(TopologyError) -> Bool {
        guard let source = attributes.first(of: Self.sourceKeys),
            let target = attributes.first(of: Self.targetKeys)
        else { return false }
        try assembly.addEdge(
            source,
            target,
            at: position,
            attributes.without(Self.sourceKeys + Self.targetKeys)
        )
        return true
    }

    private static let idKeys = ["id", "key", "node-id", "name", "label"]
    private static let sourceKeys = [
        "source", "from", "src", "source.id", "source.name", "source.source-node",
    ]
    private static let targetKeys = [
        "target", "to", "dst", "target.id", "target.name", "destination.dest-node",
    ]

    // MARK: Ends

    /// Before the place of a node: no id begins so, as ids hold no control characters.
    private static let mark = "\u{1}"

    private mutating func resolvePlaces() {
        let graph = assembly.graph
        if hasPlaces {
            assembly.replaceEnds { end in
                guard end.hasPrefix(Self.mark), let place = Int(end.dropFirst()) else { return end }
                return graph.nodes.indices.contains(place) ? graph.nodes[place].id : end
            }
            return
        }
        guard !graph.hasImpliedNodes else { return }
        var areIDs = true
        for edge in graph.edges {
            for end in [edge.source, edge.target] where assembly.index(of: end) == nil {
                areIDs = false
                guard let place = Int(end), graph.nodes.indices.contains(place) else { return }
            }
        }
        guard !areIDs else { return }
        guard
            graph.edges.allSatisfy({ edge in
                [edge.source, edge.target].allSatisfy { end in
                    Int(end).map(graph.nodes.indices.contains) == true
                }
            })
        else { return }
        assembly.replaceEnds { Int($0).map { graph.nodes[$0].id } ?? $0 }
        assembly.note("links name nodes by their places in the list, counted from 0")
    }

    private mutating func place() throws(TopologyError) -> SourcePosition {
        _ = try json.kind()
        return cursor.advance(to: json.offset, in: json.source.bytes)
    }
}
