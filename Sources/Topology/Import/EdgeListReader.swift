/// Reads tables of links: `a b [delay in ms]` per line, or columns that a heading names.
///
///     oslo bergen 4         Source;Target;delay (us)        oslo bergen {'delay': 4.0}
///
/// `TableDialect` finds what parts the fields, `TableLayout` what they are. Every row is one undirected
/// link, so files that list both directions work too. Rocketfuel's `.intra` files are of this form; they
/// are measured maps that may have islands, so of those the largest connected part is taken. Anything
/// else in pieces is refused.
struct EdgeListReader {
    private let source: SourceText
    private let layout: TableLayout
    private let columns: TableColumns
    private let isCommaDecimal: Bool
    private var scanner: TableScanner
    private var nodes: [Topology.Node] = []
    private var indexOf: [String: Int] = [:]
    private var links = SimpleLinks()
    private var hasDelays = false
    private var mistakes: Mistakes

    static func read(
        _ source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> Topology {
        let told = [
            (options.labelKey, "--label-key"), (options.latitudeKey, "--latitude-key"),
            (options.longitudeKey, "--longitude-key"),
        ].first { $0.0 != nil && $0.0 != ImportOptions.nothing }
        if let option = told?.1 {
            throw TopologyError(
                file: source.file,
                message: "\(option): a list of links has no attributes of nodes"
            )
        }
        if LiteralEdges.areLiteral(source) {
            return try LiteralEdges.read(source, options: options)
        }
        let dialect = TableDialect(of: source)
        if AttributedEdges.areAttributed(source, dialect) {
            return try AttributedEdges.read(source, dialect, options: options)
        }
        let layout = try TableLayout(of: source, dialect, options: options)
        var reader = EdgeListReader(source, dialect, layout)
        try reader.readRows()
        var topology = try reader.topology()
        if options.keepsAttributes {
            topology.attributes.links = TableAttributes.ofLinks(
                in: topology,
                source,
                dialect,
                layout
            )
        }
        return topology
    }

    private init(_ source: SourceText, _ dialect: TableDialect, _ layout: TableLayout) {
        self.source = source
        self.layout = layout
        columns = layout.columns
        scanner = dialect.scanner(of: source)
        isCommaDecimal = dialect.separator != .comma && dialect.separator != .mixed
        mistakes = Mistakes(file: source.file)
    }

    private func topology() throws(TopologyError) -> Topology {
        var topology = Topology(
            name: TopologyFormat.stem(of: source.file),
            nodes: nodes,
            links: links.links
        )
        if layout.isHeaded || hasDelays {
            topology.notes = columns.notes(isHeaded: layout.isHeaded)
        }
        topology.notes += layout.notes + mergeNotes
        if TopologyFormat.fileExtension(of: source.file) == "intra" {
            topology = LargestPart.of(topology)
        } else {
            var validation = Validation(of: topology, file: source.file)
            validation.checkConnection()
            try validation.mistakes.check()
        }
        topology.trees = [Topology.Tree(name: topology.name)]
        return topology
    }

    // MARK: Rows

    private mutating func readRows() throws(TopologyError) {
        // A short line has ten bytes or so; growing these in steps would copy them many times.
        links.reserveCapacity(min(source.bytes.count / 16, Topology.linkCountMax))
        var isHeading = layout.hasHeadingRow
        while !mistakes.isFull, let row = scanner.next() {
            if row.isComment { continue }
            if isHeading {
                isHeading = false
                continue
            }
            readEdge(row)
        }
        try mistakes.check()
        if links.links.isEmpty {
            throw TopologyError(
                file: source.file,
                message: "no links found; an edge list has one \"a b [delay in ms]\" per line"
            )
        }
    }

    private mutating func readEdge(_ row: TableRow) {
        guard let fields = checkedFields(of: row) else { return }
        guard let link = values(of: fields, in: row) else { return }
        let (from, to) = (fields[columns.source], fields[columns.target])
        let (a, b) = (scanner.text(from), scanner.text(to))
        // A self loop says nothing, not even that its node is part of the network.
        if a == b { return links.add(link) }
        var joined = link
        joined.a = node(a, at: place(from, in: row))
        joined.b = node(b, at: place(to, in: row))
        joined.position = place(from, in: row)
        guard nodes.count <= Topology.nodeCountMax, links.links.count < Topology.linkCountMax else {
            mistakes.add(
                "more than \(Topology.nodeCountMax) nodes or \(Topology.linkCountMax) links",
                at: joined.position
            )
            return
        }
        links.add(joined)
    }

    /// The fields of a row if they are as many as its columns, and both ends are there.
    private mutating func checkedFields(of row: TableRow) -> [TableRow.Field]? {
        if let quote = row.openQuote {
            let field = TableRow.Field(range: quote..<quote)
            mistakes.add("this quote is not closed; a \" is missing", at: place(field, in: row))
            return nil
        }
        var fields = row.fields
        if fields.count > 2, EdgeArrow.isArrow(scanner.text(fields[1])) { fields.remove(at: 1) }
        while fields.count > columns.countMax, fields.last?.isEmpty == true { fields.removeLast() }
        guard fields.count > max(columns.source, columns.target), fields.count <= columns.countMax
        else {
            mistakes.add(miscount(fields.count), at: place(row.fields[0], in: row))
            return nil
        }
        for end in [columns.source, columns.target] where fields[end].isEmpty {
            mistakes.add("this node id is empty; write two ids", at: place(fields[end], in: row))
            return nil
        }
        return fields
    }

    private func miscount(_ count: Int) -> String {
        if layout.isHeaded {
            return "\(counted(count, "field")) where the heading names \(columns.countMax) columns"
        }
        let expected = "expected two node ids and perhaps a delay in ms, found "
        if count < 2 { return expected + "one field" }
        return expected
            + "more than three fields; name the columns in a first line, and part fields by tabs or ; "
            + "where ids hold blanks or delays a decimal comma"
    }

    /// A link with the values of a row and no ends yet; `nil` = it was refused.
    private mutating func values(of fields: [TableRow.Field], in row: TableRow) -> Topology.Link? {
        func text(_ column: Int?) -> String? {
            guard let column, fields.indices.contains(column) else { return nil }
            let text = scanner.text(fields[column])
            return text.isEmpty ? nil : text
        }
        var link = Topology.Link(
            a: 0,
            b: 0,
            delayMilliseconds: Topology.Link.delayMillisecondsDefault
        )
        if let delay = columns.delay, let text = text(delay.column) {
            switch delay.rule.milliseconds(text, isCommaDecimal: isCommaDecimal) {
            case .success(let value):
                link.delayMilliseconds = value
                hasDelays = true
            case .failure(let refusal):
                let field = place(fields[delay.column], in: row)
                mistakes.add(refusal.reason + hint(row), at: field)
                return nil
            }
        }
        if let bandwidth = columns.bandwidth, let text = text(bandwidth.column) {
            link.bandwidthBitsPerSecond = bandwidth.rule.bitsPerSecond(text)
        }
        if let text = text(columns.cost), let cost = ForeignQuantity.number(text),
            cost >= 0, cost <= 1e12
        {
            link.cost = cost
        }
        return link
    }

    /// What else the first line may be meant as.
    private func hint(_ row: TableRow) -> String {
        guard !layout.isHeaded, links.links.isEmpty, links.selfLoopCount == 0,
            mistakes.found.isEmpty
        else { return "" }
        return "; if this line names the columns, --delay-key tells which is the delay"
    }

    private mutating func node(_ id: String, at position: SourcePosition) -> Int {
        if let index = indexOf[id] { return index }
        if let reason = Validation.refusal(ofName: id) {
            mistakes.add("the node id \(quoted(id)) \(reason)", at: position)
        }
        let index = nodes.count
        indexOf[id] = index
        nodes.append(Topology.Node(id: id, position: position))
        return index
    }

    private func place(_ field: TableRow.Field, in row: TableRow) -> SourcePosition {
        let scalars = source.bytes[row.start..<field.range.lowerBound].count { $0 & 0xC0 != 0x80 }
        return SourcePosition(line: row.line, column: scalars + 1)
    }

    /// Many lists give every link in both directions, which is not worth a note; two different delays are.
    private var mergeNotes: [String] {
        var notes: [String] = []
        if links.selfLoopCount > 0 {
            notes.append("\(counted(links.selfLoopCount, "self loop")) dropped")
        }
        if links.conflictCount > 0 {
            let count = counted(links.conflictCount, "link")
            notes.append("\(count) given again with another delay; the shorter counts")
        }
        return notes
    }
}
