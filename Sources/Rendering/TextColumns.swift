/// A table for a person: columns as wide as their widest cell, two spaces apart.
package struct TextColumns {
    package struct Column {
        var title: String
        var isNumber: Bool

        package static func text(_ title: String) -> Column {
            Column(title: title, isNumber: false)
        }
        package static func number(_ title: String) -> Column {
            Column(title: title, isNumber: true)
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

    package var lines: [String] {
        // A column in which nothing stands but dashes is noise.
        let kept = columns.indices.filter { index in
            rows.isEmpty || rows.contains { $0[index] != Self.nothing }
        }
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { index in all.map { $0[index].count }.max() ?? 0 }
        return all.map { row in
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
