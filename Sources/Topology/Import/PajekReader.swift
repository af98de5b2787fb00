/// Reads Pajek's networks, as Pajek, networkx, igraph and Gephi write them.
///
///     *Vertices 3                 how many, then a number, a name and places in the picture
///     1 "Oslo" 0.1 0.2
///     *Edges                      two numbers and a value; *Arcs have a direction
///     1 2 4.5
///     *Edgeslist                  a number and those of its neighbours
///     1 2 3
///
/// V. Batagelj, A. Mrvar, "Pajek, Reference Manual". The number is a vertex's id, as names may repeat.
/// `*Network` names the network; partitions, vectors and other things of a project are passed over.
struct PajekReader {
    private enum Section {
        case vertices, pairs, lists, others
    }

    private let source: SourceText
    private var lines: LineCursor
    private var assembly: GraphAssembly
    private var section = Section.others
    private var vertexCount: Int?
    /// In a partition or vector, which have vertices of their own.
    private var isBesideNetwork = false
    private var skipped: [String] = []

    static func read(
        _ source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> Topology {
        try GraphMeaning.topology(of: graph(of: source, options: options), options: options)
    }

    static func graph(
        of source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> ImportedGraph {
        var reader = PajekReader(source, options: options)
        try reader.readLines()
        return reader.assembly.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        self.source = source
        lines = LineCursor(source, hasQuotes: true)
        assembly = GraphAssembly(source, options: options)
    }

    private mutating func readLines() throws(TopologyError) {
        while let line = try lines.next() {
            let first = line.words[0]
            if first.text.hasPrefix("%"), !first.isQuoted { continue }
            if first.text.hasPrefix("*"), !first.isQuoted {
                try begin(line)
                continue
            }
            switch section {
            case .vertices: try readVertex(line)
            case .pairs: try readPair(line)
            case .lists: try readList(line)
            case .others: continue
            }
        }
        guard let vertexCount else {
            throw assembly.error("there is no *Vertices in this file")
        }
        // Vertices without a line of their own are only counted.
        for number in 1...max(vertexCount, 1) where number <= vertexCount {
            if assembly.index(of: String(number)) == nil {
                try assembly.addNode(String(number), at: SourcePosition(line: 1, column: 1))
            }
        }
        if !skipped.isEmpty {
            assembly.note("not read: " + skipped.joined(separator: ", "))
        }
    }

    private mutating func begin(_ line: LineCursor.Line) throws(TopologyError) {
        let word = line.words[0].text.dropFirst()
        switch word.prefix(while: \.isLetter).lowercased() {
        case "vertices" where isBesideNetwork: section = .others
        case "vertices":
            guard vertexCount == nil else {
                throw lines.error("a second *Vertices; put one network into one file", in: line)
            }
            guard line.words.count > 1, let count = Int(line.words[1].text), count >= 0 else {
                throw lines.error("*Vertices needs the number of vertices", in: line)
            }
            guard count <= Topology.nodeCountMax else {
                throw lines.error("more than \(Topology.nodeCountMax) nodes", in: line)
            }
            vertexCount = count
            section = .vertices
        case "edges", "arcs": section = .pairs
        case "edgeslist", "arcslist": section = .lists
        case "network":
            let name = line.words.dropFirst().map(\.text).joined(separator: " ")
            assembly.setGraph("name", to: name)
            section = .others
            isBesideNetwork = false
        case "matrix":
            throw lines.error(
                "a *Matrix is not read; save the network with *Arcs or *Edges",
                in: line
            )
        default:
            section = .others
            isBesideNetwork = true
            let name = line.words[0].text
            if skipped.count < 5, !skipped.contains(name) { skipped.append(name) }
        }
    }

    /// `1 "Oslo" 0.1 0.2 0.5 box`: behind the places stand words of the drawing.
    private mutating func readVertex(_ line: LineCursor.Line) throws(TopologyError) {
        let id = line.words[0].text
        guard let number = Int(id), number >= 1, number <= vertexCount ?? 0 else {
            return try assembly.addMistake(
                "\(quoted(id)) is no number of a vertex; they go from 1 to \(vertexCount ?? 0)",
                at: lines.position(of: line)
            )
        }
        guard let index = try assembly.addNode(String(number), at: lines.position(of: line)) else {
            return
        }
        if line.words.count > 1 { assembly.set("label", to: line.words[1].text, ofNode: index) }
        let places = line.words.dropFirst(2).prefix(3).prefix { Quantity.number($0.text) != nil }
        for (name, word) in zip(["x", "y", "z"], places) {
            assembly.set(name, to: word.text, ofNode: index)
        }
        let rest = Array(line.words.dropFirst(2 + places.count))
        for (name, text) in Self.parameters(rest) { assembly.set(name, to: text, ofNode: index) }
    }

    /// `1 2 4.5 l "trunk"`: two ends, a value, words of the drawing.
    private mutating func readPair(_ line: LineCursor.Line) throws(TopologyError) {
        guard line.words.count >= 2, let ends = try ends(line.words.prefix(2), in: line) else {
            if line.words.count < 2 {
                try assembly.addMistake(
                    "expected the numbers of two vertices",
                    at: lines.position(of: line)
                )
            }
            return
        }
        var attributes: [(name: String, text: String)] = []
        var rest = line.words.dropFirst(2)
        if let value = rest.first, Quantity.number(value.text) != nil {
            attributes.append(("weight", value.text))
            rest = rest.dropFirst()
        }
        attributes += Self.parameters(Array(rest))
        try assembly.addEdge(ends[0], ends[1], at: lines.position(of: line), attributes)
    }

    private mutating func readList(_ line: LineCursor.Line) throws(TopologyError) {
        guard let ends = try ends(line.words[...], in: line) else { return }
        for end in ends.dropFirst() {
            // A negative number takes a neighbour away in some versions; none is an id here.
            try assembly.addEdge(ends[0], end, at: lines.position(of: line))
        }
    }

    /// The ids of vertices, which are numbers; `nil` when one is not.
    private mutating func ends(
        _ words: ArraySlice<LineCursor.Word>,
        in line: LineCursor.Line
    ) throws(TopologyError) -> [String]? {
        var ids: [String] = []
        for word in words {
            guard let number = Int(word.text), number >= 1, number <= vertexCount ?? 0 else {
                try assembly.addMistake(
                    "\(quoted(word.text)) is no number of a vertex; they go from 1 to "
                        + "\(vertexCount ?? 0)",
                    at: lines.position(of: line, word)
                )
                return nil
            }
            ids.append(String(number))
        }
        return ids
    }

    /// `ic Blue l "trunk"`: names and values by turns, of which `l` is a label and `s` a width. Shapes
    /// (`box`) have none.
    private static func parameters(_ words: [LineCursor.Word]) -> [(name: String, text: String)] {
        var pairs: [(name: String, text: String)] = []
        var index = 0
        while index + 1 < words.count {
            let name = words[index].text
            guard !words[index].isQuoted, name.count <= 8, !shapes.contains(name) else {
                index += 1
                continue
            }
            pairs.append((name == "l" ? "label" : name, words[index + 1].text))
            index += 2
        }
        return pairs
    }

    private static let shapes: Set<String> = [
        "ellipse", "box", "diamond", "triangle", "cross", "empty",
    ]
}
