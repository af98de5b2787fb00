/// The file formats a topology can be read from; docs/topology-format.md describes each.
public enum TopologyFormat: String, Sendable, CaseIterable {
    /// Xylem's own format.
    case yaml
    /// GraphML, as Cytoscape, Gephi, igraph, networkx, yEd and the Internet Topology Zoo write it.
    case graphML = "graphml"
    /// GML, of the same tools.
    case gml
    /// The native text form of SNDlib.
    case sndlib
    /// A table of links, or one `a b [delay]` per line.
    case edgeList = "edge-list"
    /// Graphs in JSON: networkx's `node_link_data`, NetJSON, Cytoscape, D3, RFC 8345.
    case json
    /// GraphViz.
    case dot
    /// GEXF, of Gephi.
    case gexf
    /// XGMML, of Cytoscape.
    case xgmml
    /// GDF, of GUESS and Gephi.
    case gdf
    /// TGF, of yEd.
    case tgf
    /// SIF, of Cytoscape.
    case sif
    case pajek
    /// BRITE, the generator of topologies.
    case brite
    /// Labs of containers.
    case containerlab
    /// Rocketfuel's `.cch` maps.
    case rocketfuel
    /// CAIDA's relationships of autonomous systems.
    case asRelationships = "as-relationships"

    /// The largest file read, in bytes. A larger one is refused unread.
    ///
    /// YAML costs some hundred bytes of memory per word, so its bound is the tightest; 4 MiB hold
    /// 50,000 nodes with their links. 40 MB of edge list hold 2,000,000 links.
    public var byteCountMax: Int {
        switch self {
        case .yaml, .containerlab: 4 << 20
        case .graphML, .gml, .sndlib, .edgeList, .json, .dot, .gexf, .xgmml, .gdf, .tgf, .sif,
            .pajek, .brite, .rocketfuel, .asRelationships:
            Self.byteCountMaxOfAll
        }
    }

    static let byteCountMaxOfAll = 48 << 20
}

extension TopologyFormat {
    /// The format a file's name says it has; `nil` = the name says nothing.
    static func named(by file: String) -> TopologyFormat? {
        switch fileExtension(of: file) {
        case "yaml", "yml": .yaml
        case "graphml", "xml": .graphML
        case "gml": .gml
        case "dot", "gv": .dot
        case "gexf": .gexf
        case "xgmml": .xgmml
        case "gdf": .gdf
        case "tgf": .tgf
        case "sif": .sif
        case "net", "paj": .pajek
        case "brite": .brite
        case "cch": .rocketfuel
        case "txt", "edges", "edgelist", "edge", "csv", "tsv", "tab", "intra": .edgeList
        default: nil
        }
    }

    /// The format of a text: what its content certainly is, else what the file's name says, else what
    /// the content looks like.
    ///
    /// - Throws: `TopologyError` naming a format that is known and not read.
    static func of(_ source: SourceText) throws(TopologyError) -> TopologyFormat {
        let bytes = source.bytes[...]
        switch FormatSignature(of: bytes) {
        case .format(let format): return format
        case .foreign(let format): throw format.refusal(file: source.file)
        case nil: break
        }
        let suffix = fileExtension(of: source.file)
        if let format = ForeignFormat.named(extension: suffix) {
            throw format.refusal(file: source.file)
        }
        guard let named = named(by: source.file) else { return guessed(from: bytes) }
        // Topologies are saved as .txt, too.
        return named == .edgeList && hasTopLevelKey(bytes) ? .yaml : named
    }

    /// The format that `bytes` look like: a tag opens XML, a first line `a b [delay]` is an edge
    /// list, so is one of fields with commas, semicolons or tabs between.
    static func guessed(from bytes: ArraySlice<UInt8>) -> TopologyFormat {
        switch FormatSignature(of: bytes) {
        case .format(let format): return format
        case .foreign, nil: break
        }
        if hasTopLevelKey(bytes) { return .yaml }
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        for line in bytes.prefix(65_536).split(whereSeparator: { $0 == 0x0A }).prefix(200) {
            let fields = line.split(whereSeparator: isBlank)
            guard let first = fields.first, first.first != UInt8(ascii: "#") else { continue }
            // Our own format is a mapping: a list can only be one of links.
            if first.first == UInt8(ascii: "(") || first.first == UInt8(ascii: "[") {
                return .edgeList
            }
            let isStructured = fields.contains { field in
                field.last == UInt8(ascii: ":") || field == [UInt8(ascii: "-")]
                    || field.starts(with: Array("---".utf8)) || first.first == UInt8(ascii: "{")
            }
            if isStructured { return .yaml }
            let isTable = line.contains { [0x09, 0x2C, 0x3B].contains($0) }
            let hasAttributes = fields.count > 2 && fields[2].first == UInt8(ascii: "{")
            return isTable || hasAttributes || (2...3).contains(fields.count) ? .edgeList : .yaml
        }
        return .yaml
    }

    /// Whether a line starts with a key of our own format.
    private static func hasTopLevelKey(_ bytes: ArraySlice<UInt8>) -> Bool {
        let keys = ["name", "defaults", "nodes", "links", "segments", "trees"].map {
            Array("\($0):".utf8)
        }
        var isFirst = true
        return bytes.prefix(65_536).split(whereSeparator: { $0 == 0x0A }).prefix(200).contains {
            line in
            var line = line
            // `{nodes: [a, b]}`.
            if isFirst, line.first == UInt8(ascii: "{") {
                line = line.dropFirst().drop { $0 == 0x20 || $0 == UInt8(ascii: "\"") }
                return keys.contains { line.starts(with: $0.dropLast()) }
            }
            isFirst = false
            return keys.contains { line.starts(with: $0) }
        }
    }

    /// What follows the last dot of the file's name, in lower case; empty without a dot.
    static func fileExtension(of file: String) -> String {
        let name = file.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// The file's name without folders and extension: the name of a topology that has none. What
    /// was read from a pipe (`-`) is called `topology`.
    static func stem(of file: String) -> String {
        let name = file.split(separator: "/").last ?? ""
        if name.isEmpty || name == "-" { return "topology" }
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return String(name) }
        return String(name[..<dot])
    }
}
