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

    /// What the first lines of a text say, without the blanks before them.
    static func text(_ lines: [Substring]) -> ForeignFormat? {
        guard let first = lines.first else { return nil }
        let start = first.lowercased()
        if start.hasPrefix("*node data") || start.hasPrefix("*tie data") {
            return ForeignFormat(
                name: "VNA of NetDraw",
                cure: "open it in Gephi and export GraphML"
            )
        }
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
        if lines.prefix(200).contains(where: { $0.contains("addLink(") }) {
            return ForeignFormat(
                name: "a program for Mininet",
                cure: "write its links as an edge list: a b delay"
            )
        }
        if isAdjacencyList(lines.prefix(3).map(String.init)) {
            return ForeignFormat(
                name: "an adjacency list of networkx",
                cure:
                    "write it as an edge list: nx.write_edgelist(nx.read_adjlist(\"x\"), \"x.edgelist\")"
            )
        }
        return nil
    }

    /// What the extension of a file's name says whose content does not.
    static func named(extension suffix: String) -> ForeignFormat? {
        switch suffix {
        case "lgl":
            ForeignFormat(
                name: "LGL of igraph",
                cure: "write it as GraphML: write_graphml(\"x.graphml\")"
            )
        default: nil
        }
    }

    // MARK: Kinds

    private static func networkx(_ reading: String) -> String {
        "nx.write_graphml(nx.\(reading), \"x.graphml\")"
    }

    // MARK: Signs

    /// networkx writes how it was called, the time in GMT, and the graph's name.
    private static func isAdjacencyList(_ lines: [String]) -> Bool {
        lines.count >= 2 && lines[0].hasPrefix("#") && lines[1].hasPrefix("# GMT ")
    }
}
