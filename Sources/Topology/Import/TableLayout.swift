/// What the first rows of a table say of all of it: whether there is a heading, and which columns are
/// what.
struct TableLayout {
    private(set) var columns: TableColumns
    /// The first row names the columns and is no link.
    private(set) var hasHeadingRow = false
    /// The columns have names, from the first row or from a comment before it.
    private(set) var isHeaded = false
    private(set) var notes: [String] = []

    private let source: SourceText
    private let dialect: TableDialect

    init(
        of source: SourceText,
        _ dialect: TableDialect,
        options: ImportOptions
    ) throws(TopologyError) {
        self.source = source
        self.dialect = dialect
        var scanner = dialect.scanner(of: source)
        var comment: TableRow?
        var first: TableRow?
        while first == nil, let row = scanner.next() {
            if row.isComment { comment = row } else { first = row }
        }
        let names = first?.fields.map { scanner.text($0) } ?? []
        columns = TableColumns()
        if let refusal = refusal(of: names) {
            throw TopologyError(file: source.file, message: refusal)
        }
        do throws(ValueError) {
            if let headed = try TableColumns(heading: names, options: options) {
                columns = headed
                (hasHeadingRow, isHeaded) = (true, true)
            } else if let headed = try comment.flatMap({ row throws(ValueError) in
                try heading(in: row, columnCount: names.count, options: options)
            }) {
                columns = headed
                isHeaded = true
            } else if isPairOfNames(names) {
                hasHeadingRow = true
            } else {
                columns = try TableColumns(options: options)
                if options.delayKey == nil, Self.holdsWeights(source.file) {
                    columns.delay = nil
                    columns.cost = 2
                    notes.append(Self.weightNote)
                }
            }
        } catch {
            throw TopologyError(
                file: source.file,
                position: first.map { SourcePosition(line: $0.line, column: 1) },
                message: error.reason
            )
        }
        // R's names of rows, which it counts from 1; a field too many is a mistake otherwise.
        if hasHeadingRow, isHeaded, let row = firstLink(), row.fields.count == names.count + 1,
            scanner.text(row.fields[0]) == "1"
        {
            columns.shift()
        }
        checkGuess(isTold: options.delayKey != nil)
    }

    /// Rocketfuel's `weights.intra` look like its `latencies.intra` and differ in name only.
    private static func holdsWeights(_ file: String) -> Bool {
        TopologyFormat.fileExtension(of: file) == "intra"
            && TopologyFormat.stem(of: file).split { ".-_".contains($0) }.contains("weights")
    }

    private static let weightNote =
        "column 3 holds weights of routes, no delays: taken as costs; links count 1 ms "
        + "(--delay-key tells otherwise)"

    /// The names in a comment right above the rows, as SNAP writes them.
    private func heading(
        in comment: TableRow,
        columnCount: Int,
        options: ImportOptions
    ) throws(ValueError) -> TableColumns? {
        let text = Array(source.bytes[comment.fields[0].range])
        for separator in [dialect.separator, .blanks] {
            var scanner = TableScanner(text, separator: separator)
            guard let row = scanner.next(), !row.isComment, row.fields.count == columnCount else {
                continue
            }
            let names = row.fields.map { scanner.text($0) }
            if let columns = try TableColumns(heading: names, options: options, isStrict: true) {
                return columns
            }
        }
        return nil
    }

    /// `node1,node2` above two columns of other names.
    private func isPairOfNames(_ names: [String]) -> Bool {
        guard names.count == 2, EndName(names[0]).end == .source, EndName(names[1]).end == .target
        else { return false }
        var scanner = dialect.scanner(of: source)
        var count = 0
        while count < TableDialect.rowCount, let row = scanner.next() {
            if row.isComment { continue }
            if count > 0, row.fields.contains(where: { names.contains(scanner.text($0)) }) {
                return false
            }
            count += 1
        }
        return count > 1
    }

