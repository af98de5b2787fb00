/// Reads edges printed by Python, one a line or all in one list: `(oslo, bergen)`,
/// `[('oslo', 'bergen', {'weight': 4.0}), …]`, `EdgeView([…])`, `[["oslo", "bergen", 4]]`.
struct LiteralEdges {
    private let source: SourceText
    private var cursor = PositionCursor()
    private var graph: ImportedGraph

    /// Whether the first line that is no comment begins with a bracket, or with the name of a view of
    /// networkx.
    static func areLiteral(_ source: SourceText) -> Bool {
        for line in source.bytes.prefix(65_536).split(separator: 0x0A).prefix(200) {
            let text = line.drop(while: TableScanner.isBlank)
            guard let first = text.first, first != UInt8(ascii: "#") else { continue }
            if "([{".utf8.contains(first) { return true }
            let name = text.prefix { $0 != UInt8(ascii: "(") }
            return name.count < text.count
                && String(decoding: name, as: UTF8.self).hasSuffix("View")
        }
        return false
    }

    static func read(
        _ source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> Topology {
        var reader = LiteralEdges(source, options: options)
        try reader.readValues()
        return try GraphMeaning.topology(of: reader.graph, options: options)
    }

    private init(_ source: SourceText, options: ImportOptions) {
        self.source = source
        graph = ImportedGraph(file: source.file, options: options)
        graph.hasImpliedNodes = true
    }

    private mutating func readValues() throws(TopologyError) {
        var text = LiteralText(source)
        var values: [LiteralText.Value] = []
        while let value = try text.next() {
            values.append(value)
            // `(0, 0) (0, 1) {}`: the ids are tuples, and a line is an edge.
            if endsLine(text.offset) {
                try add(line: values)
                values = []
            }
            if graph.mistakes.isFull { try graph.mistakes.check() }
        }
        try add(line: values)
        try graph.mistakes.check()
        if graph.edges.isEmpty {
            throw TopologyError(
                file: source.file,
                message: "no links found; write them as (a, b), one per line"
            )
        }
    }

    private func endsLine(_ offset: Int) -> Bool {
        let rest = source.bytes[offset...].drop {
            TableScanner.isBlank($0) || $0 == UInt8(ascii: ",")
        }
        return rest.first.map { $0 == 0x0A } ?? true
    }

    private mutating func add(line values: [LiteralText.Value]) throws(TopologyError) {
        if values.count >= 2, id(values[0]) != nil, id(values[1]) != nil {
            return try addEdge(values)
        }
        for value in values { try add(value) }
    }

    private mutating func add(_ value: LiteralText.Value) throws(TopologyError) {
        switch value {
        case .list(let items, let opening, _):
            if isEdge(items, opening: opening) { return try addEdge(items) }
            if let words = words(of: items) { return try addEdge(words) }
            // A list of edges.
            for item in items { try add(item) }
        case .attributes:
            throw TopologyError(
                file: source.file,
                message: "a dictionary is no list of links; write list(G.edges(data=True))"
            )
        case .text(let text, let offset):
            graph.mistakes.add(
                "\(quoted(text)) is no link; a link is (a, b) or (a, b, delay)",
                at: cursor.advance(to: offset, in: source.bytes)
            )
        }
    }

    /// The words of `[0 1]`, as numpy prints them.
    private func words(of items: [LiteralText.Value]) -> [LiteralText.Value]? {
        guard items.count == 1, case .text(let text, let offset) = items[0] else { return nil }
        let words = text.split(separator: " ")
        guard (2...3).contains(words.count) else { return nil }
        return words.map { .text(String($0), offset: offset) }
    }

    /// Two ids; tuples are ids in a tuple only.
    private func isEdge(_ items: [LiteralText.Value], opening: UInt8) -> Bool {
        guard items.count >= 2 else { return false }
        if case .text = items[0], case .text = items[1] { return true }
        guard opening == UInt8(ascii: "("), id(items[0]) != nil, id(items[1]) != nil else {
            return false
        }
        guard items.count > 2, case .list = items[2] else { return true }
        return false
    }

    private mutating func addEdge(_ items: [LiteralText.Value]) throws(TopologyError) {
        guard let a = id(items[0]), let b = id(items[1]) else { return }
        let position = cursor.advance(to: a.offset, in: source.bytes)
        for id in [a.text, b.text] {
            if let reason = Validation.refusal(ofName: id) {
                graph.mistakes.add("the node id \(quoted(id)) \(reason)", at: position)
            }
        }
        guard graph.edges.count < Topology.linkCountMax else {
            throw TopologyError(
                file: source.file,
                position: position,
                message: "more than \(Topology.linkCountMax) links"
            )
        }
        var edge = ImportedGraph.Edge(source: a.text, target: b.text, position: position)
        var attributes: [(key: String, value: String)] = []
        var number: String?
        for item in items.dropFirst(2) {
            switch item {
            case .attributes(let pairs): attributes += pairs
            case .text(let text, _): number = number ?? text
            case .list: continue
            }
        }
        // Beside attributes a number is the key of a parallel edge.
        if items.count == 3, let number { attributes = [("delay", number)] }
        for (key, value) in attributes {
            if let column = graph.edgeAttributes.column(named: key) {
                edge.values.add(value, column: column)
            }
        }
        graph.edges.append(edge)
    }

    private func id(_ value: LiteralText.Value) -> (text: String, offset: Int)? {
        switch value {
        case .text(let text, let offset): return (text, offset)
        case .attributes: return nil
        case .list(let items, let opening, let offset):
            guard opening == UInt8(ascii: "("), !items.isEmpty else { return nil }
            var words: [String] = []
            for item in items {
                guard case .text(let text, _) = item else { return nil }
                words.append(text)
            }
            return ("(" + words.joined(separator: ", ") + ")", offset)
        }
    }
}
