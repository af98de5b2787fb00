/// Signs by which the first lines of a text tell their format, whatever the file's name.
struct FormatSigns {
    /// The first lines that hold something, without the blanks before them.
    let lines: [Substring]
    private let rawLines: [Substring]

    private static let lineCountMax = 2_000

    init(_ head: ArraySlice<UInt8>) {
        let text = String(decoding: head, as: UTF8.self)
        rawLines = Array(text.split(whereSeparator: \.isNewline).prefix(Self.lineCountMax))
        lines = rawLines.map { $0.drop(while: \.isWhitespace) }.filter { !$0.isEmpty }
    }

    /// The format of a text that is neither XML nor JSON, GML nor SNDlib's; `nil` = no sign.
    var format: TopologyFormat? {
        if isDOT { return .dot }
        if isPajek { return .pajek }
        if lines.first?.lowercased().hasPrefix("topology: (") == true { return .brite }
        if lines.first?.lowercased().hasPrefix("nodedef>") == true { return .gdf }
        if isContainerlab { return .containerlab }
        if isTGF { return .tgf }
        return isCCH ? .rocketfuel : nil
    }

    /// `digraph name {`, perhaps on two lines, perhaps below comments.
    private var isDOT: Bool {
        guard
            let head = lines.prefix(200).firstIndex(where: { line in
                !["//", "#", "/*", "*"].contains { line.hasPrefix($0) }
            })
        else { return false }
        var words = lines[head].lowercased().split { " \t{".contains($0) }[...]
        if words.first == "strict" { words.removeFirst() }
        guard let kind = words.first, kind == "graph" || kind == "digraph" else { return false }
        let next = lines.indices.contains(head + 1) ? lines[head + 1] : ""
        return lines[head].contains("{") || next.hasPrefix("{")
    }

    private var isPajek: Bool {
        guard let line = lines.prefix(50).first(where: { !"%#/".contains($0.first ?? "%") }),
            line.hasPrefix("*")
        else { return false }
        let word = line.dropFirst().prefix(while: \.isLetter).lowercased()
        return ["vertices", "network", "arcs", "edges", "matrix"].contains(word)
    }

    /// Nodes, a line with `#` alone, links between these nodes.
    private var isTGF: Bool {
        func words(_ line: Substring) -> [Substring] { line.split(whereSeparator: \.isWhitespace) }
        guard let mark = lines.firstIndex(where: { words($0) == ["#"] }), mark > 0,
            mark + 1 < lines.count, !lines[..<mark].contains(where: { $0.hasPrefix("#") })
        else { return false }
        let ids = Set(lines[..<mark].compactMap { words($0).first })
        // The last line may be cut off.
        return lines[(mark + 1)...].dropLast(lines.count == Self.lineCountMax ? 1 : 0).allSatisfy {
            line in
            let ends = words(line).prefix(2)
            return ends.count == 2 && ends.allSatisfy(ids.contains)
        }
    }

    /// The outermost key `topology`, which our own format has not, with nodes below.
    private var isContainerlab: Bool {
        guard let start = rawLines.firstIndex(where: { $0.hasPrefix("topology:") }) else {
            return false
        }
        return rawLines[(start + 1)...].prefix {
            $0.first?.isWhitespace == true || $0.hasPrefix("#")
        }
        .contains { $0.drop(while: \.isWhitespace).hasPrefix("nodes:") }
    }

    /// `4626 @San+Francisco,+CA + bb (5) &1 -> <13004> =name r0`.
    private var isCCH: Bool {
        let rows = lines.filter { !$0.hasPrefix("#") }.prefix(20)
        return !rows.isEmpty
            && rows.allSatisfy { line in
                let words = line.split(whereSeparator: \.isWhitespace)
                return words.count > 3 && Int(words[0]) != nil
                    && (words[1].hasPrefix("@") || words[1].hasPrefix("="))
            }
    }
}
