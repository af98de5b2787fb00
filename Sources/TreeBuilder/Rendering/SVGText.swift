/// Text and numbers for SVG.
enum SVGText {
    static let font = "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\""

    static func number(_ value: Double) -> String {
        NumberText.fixed(value, decimals: 1)
    }

    /// An upper estimate at 12 px: no renderer's font is known here.
    static func width(_ text: String) -> Double {
        text.unicodeScalars.reduce(0.0) { width, scalar in
            switch scalar {
            case "i", "j", "l", "t", "f", "r", " ", ".", ",", ":", "(", ")", "-": width + 4.4
            case "m", "w", "M", "W": width + 10.5
            case "A"..."Z": width + 8.6
            case "\u{1100}"...: width + 12.5
            default: width + 7.2
            }
        }
    }

    // XML 1.0 §2.2: most control characters are not allowed at all, even escaped.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}":
                result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
