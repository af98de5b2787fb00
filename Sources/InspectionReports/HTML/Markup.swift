import Rendering

/// HTML and SVG under construction. What is put in as text is escaped; only literals of this module are markup.
struct Markup {
    private(set) var text = ""

    /// Markup as it is: only for what this module writes itself.
    mutating func raw(_ markup: String) {
        text += markup
    }

    /// Text of a capture, or of a user.
    mutating func escaped(_ content: String) {
        text += Self.escape(content)
    }

    /// An element around text.
    mutating func element(_ name: String, _ content: String, class className: String? = nil) {
        text += "<\(name)"
        if let className { text += " class=\"\(Self.escape(className))\"" }
        text += ">\(Self.escape(content))</\(name)>"
    }

    /// Harmless between tags and within quoted attributes. Control characters, which HTML forbids, become replacement
    /// characters.
    static func escape(_ content: String) -> String {
        var escaped = ""
        for scalar in content.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A coordinate with at most one decimal.
    static func coordinate(_ value: Double) -> String {
        let tenths = Int((min(max(value, -1e6), 1e6) * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let magnitude = tenths.magnitude
        return magnitude % 10 == 0
            ? "\(sign)\(magnitude / 10)" : "\(sign)\(magnitude / 10).\(magnitude % 10)"
    }
}

/// A table whose cells are text.
struct MarkupTable {
    struct Cell {
        var text: String
        var className: String?

        static func text(_ text: String) -> Cell { Cell(text: text) }
        static func name(_ text: String) -> Cell { Cell(text: text, className: "name") }
        static func number(_ text: String) -> Cell { Cell(text: text, className: "number") }
        /// A count that should be nothing: it stands out when it is not.
        static func trouble(_ count: Int) -> Cell {
            Cell(text: Figures.count(count), className: count > 0 ? "number bad" : "number quiet")
        }
        static func count(_ count: Int) -> Cell {
            Cell(text: Figures.count(count), className: count > 0 ? "number" : "number quiet")
        }
    }

    var titles: [(text: String, isNumber: Bool)]
    var rows: [[Cell]] = []

    func write(to markup: inout Markup) {
        markup.raw("<div class=\"scroll\"><table><thead><tr>")
        for title in titles {
            markup.element("th", title.text, class: title.isNumber ? "number" : nil)
        }
        markup.raw("</tr></thead><tbody>")
        for row in rows {
            markup.raw("<tr>")
            for cell in row { markup.element("td", cell.text, class: cell.className) }
            markup.raw("</tr>\n")
        }
        markup.raw("</tbody></table></div>\n")
    }
}
