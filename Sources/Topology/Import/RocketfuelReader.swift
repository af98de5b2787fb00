/// Reads Rocketfuel's `.cch` maps: one router a line.
///
///     4626 @San+Francisco,+CA + bb (5) &1 -> <13004> <13009> {-8121} =sf.example.net! r0
///     ID   location     DNS BB degree external   neighbours  outside  name         radius
///
/// N. Spring, R. Mahajan, D. Wetherall, "Measuring ISP Topologies with Rocketfuel", SIGCOMM 2002; the
/// data's README. The location becomes the region, blanks for its `+`; `T` and `?` are none. Lines of
/// what is outside of the network (`-8121 =address`), and links there, are passed over. A map says
/// nothing of delays.
struct RocketfuelReader {
    private var lines: LineCursor
    private var assembly: GraphAssembly
    private var outsideCount = 0

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
        var reader = RocketfuelReader(source, options: options)
        try reader.readLines()
        return reader.assembly.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        lines = LineCursor(source)
        assembly = GraphAssembly(source, options: options)
    }

    private mutating func readLines() throws(TopologyError) {
        var links: [(source: String, target: String, position: SourcePosition)] = []
        while let line = try lines.next() {
            let id = line.words[0].text
            if id.hasPrefix("#") { continue }
            guard let number = Int(id) else {
                try assembly.addMistake(
                    "\(quoted(id)) is no number of a router; a line is: "
                        + "ID @location (degree) -> <neighbour> … =name rN",
                    at: lines.position(of: line)
                )
                continue
            }
            if number < 0 {
                outsideCount += 1
                continue
            }
            let neighbours = try readRouter(line)
            for neighbour in neighbours {
                links.append((id, neighbour, lines.position(of: line)))
            }
        }
        // Of a map that is cut at a radius the neighbours beyond it are not there.
        var missingCount = 0
        // Each of two neighbours lists the other.
        var known: Set<Pair> = []
        for link in links {
            guard let target = assembly.index(of: link.target),
                let source = assembly.index(of: link.source)
            else {
                missingCount += 1
                continue
            }
            guard known.insert(Pair(source, target)).inserted else { continue }
            try assembly.addEdge(link.source, link.target, at: link.position)
        }
        if outsideCount > 0 {
            assembly.note("\(counted(outsideCount, "node")) outside of the network left out")
        }
        if missingCount > 0 {
            assembly.note(
                "\(counted(missingCount, "link")) to routers that are not in this map left out"
            )
        }
    }

    /// The ids of its neighbours.
    private mutating func readRouter(_ line: LineCursor.Line) throws(TopologyError) -> [String] {
        let position = lines.position(of: line)
        guard let index = try assembly.addNode(line.words[0].text, at: position) else { return [] }
        var neighbours: [String] = []
        for word in line.words.dropFirst() {
            let text = word.text
            switch text.utf8.first {
            case UInt8(ascii: "@"):
                let place = text.dropFirst().replacing("+", with: " ")
                if !["T", "?", ""].contains(place) {
                    assembly.set("region", to: String(place), ofNode: index)
                }
            case UInt8(ascii: "<"):
                guard text.hasSuffix(">"), text.utf8.count > 2 else {
                    throw lines.error(
                        "this neighbour is not closed; a > is missing",
                        in: line,
                        word
                    )
                }
                neighbours.append(String(text.dropFirst().dropLast()))
            case UInt8(ascii: "="):
                // A ! says that the name was not resolved both ways.
                let name = text.dropFirst()
                let label = name.hasSuffix("!") ? name.dropLast() : name
                if !label.isEmpty { assembly.set("label", to: String(label), ofNode: index) }
            case UInt8(ascii: "r") where Int(text.dropFirst()) != nil:
                assembly.set("radius", to: String(text.dropFirst()), ofNode: index)
            case UInt8(ascii: "b") where text == "bb":
                assembly.set("backbone", to: "true", ofNode: index)
            default: continue
            }
        }
        return neighbours
    }
}
