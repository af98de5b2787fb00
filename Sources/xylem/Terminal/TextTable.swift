/// A table for a person: columns as wide as their widest cell, numbers to the right.
struct TextTable {
    struct Column {
        enum Alignment { case left, right }

        var title: String
        var alignment: Alignment
        /// Where the table is too wide, the column with the lowest number goes first; `nil` = it stays.
        var worth: Int?

        /// Words.
        static func text(_ title: String, worth: Int? = nil) -> Column {
            Column(title: title, alignment: .left, worth: worth)
        }

        static func number(_ title: String, worth: Int? = nil) -> Column {
            Column(title: title, alignment: .right, worth: worth)
        }
    }

    var columns: [Column]
    /// As many cells each as there are columns.
    var rows: [[String]] = []

    /// The title and the rows; none is wider than `width`. Columns that do not fit are left out by their worth.
    func lines(width: Int = .max) -> [String] {
        let table = fitting(width)
        return table.allLines(width: width)
    }

    /// Names the columns that `lines` leaves out, to follow a sentence; empty when there are none.
    func remark(width: Int) -> String {
        let kept = fitting(width).columns.map(\.title)
        let omitted = columns.map(\.title).filter { !kept.contains($0) }
        return omitted.isEmpty ? "" : " (no room for \(omitted.joined(separator: ", ")))"
    }

    private func fitting(_ width: Int) -> TextTable {
        var table = self
        while table.naturalWidth > width,
            let index = table.columns.indices.filter({ table.columns[$0].worth != nil })
                .min(by: { table.columns[$0].worth ?? 0 < table.columns[$1].worth ?? 0 })
        {
            table.columns.remove(at: index)
            for row in table.rows.indices { table.rows[row].remove(at: index) }
        }
        return table
    }

    private var naturalWidth: Int {
        naturalWidths.reduce(0, +) + Self.gap.count * max(columns.count - 1, 0)
    }

    private var naturalWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(columns[index].title.count) { max($0, $1[index].count) }
        }
    }

    private func allLines(width: Int) -> [String] {
        let widths = columnWidths(within: width)
        return ([columns.map(\.title)] + rows).map { row in
            let line = zip(row, zip(columns, widths)).map { cell, column in
                Self.fit(cell, column.0.alignment, column.1)
            }.joined(separator: Self.gap)
            return Self.shortened(Self.trimmed(line), to: width)
        }
    }

    /// The first column, which names things, gives way until the table fits.
    private func columnWidths(within width: Int) -> [Int] {
        var widths = naturalWidths
        let total = naturalWidth
        if total > width, !widths.isEmpty {
            widths[0] = max(widths[0] - (total - width), min(widths[0], Self.nameWidthMin))
        }
        return widths
    }

    private static func fit(_ cell: String, _ alignment: Column.Alignment, _ width: Int) -> String {
        let cell = shortened(cell, to: width)
        let padding = String(repeating: " ", count: width - cell.count)
        return alignment == .left ? cell + padding : padding + cell
    }

    /// The text, or its beginning and an ellipsis.
    static func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        return width > 0 ? text.prefix(width - 1) + "…" : ""
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }

    private static let gap = "  "
    private static let nameWidthMin = 8
}
