/// Reads edge lists whose rows end with a dictionary, as networkx's `write_edgelist` makes them:
/// `oslo bergen {'weight': 4.0}`.
struct AttributedEdges {
    private let source: SourceText
    private var graph: ImportedGraph

    /// Whether one of the first rows ends so.
    static func areAttributed(_ source: SourceText, _ dialect: TableDialect) -> Bool {
        var scanner = dialect.scanner(of: source)
        var count = 0
        while count < TableDialect.rowCount, let row = scanner.next() {
            if row.isComment { continue }
            if row.fields.count > 2, row.fields.last?.isAttributes == true { return true }
            count += 1
        }
        return false
    }

    static func read(
        _ source: SourceText,
        _ dialect: TableDialect,
        options: ImportOptions
    ) throws(TopologyError) -> Topology {
        var reader = AttributedEdges(source, options: options)
        var scanner = dialect.scanner(of: source)
        while let row = scanner.next() {
            if row.isComment { continue }
            try reader.read(row, scanner)
            if reader.graph.mistakes.isFull { break }
        }
        try reader.graph.mistakes.check()
        return try GraphMeaning.topology(of: reader.graph, options: options)
    }

    private init(_ source: SourceText, options: ImportOptions) {
        self.source = source
        graph = ImportedGraph(file: source.file, options: options)
        graph.hasImpliedNodes = true
    }

    private mutating func read(_ row: TableRow, _ scanner: TableScanner) throws(TopologyError) {
        let position = SourcePosition(line: row.line, column: 1)
        guard row.openQuote == nil, (2...3).contains(row.fields.count), !row.fields[0].isEmpty,
            !row.fields[1].isEmpty, row.fields.count == 2 || row.fields[2].isAttributes
        else {
            graph.mistakes.add(
                "expected two node ids and their attributes in braces; ids that hold blanks need "
                    + "another separator: write_edgelist(G, path, delimiter=\"\\t\")",
                at: position
            )
            return
        }
        let ids = row.fields.prefix(2).map { scanner.text($0) }
        for id in ids {
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
        var edge = ImportedGraph.Edge(source: ids[0], target: ids[1], position: position)
        if row.fields.count == 3 {
            var text = LiteralText(source, range: row.fields[2].range)
            if case .attributes(let pairs)? = try text.next() {
                for (key, value) in pairs {
                    if let column = graph.edgeAttributes.column(named: key) {
                        edge.values.add(value, column: column)
                    }
                }
            }
        }
        graph.edges.append(edge)
    }
}
