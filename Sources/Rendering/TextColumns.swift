/// A table for a person: columns as wide as their widest cell, two spaces apart.
package struct TextColumns {
    package struct Column {
        var title: String
        var isNumber: Bool
        /// Where the table is too wide, the column with the lowest number goes first; `nil` = it stays.
        var worth: Int?

        package static func text(_ title: String, worth: Int? = nil) -> Column {
            Column(title: title, isNumber: false, worth: worth)
        }
        package static func number(_ title: String, worth: Int? = nil) -> Column {
            Column(title: title, isNumber: true, worth: worth)
        }
    }

    package let columns: [Column]
    private(set) var rows: [[String]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    package mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a cell for each column")
        rows.append(cells)
    }

    package var lines: [String] { lines(width: .max) }

    /// The title and the rows, without columns of little worth if they are wider than `width`; a last line names those.
    package func lines(width: Int) -> [String] {
        // A column in which nothing stands but dashes is noise.
        let told = columns.indices.filter { index in
            rows.isEmpty || rows.contains { $0[index] != Self.nothing }
        }
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { index in all.map { $0[index].count }.max() ?? 0 }
        var kept = told
        while kept.reduce(-2, { $0 + widths[$1] + 2 }) > width,
            let least = kept.filter({ columns[$0].worth != nil })
                .min(by: { columns[$0].worth ?? 0 < columns[$1].worth ?? 0 })
        {
            kept.removeAll { $0 == least }
        }
        let omitted = told.filter { !kept.contains($0) }.map { columns[$0].title }
            .filter { !$0.isEmpty }
        let remark =
            omitted.isEmpty
            ? []
            : wrapped(
                "(no room for \(omitted.joined(separator: ", ")))",
                width: width,
                indentation: ""
            )
        return table(all, kept, widths) + remark
    }

    private func table(_ all: [[String]], _ kept: [Int], _ widths: [Int]) -> [String] {
        all.map { row in
            let line = kept.map { index in
                let padding = String(repeating: " ", count: widths[index] - row[index].count)
                return columns[index].isNumber ? padding + row[index] : row[index] + padding
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    package static let nothing = "–"
}

/// Text broken at spaces so that no line is wider than `width`, as far as words allow; lines after the first are indented.
package func wrapped(_ text: String, width: Int, indentation: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if line.isEmpty {
            line = String(word)
        } else if line.count + 1 + word.count <= width - indentation.count {
            line += " " + word
        } else {
            lines.append(indentation + line)
            line = String(word)
        }
    }
    if !line.isEmpty { lines.append(indentation + line) }
    return lines
}
