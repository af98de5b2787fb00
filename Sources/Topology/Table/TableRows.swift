/// The rows of a plain table of links: no quotes, no comments behind values, no attributes.
struct TableRows {
    private(set) var notes: [String]
    private let columns: TableColumns
    /// `nil` = blanks and tabs.
    private let separator: UInt8?
    private let isHeaded: Bool
    private let layoutNotes: [String]
    private var isHeading: Bool
    private var hasDelays = false
    private var selfLoopCount = 0

    /// - Returns: `nil` when the head of the file is not that of a plain table.
    init?(_ source: SourceText, _ options: ImportOptions) {
        let told = [options.labelKey, options.latitudeKey, options.longitudeKey]
        guard told.allSatisfy({ $0 == nil || $0 == ImportOptions.nothing }),
            !LiteralEdges.areLiteral(source),
            TopologyFormat.fileExtension(of: source.file) != "intra"
        else { return nil }
        let dialect = TableDialect(of: source)
        guard dialect.separator != .mixed, dialect.start == 0,
            !AttributedEdges.areAttributed(source, dialect),
            let layout = try? TableLayout(of: source, dialect, options: options)
        else { return nil }
        columns = layout.columns
        // Whether a guess holds, only the whole file tells.
        guard !columns.isDelayGuessed, dialect.separator != .bar, columns.countMax <= 16 else {
            return nil
        }
        separator = dialect.separator.byte
        isHeaded = layout.isHeaded
        isHeading = layout.hasHeadingRow
        layoutNotes = layout.notes
        notes = []
    }

    /// - Returns: how many bytes were taken; `nil` for what is not plain.
    mutating func consume(
        _ bytes: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        into edges: inout EdgeTable
    ) -> Int? {
        var start = 0
        while start < bytes.count {
            let rest = UnsafeBufferPointer(rebasing: bytes[start...])
            guard let length = rest.firstIndex(of: 0x0A) ?? (isLast ? rest.count : nil) else {
                break
            }
            guard readLine(UnsafeBufferPointer(rebasing: rest[..<length]), into: &edges) else {
                return nil
            }
            start += length + 1
        }
        if isLast { sayNotes() }
        return min(start, bytes.count)
    }

    private mutating func sayNotes() {
        if isHeaded || hasDelays { notes = columns.notes(isHeaded: isHeaded) }
        notes += layoutNotes
        if selfLoopCount > 0 { notes.append("\(counted(selfLoopCount, "self loop")) dropped") }
    }

    private mutating func readLine(
        _ line: UnsafeBufferPointer<UInt8>,
        into edges: inout EdgeTable
    ) -> Bool {
        var end = line.count
        while end > 0, TableScanner.isBlank(line[end - 1]), line[end - 1] != separator { end -= 1 }
        var start = 0
        while start < end, TableScanner.isBlank(line[start]), line[start] != separator {
            start += 1
        }
        guard start < end else { return true }
        if line[start] == UInt8(ascii: "#") || line[start] == UInt8(ascii: "%") { return true }
        if isHeading {
            isHeading = false
            return true
        }
        // Where each field that counts is; the others are passed over.
        var source = 0..<0
        var target = 0..<0
        var delay = 0..<0
        var column = 0
        var position = start
        while true {
            var fieldEnd = position
            while fieldEnd < end {
                let byte = line[fieldEnd]
                if let separator {
                    if byte == separator { break }
                } else if TableScanner.isBlank(byte) {
                    break
                }
                // A quote, a brace, a comment, a comma of a list: left to the reader that knows all of them.
                if byte < 0x30, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "#") {
                    return false
                }
                if byte == UInt8(ascii: "{") || byte == UInt8(ascii: ",") { return false }
                fieldEnd += 1
            }
            let field = trimmed(line, position..<fieldEnd)
            if column == columns.source { source = field }
            if column == columns.target { target = field }
            if column == columns.delay?.column { delay = field }
            column += 1
            position = fieldEnd
            guard position < end else { break }
            if separator != nil {
                position += 1
                if position == end { column += 1 }
            } else {
                while position < end, TableScanner.isBlank(line[position]) { position += 1 }
            }
            guard position < end else { break }
        }
        guard column <= columns.countMax, column > max(columns.source, columns.target) else {
            return false
        }
        return add(line, source, target, delay, to: &edges)
    }

    private func trimmed(_ line: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        guard separator != nil else { return range }
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, TableScanner.isBlank(line[start]) { start += 1 }
        while end > start, TableScanner.isBlank(line[end - 1]) { end -= 1 }
        return start..<end
    }

    private mutating func add(
        _ line: UnsafeBufferPointer<UInt8>,
        _ source: Range<Int>,
        _ target: Range<Int>,
        _ delay: Range<Int>,
        to edges: inout EdgeTable
    ) -> Bool {
        let from = UnsafeBufferPointer(rebasing: line[source])
        let to = UnsafeBufferPointer(rebasing: line[target])
        guard PlainBytes.isName(from), PlainBytes.isName(to) else { return false }
        var milliseconds = Topology.Link.delayMillisecondsDefault
        if let rule = columns.delay?.rule, !delay.isEmpty {
            let text = UnsafeBufferPointer(rebasing: line[delay])
            guard let value = PlainBytes.delay(text, rule) else { return false }
            milliseconds = value
            hasDelays = true
        }
        // A self loop says nothing, not even that its node is part of the network.
        if from.elementsEqual(to) {
            selfLoopCount += 1
            return true
        }
        edges.a.append(UInt32(edges.nodes.number(of: from)))
        edges.b.append(UInt32(edges.nodes.number(of: to)))
        edges.delay.append(milliseconds)
        return true
    }
}
