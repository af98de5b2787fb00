/// The file formats a topology can be read from; docs/topology-format.md describes each.
public enum TopologyFormat: String, Sendable, CaseIterable {
    /// Xylem's own format.
    case yaml
    /// GraphML, with the conventions of the Internet Topology Zoo.
    case graphML = "graphml"
    /// One `a b [delay]` per line.
    case edgeList = "edge-list"

    /// The largest file read, in bytes. A larger one is refused unread.
    ///
    /// YAML costs some hundred bytes of memory per word, so its bound is the tightest; 4 MiB hold
    /// 50,000 nodes with their links. 40 MB of edge list hold 2,000,000 links.
    public var byteCountMax: Int {
        switch self {
        case .yaml: 4 << 20
        case .graphML, .edgeList: 48 << 20
        }
    }
}

extension TopologyFormat {
    /// The format a file's name says it has; `nil` = the name says nothing.
    static func named(by file: String) -> TopologyFormat? {
        switch fileExtension(of: file) {
        case "yaml", "yml": .yaml
        case "graphml", "xml": .graphML
        case "txt", "edges", "edgelist", "edge", "csv", "tsv", "intra": .edgeList
        default: nil
        }
    }

    /// A format that exists in this field and is not read, so that its user is told so plainly
    /// instead of getting the first thing that looks wrong about it as YAML.
    static func unreadable(named file: String) -> String? {
        switch fileExtension(of: file) {
        case "gml": "GML"
        case "dot", "gv": "GraphViz DOT"
        case "cch": "Rocketfuel .cch"
        default: nil
        }
    }

    /// The format that `bytes` look like: a tag opens XML, a first line `a b [delay]` is an edge
    /// list.
    static func guessed(from bytes: ArraySlice<UInt8>) -> TopologyFormat {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let start = bytes.firstIndex(where: { !isBlank($0) }) else { return .yaml }
        if bytes[start] == UInt8(ascii: "<") { return .graphML }
        for line in bytes[start...].prefix(65_536).split(whereSeparator: { $0 == 0x0A }).prefix(200)
        {
            let fields = line.split(whereSeparator: isBlank)
            guard let first = fields.first, first.first != UInt8(ascii: "#") else { continue }
            let isStructured = fields.contains { field in
                field.last == UInt8(ascii: ":") || field == [UInt8(ascii: "-")]
                    || field.starts(with: Array("---".utf8)) || field.first == UInt8(ascii: "{")
            }
            return isStructured || !(2...3).contains(fields.count) ? .yaml : .edgeList
        }
        return .yaml
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
