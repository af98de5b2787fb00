/// What stands between the fields of a table.
enum FieldSeparator: Equatable {
    case tab, semicolon, bar, comma
    /// Any run of blanks and tabs; a comma at the end of a field is none of it.
    case blanks
    /// Blanks in lines that have some, else commas: what people type.
    case mixed

    var byte: UInt8? {
        switch self {
        case .tab: 0x09
        case .semicolon: UInt8(ascii: ";")
        case .bar: UInt8(ascii: "|")
        case .comma: UInt8(ascii: ",")
        case .blanks, .mixed: nil
        }
    }
}

/// A row of a table: usually a line; a quoted field may hold line breaks (RFC 4180 §2.6).
struct TableRow {
    struct Field: Equatable {
        /// Without quotes and blanks around it.
        var range: Range<Int>
        /// Quotes inside are doubled.
        var isQuoted = false
        /// `{…}`: attributes as Python writes them.
        var isAttributes = false

        var isEmpty: Bool { range.isEmpty }
    }

    let line: Int
    let start: Int
    /// At most `fieldCountMax`: more are just as wrong.
    var fields: [Field]
    /// The whole line begins with `#` or `%`.
    var isComment = false
    /// Where a quote opens that nothing closes.
    var openQuote: Int?

    static let fieldCountMax = 64
}

/// Cuts a text into rows and fields.
struct TableScanner {
    let bytes: [UInt8]
    var separator: FieldSeparator
    private var offset: Int
    private var line: Int

    init(_ bytes: [UInt8], separator: FieldSeparator, start: Int = 0, line: Int = 1) {
        self.bytes = bytes
        self.separator = separator
        offset = start
        self.line = line
    }

    /// The next row that is not blank; `nil` at the end.
    mutating func next() -> TableRow? {
        while offset < bytes.count {
            let start = offset
            let startLine = line
            skipBlanks()
            guard offset < bytes.count else { return nil }
            switch bytes[offset] {
            case 0x0A:
                endLine()
                continue
            case UInt8(ascii: "#"), UInt8(ascii: "%"):
                let end = lineEnd(from: offset)
                let field = TableRow.Field(range: (offset + 1)..<end)
                offset = end
                endLine()
                return TableRow(line: startLine, start: start, fields: [field], isComment: true)
            default:
                var row = TableRow(line: startLine, start: start, fields: [])
                readFields(into: &row)
                endLine()
                // `;;;`, as spreadsheets write rows that once held something.
                if row.openQuote == nil, row.fields.allSatisfy(\.isEmpty) { continue }
                return row
            }
        }
        return nil
    }

    /// What stands in a field, its quotes removed.
    func text(_ field: TableRow.Field) -> String {
        let text = String(decoding: bytes[field.range], as: UTF8.self)
        guard field.isQuoted else { return text }
        let single = text.split(separator: "\"\"", omittingEmptySubsequences: false)
            .joined(separator: "\"")
        return single.contains(where: \.isNewline)
            ? single.split(whereSeparator: \.isWhitespace).joined(separator: " ") : single
    }

    // MARK: Fields

    private mutating func readFields(into row: inout TableRow) {
        let end = lineEnd(from: offset)
        var separator = separator.byte
        var stopsAtBlank = self.separator == .blanks
        if self.separator == .mixed {
            let content = bytes[offset..<contentEnd(of: offset..<end, isTyped: true)]
            stopsAtBlank = content.contains(where: Self.isBlank)
            separator = stopsAtBlank ? nil : UInt8(ascii: ",")
        }
        let isTyped = separator == nil || self.separator == .mixed
        var lineContentEnd = contentEnd(of: offset..<end, isTyped: isTyped)
        while true {
            skipBlanks(notAt: separator)
            var field = TableRow.Field(range: offset..<offset)
            if offset < lineContentEnd, bytes[offset] == UInt8(ascii: "\"") {
                guard let (range, next) = quoted(from: offset) else {
                    row.openQuote = offset
                    offset = end
                    return
                }
                if next > lineContentEnd {
                    lineContentEnd = contentEnd(of: next..<lineEnd(from: next), isTyped: isTyped)
                }
                field = TableRow.Field(range: range, isQuoted: true)
                offset = next
                // What follows the closing quote up to the separator belongs to nothing.
                while offset < lineContentEnd,
                    stopsAtBlank
                        ? !Self.isBlank(bytes[offset]) : bytes[offset] != separator
                { offset += 1 }
            } else if offset < lineContentEnd, bytes[offset] == UInt8(ascii: "{"),
                bytes[lineContentEnd - 1] == UInt8(ascii: "}")
            {
                field = TableRow.Field(range: offset..<lineContentEnd, isAttributes: true)
                offset = lineContentEnd
            } else {
                let start = offset
                while offset < lineContentEnd,
                    stopsAtBlank
                        ? !Self.isBlank(bytes[offset]) : bytes[offset] != separator
                { offset += 1 }
                field.range = trimmed(start..<offset, isTyped: stopsAtBlank)
            }
            if row.fields.count < TableRow.fieldCountMax { row.fields.append(field) }
            if stopsAtBlank { skipBlanks() }
            guard offset < lineContentEnd else { break }
            if !stopsAtBlank { offset += 1 }
        }
        offset = lineEnd(from: max(offset, lineContentEnd))
    }

    /// The text between quotes, and where it goes on behind them; `nil` = nothing closes them.
    private mutating func quoted(from start: Int) -> (Range<Int>, next: Int)? {
        var index = start + 1
        var lineCount = 0
        while index < bytes.count {
            if bytes[index] == 0x0A { lineCount += 1 }
            if bytes[index] == UInt8(ascii: "\"") {
                guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") else {
                    line += lineCount
                    return ((start + 1)..<index, index + 1)
                }
                index += 1
            }
            index += 1
        }
        return nil
    }

    /// The end of a line without its comment and the blanks at its end.
    ///
    /// In what is typed, a `#` after a blank starts a comment; in tables, where names such as `Rack #3`
    /// stand, a blank has to follow, too.
    private func contentEnd(of range: Range<Int>, isTyped: Bool) -> Int {
        var end = range.upperBound
        var previousIsBlank = false
        for index in range {
            if bytes[index] == UInt8(ascii: "#"), previousIsBlank,
                isTyped || index + 1 == range.upperBound || Self.isBlank(bytes[index + 1])
            {
                end = index
                break
            }
            previousIsBlank = Self.isBlank(bytes[index])
        }
        let isTab = separator == .tab
        while end > range.lowerBound, Self.isBlank(bytes[end - 1]),
            !(isTab && bytes[end - 1] == 0x09)
        { end -= 1 }
        return end
    }

    private func trimmed(_ range: Range<Int>, isTyped: Bool) -> Range<Int> {
        var end = range.upperBound
        while end > range.lowerBound, Self.isBlank(bytes[end - 1]) { end -= 1 }
        // "a, b, 5": the comma belongs to the list, not to the id.
        if isTyped, end > range.lowerBound, bytes[end - 1] == UInt8(ascii: ",") { end -= 1 }
        return range.lowerBound..<end
    }

    // MARK: Bytes

    private func lineEnd(from index: Int) -> Int {
        guard index < bytes.count else { return bytes.count }
        return bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
    }

    private mutating func endLine() {
        offset = min(offset + 1, bytes.count)
        line += 1
    }

    private mutating func skipBlanks(notAt separator: UInt8? = nil) {
        while offset < bytes.count, Self.isBlank(bytes[offset]), bytes[offset] != separator {
            offset += 1
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D
    }
}
