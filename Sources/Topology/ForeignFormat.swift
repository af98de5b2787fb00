/// A format of this field that is not read: named, with the way to one that is, instead of the first
/// thing that looks wrong about it.
struct ForeignFormat: Equatable {
    let name: String
    /// How its user gets a file that is read.
    let cure: String

    func refusal(file: String) -> TopologyError {
        TopologyError(file: file, message: "this looks like \(name), which is not read; \(cure)")
    }

    /// What the first bytes of a file that is no text say.
    static func binary(_ bytes: [UInt8]) -> ForeignFormat? {
        let signatures: [([UInt8], String, String)] = [
            (
                [0x50, 0x4B, 0x03, 0x04],
                "a ZIP archive, as Excel, LibreOffice, Gephi and Cytoscape keep",
                "export a table as CSV, or a graph as GraphML"
            ),
            ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook", "export the table as CSV"),
            ([0x1F, 0x8B], "a file compressed with gzip", "unpack it first: gunzip"),
            ([0x28, 0xB5, 0x2F, 0xFD], "a file compressed with zstd", "unpack it first: unzstd"),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "a file compressed with xz", "unpack it first: unxz"),
            ([0x42, 0x5A, 0x68], "a file compressed with bzip2", "unpack it first: bunzip2"),
            ([0x25, 0x50, 0x44, 0x46], "a PDF", "export the graph as GraphML"),
        ]
        return signatures.first { bytes.starts(with: $0.0) }.map {
            ForeignFormat(name: $0.1, cure: $0.2)
        }
    }

    /// What the root element of an XML file says; `nil` = it is of no known format.
    static func xml(root: String) -> ForeignFormat? {
        switch root {
        case "gexf":
            ForeignFormat(
                name: "GEXF",
                cure: "export GraphML in Gephi, or convert it with networkx: "
                    + networkx("read_gexf(\"x.gexf\")")
            )
        case "graph":
            ForeignFormat(name: "XGMML", cure: "export the network as GraphML in Cytoscape")
        case "mxfile", "mxGraphModel":
            ForeignFormat(
                name: "a drawing of draw.io",
                cure: "it has no graph to be read; draw it in yEd, or write an edge list"
            )
        case "gxl":
            ForeignFormat(name: "GXL", cure: "convert it with gxl2gv and networkx to GraphML")
        case "kml", "gpx", "osm":
            ForeignFormat(
                name: "\(root.uppercased()), a map",
                cure: "it has no links between nodes"
            )
        case "svg":
            ForeignFormat(name: "SVG, a picture", cure: "export the graph as GraphML")
        case "html", "HTML":
            ForeignFormat(
                name: "a web page",
                cure: "download the file itself, not the page that shows it"
            )
        default: nil
        }
    }

    /// What the text of a file says.
    static func text(_ bytes: ArraySlice<UInt8>) -> ForeignFormat? {
        let head = String(decoding: bytes.prefix(65_536), as: UTF8.self)
        let lines = head.split(whereSeparator: \.isNewline).lazy.map { line in
            line.drop(while: \.isWhitespace)
        }.filter { !$0.isEmpty }
        guard let first = lines.first else { return nil }
        if first.first == "{" || first.first == "[" { return json(head) }
        if isDOT(lines.prefix(200).map(String.init)) { return dot }
        let start = first.lowercased()
        if let line = lines.prefix(50).first(where: { !"%#/".contains($0.first ?? "%") }),
            line.hasPrefix("*"), isPajek(line)
        {
            return pajek
        }
        if start.hasPrefix("*node data") || start.hasPrefix("*tie data") {
            return ForeignFormat(
                name: "VNA of NetDraw",
                cure: "open it in Gephi and export GraphML"
            )
        }
        if isTGF(lines.prefix(2_000).map(String.init)) { return tgf }
        if start.hasPrefix("%%matrixmarket") {
            return ForeignFormat(
                name: "Matrix Market",
                cure: "convert it with scipy and networkx to GraphML"
            )
        }
        if let problem = lines.prefix(200).first(where: { !$0.hasPrefix("c ") && $0 != "c" }),
            problem.hasPrefix("p "), problem.split(separator: " ").count == 4
        {
            return ForeignFormat(
                name: "DIMACS",
                cure:
                    "convert it with igraph: Graph.Read_DIMACS(\"x\"), then write_graphml(\"x.graphml\")"
            )
        }
        if start.hasPrefix("nodedef>") {
            return ForeignFormat(name: "GDF", cure: "open it in Gephi and export GraphML")
        }
        if start.hasPrefix("leda.graph") {
            return ForeignFormat(
                name: "LEDA",
                cure: "convert it with networkx: " + networkx("read_leda(\"x.lgr\")")
            )
        }
        if start.hasPrefix(">>graph6<<") || start.hasPrefix(">>sparse6<<") {
            return ForeignFormat(
                name: "graph6",
                cure: "convert it with networkx: " + networkx("read_graph6(\"x.g6\")")
            )
        }
        if start.hasPrefix("dl ") || start == "dl" {
            return ForeignFormat(name: "UCINET DL", cure: "open it in Gephi and export GraphML")
        }
        if start.hasPrefix("topology: (") {
            return ForeignFormat(
                name: "BRITE",
                cure: "write its edges, columns 2, 3 and 5, as an edge list"
            )
        }
        if let other = configuration(lines.prefix(200).map(String.init)) { return other }
        if isAdjacencyList(lines.prefix(3).map(String.init)) {
            return ForeignFormat(
                name: "an adjacency list of networkx",
                cure:
                    "write it as an edge list: nx.write_edgelist(nx.read_adjlist(\"x\"), \"x.edgelist\")"
            )
        }
        return isCCH(lines.prefix(20).map(String.init)) ? cch : nil
    }

    /// What the extension of a file's name says whose content does not.
    static func named(extension suffix: String) -> ForeignFormat? {
        switch suffix {
        case "dot", "gv": dot
        case "cch": cch
        case "gexf": xml(root: "gexf")
        case "paj": pajek
        case "lgl":
            ForeignFormat(
                name: "LGL of igraph",
                cure: "write it as GraphML: write_graphml(\"x.graphml\")"
            )
        case "tgf": tgf
        case "sif":
            ForeignFormat(name: "SIF", cure: "export the network as GraphML in Cytoscape")
        default: nil
        }
    }

    // MARK: Kinds

    private static let dot = ForeignFormat(
        name: "GraphViz DOT",
        cure: "convert it with networkx: " + networkx("nx_pydot.read_dot(\"x.dot\")")
    )
    private static let pajek = ForeignFormat(
        name: "Pajek",
        cure: "convert it with networkx: " + networkx("Graph(nx.read_pajek(\"x.net\"))")
    )
    private static let cch = ForeignFormat(
        name: "Rocketfuel .cch",
        cure: "use the .intra files of the same map"
    )

    private static let tgf = ForeignFormat(
        name: "TGF",
        cure: "open it in yEd and save GraphML, or keep its lines below # as an edge list"
    )

    private static func networkx(_ reading: String) -> String {
        "nx.write_graphml(nx.\(reading), \"x.graphml\")"
    }

    // MARK: Signs

    private static func isPajek(_ line: Substring) -> Bool {
        let word = line.dropFirst().prefix(while: \.isLetter).lowercased()
        return ["vertices", "network", "arcs", "edges", "matrix"].contains(word)
    }

    /// Nodes, a line with `#` alone, links between these nodes.
    private static func isTGF(_ lines: [String]) -> Bool {
        func words(_ line: String) -> [Substring] { line.split(whereSeparator: \.isWhitespace) }
        guard let mark = lines.firstIndex(where: { words($0) == ["#"] }), mark > 0,
            mark + 1 < lines.count, !lines[..<mark].contains(where: { $0.hasPrefix("#") })
        else { return false }
        let ids = Set(lines[..<mark].compactMap { words($0).first })
        return lines[(mark + 1)...].allSatisfy { line in
            let ends = words(line).prefix(2)
            return ends.count == 2 && ends.allSatisfy(ids.contains)
        }
    }

    /// `digraph name {`, perhaps on two lines, perhaps below comments.
    private static func isDOT(_ lines: [String]) -> Bool {
        guard
            let head = lines.first(where: { line in
                !line.hasPrefix("//") && !line.hasPrefix("#") && !line.hasPrefix("/*")
                    && !line.hasPrefix("*")
            })
        else { return false }
        var words = head.lowercased().split { $0 == " " || $0 == "\t" || $0 == "{" }[...]
        if words.first == "strict" { words.removeFirst() }
        guard let kind = words.first, kind == "graph" || kind == "digraph" else { return false }
        let next = lines.drop { $0 != head }.dropFirst().first
        return head.contains("{") || next?.hasPrefix("{") == true
    }

    /// JSON is YAML, too: only what cannot be meant for us is refused.
    private static func json(_ head: String) -> ForeignFormat? {
        func has(_ key: String) -> Bool { head.contains("\"\(key)\"") }
        if has("trees"), has("hopDelayMs") || has("publishers") && has("backups") {
            return ForeignFormat(
                name: "a plan of 'xylem plan --format json'",
                cure: "give the topology it was made from"
            )
        }
        if has("NetworkGraph") {
            return ForeignFormat(
                name: "NetJSON",
                cure: "write its links, source, target and cost, as an edge list"
            )
        }
        if head.contains("ietf-network") {
            return ForeignFormat(
                name: "a network of RFC 8345",
                cure: "write its links, source-node and dest-node, as an edge list"
            )
        }
        if has("FeatureCollection") {
            return ForeignFormat(name: "GeoJSON, a map", cure: "it has no links between nodes")
        }
        if has("elements"), has("data") {
            return ForeignFormat(
                name: "JSON of Cytoscape",
                cure: "export the network as GraphML in Cytoscape"
            )
        }
        if has("source"), has("target"), has("nodes") || has("links") || has("edges") {
            return ForeignFormat(
                name: "a JSON graph (node-link data)",
                cure: "convert it with networkx: "
                    + networkx("node_link_graph(json.load(open(\"x.json\")))")
            )
        }
        if has("source"), has("target") || has("dest") {
            return ForeignFormat(
                name: "a JSON list of links",
                cure: "write it as a table: source,target,delay"
            )
        }
        return has("adjacency") && has("nodes")
            ? ForeignFormat(
                name: "a JSON graph (adjacency data)",
                cure: "convert it with networkx: "
                    + networkx("adjacency_graph(json.load(open(\"x.json\")))")
            ) : nil
    }

    /// Files that tell a lab or an emulator what to build.
    private static func configuration(_ lines: [String]) -> ForeignFormat? {
        let cure = "write its links as an edge list: a b delay"
        if lines.contains(where: { $0.hasPrefix("topology:") }),
            lines.contains(where: { $0.contains("endpoints:") })
        {
            return ForeignFormat(name: "a lab of containerlab", cure: cure)
        }
        if lines.contains(where: { $0.contains("addLink(") }) {
            return ForeignFormat(name: "a program for Mininet", cure: cure)
        }
        return nil
    }

    /// networkx writes how it was called, the time in GMT, and the graph's name.
    private static func isAdjacencyList(_ lines: [String]) -> Bool {
        lines.count >= 2 && lines[0].hasPrefix("#") && lines[1].hasPrefix("# GMT ")
    }

    /// `4626 @San+Francisco,+CA + bb (5) &1 -> <13004> =name r0`.
    private static func isCCH(_ lines: [String]) -> Bool {
        !lines.isEmpty
            && lines.allSatisfy { line in
                let words = line.split(whereSeparator: \.isWhitespace)
                return words.count > 3 && Int(words[0]) != nil
                    && (words[1].hasPrefix("@") || words[1].hasPrefix("="))
            }
    }
}