    /// A table that is no table of links.
    private func refusal(of names: [String]) -> String? {
        if let refusal = matrixRefusal(names) { return refusal }
        let keys = names.map(KeyName.init)
        if keys.contains(where: { $0.folded == "interaction" }),
            keys.contains(where: { $0.folded == "sharedname" || $0.folded == "name" })
        {
            return
                "this looks like Cytoscape's table of edges, which has no columns for their ends; "
                + "export the network as GraphML"
        }
        if names.contains(where: { EndName($0).end != nil }) { return nil }
        let isOfNodes =
            names.count >= 2 && keys.contains { ["id", "nodeid", "node"].contains($0.folded) }
            && keys.contains { $0.isOfNodes }
        if isOfNodes {
            return "this looks like a table of nodes; the table of links is what is read, with the "
                + "columns source and target"
        }
        if names.count > 2, names[0].isEmpty, let row = firstLink(isHeadless: true),
            row.openQuote == nil, dialect.scanner(of: source).text(row.fields[0]) == names[1]
        {
            return Self.matrixRefusal
        }
        return nil
    }

    /// n rows of n numbers; three of three only if they are the same both ways.
    private func matrixRefusal(_ names: [String]) -> String? {
        guard names.count >= 3, names.count < TableRow.fieldCountMax,
            names.allSatisfy({ Quantity.number($0) != nil })
        else { return nil }
        var scanner = dialect.scanner(of: source)
        var rows: [[Double]] = []
        while let row = scanner.next() {
            if row.isComment { continue }
            let numbers = row.fields.compactMap { Quantity.number(scanner.text($0)) }
            guard numbers.count == names.count, rows.count < names.count else { return nil }
            rows.append(numbers)
        }
        guard rows.count == names.count else { return nil }
        let isSymmetric = rows.indices.allSatisfy { row in
            rows[row][row] == 0 && rows.indices.allSatisfy { rows[row][$0] == rows[$0][row] }
        }
        return names.count > 3 || isSymmetric ? Self.matrixRefusal : nil
    }

    private static let matrixRefusal =
        "this looks like a matrix of links, which is not read; write one link per line: a,b,delay"

    /// The first row that is no heading.
    private func firstLink(isHeadless: Bool = false) -> TableRow? {
        var scanner = dialect.scanner(of: source)
        var skipCount = hasHeadingRow || isHeadless ? 1 : 0
        while let row = scanner.next() {
            if row.isComment { continue }
            if skipCount == 0 { return row }
            skipCount -= 1
        }
        return nil
    }

    /// A delay that is a guess counts only if every row can mean it.
    private mutating func checkGuess(isTold: Bool) {
        guard !isTold, let delay = columns.delay else { return }
        let isRelationship = !isHeaded && dialect.separator == .bar
        guard columns.isDelayGuessed || isRelationship else { return }
        var scanner = dialect.scanner(of: source)
        var isHeading = hasHeadingRow
        var areDelays = true
        var areRelationships = isRelationship
        var valueCount = 0
        while areDelays || areRelationships, let row = scanner.next() {
            if row.isComment { continue }
            if isHeading {
                isHeading = false
                continue
            }
            guard row.fields.indices.contains(delay.column) else { continue }
            let text = scanner.text(row.fields[delay.column])
            if text.isEmpty { continue }
            valueCount += 1
            if case .failure = delay.rule.milliseconds(text) { areDelays = false }
            if !["-1", "0", "1", "2"].contains(text) { areRelationships = false }
        }
        if areRelationships, valueCount > 0 {
            columns.delay = nil
            columns.countMax = TableRow.fieldCountMax
            notes.append("column 3 holds relationships of networks, no delays; links count 1 ms")
        } else if columns.isDelayGuessed, !areDelays {
            columns.delay = nil
        }
    }
}

extension TableDialect {
    /// From the first row on.
    func scanner(of source: SourceText) -> TableScanner {
        TableScanner(source.bytes, separator: separator, start: start, line: line)
    }
}
