/// How a table is written: what parts its fields, and where its rows begin.
///
/// The separator is the first one, in an order that the file's name suggests, by which all of the
/// first rows fall into two ids and what may follow them. A blank is no sign where another separator
/// is in every row: names hold blanks.
struct TableDialect: Equatable {
    let separator: FieldSeparator
    /// Past the line `sep=;`, by which spreadsheets are told.
    var start = 0
    var line = 1

    /// Rows that are looked at.
    static let rowCount = 200

    init(of source: SourceText) {
        let bytes = source.bytes
        let first = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        let trimmed = first.filter { $0 != "\r" && $0 != "\"" }
        if trimmed.count == 5, trimmed.lowercased().hasPrefix("sep="),
            let told = Self.all.first(where: { $0.byte == trimmed.utf8.last })
        {
            separator = told
            start = min(first.utf8.count + 1, bytes.count)
            line = 2
            return
        }
        let suffix = TopologyFormat.fileExtension(of: source.file)
        separator =
            Self.order(of: suffix).first { Self.fits($0, source) } ?? Self.fallback(of: suffix)
    }

    private static let all: [FieldSeparator] = [.tab, .semicolon, .bar, .comma]

    private static func order(of suffix: String) -> [FieldSeparator] {
        switch suffix {
        case "csv": [.semicolon, .comma, .tab, .bar, .blanks]
        case "tsv", "tab": [.tab, .semicolon, .comma, .bar, .blanks]
        default: [.tab, .semicolon, .bar, .blanks, .comma]
        }
    }

    /// By which a file's mistakes are shown.
    private static func fallback(of suffix: String) -> FieldSeparator {
        switch suffix {
        case "csv": .comma
        case "tsv", "tab": .tab
        default: .mixed
        }
    }

    private static func fits(_ separator: FieldSeparator, _ source: SourceText) -> Bool {
        var scanner = TableScanner(source.bytes, separator: separator)
        var count = 0
        var headingCount = 0
        while count < rowCount, let row = scanner.next() {
            if row.isComment { continue }
            // The first row may be a heading, which may begin with an empty name.
            guard row.openQuote == nil, row.fields.count >= 2,
                count == 0 || !(row.fields[0].isEmpty && row.fields[1].isEmpty)
            else { return false }
            if count > 0 || separator == .blanks {
                guard !row.fields[0].isEmpty, !row.fields[1].isEmpty else { return false }
            }
            if separator == .blanks {
                guard isTyped(row, isFirst: count == 0, scanner) else { return false }
                // A heading of more words than the rows have fields has names of several words.
                if count == 0 { headingCount = row.fields.count }
                if count == 1, row.fields.count < headingCount, headingCount > 3 { return false }
            }
            count += 1
        }
        return count > 0
    }

    /// Whether a row of words is two ids and perhaps a value, and not names of several words. The first
    /// may be a heading.
    private static func isTyped(_ row: TableRow, isFirst: Bool, _ scanner: TableScanner) -> Bool {
        var fields = row.fields
        if fields.count > 2, EdgeArrow.isArrow(scanner.text(fields[1])) { fields.remove(at: 1) }
        if fields.count == 2 { return true }
        let texts = fields.map { scanner.text($0) }
        if isFirst, texts.contains(where: { EndName($0).end != nil || KeyName($0).isOfEdges }) {
            return true
        }
        guard fields.count == 3 else { return false }
        if fields[2].isAttributes { return true }
        // What is a wrong value is refused with its reason, as long as it looks like one.
        let first = texts[2].unicodeScalars.first ?? " "
        return !texts[2].contains("}")
            && (("0"..."9").contains(first) || "+-.".unicodeScalars.contains(first))
    }
}

/// `oslo -> bergen`: a sign between two ids that is no id.
enum EdgeArrow {
    static func isArrow(_ text: String) -> Bool {
        ["->", "--", "<->", "<-", "→", "↔", "—", "–", "-"].contains(text)
    }
}
