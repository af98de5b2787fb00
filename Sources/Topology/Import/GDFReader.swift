/// Reads GDF, of GUESS and Gephi: a table of nodes and a table of links in one file.
///
///     nodedef>name VARCHAR,label VARCHAR,latitude DOUBLE
///     n1,Oslo,59.91
///     edgedef>node1 VARCHAR,node2 VARCHAR,weight DOUBLE
///     n1,n2,4.0
///
/// Fields may stand in single or double quotes. The types of columns are passed over.
struct GDFReader {
    private let source: SourceText
    private var assembly: GraphAssembly
    private var columns: [String] = []
    private var areNodes = true

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
        var reader = GDFReader(source, options: options)
        try reader.readLines()
        return reader.assembly.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        self.source = source
        assembly = GraphAssembly(source, options: options)
    }

    private mutating func readLines() throws(TopologyError) {
        var number = 0
        for line in source.bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            let position = SourcePosition(line: number, column: 1)
            let text = line.last == 0x0D ? line.dropLast() : line
            if text.allSatisfy({ $0 <= 0x20 }) || text.first == UInt8(ascii: "#") { continue }
            let head = String(decoding: text.prefix(8), as: UTF8.self).lowercased()
            if head == "nodedef>" || head == "edgedef>" {
                areNodes = head == "nodedef>"
                columns = fields(text.dropFirst(8)).map { name in
                    name.split(separator: " ").first.map(String.init) ?? ""
                }
                continue
            }
            let values = fields(text)
            guard values.count >= (areNodes ? 1 : 2), values.count <= columns.count else {
                try assembly.addMistake(
                    "\(counted(values.count, "field")) where the table has "
                        + "\(counted(columns.count, "column"))",
                    at: position
                )
                continue
            }
            try areNodes ? readNode(values, at: position) : readEdge(values, at: position)
        }
    }

    private mutating func readNode(
        _ values: [String],
        at position: SourcePosition
    ) throws(TopologyError) {
        guard let index = try assembly.addNode(values[0], at: position) else { return }
        for (name, text) in zip(columns, values).dropFirst() {
            assembly.set(name, to: text, ofNode: index)
        }
    }

    private mutating func readEdge(
        _ values: [String],
        at position: SourcePosition
    ) throws(TopologyError) {
        let attributes = zip(columns, values).dropFirst(2).map { (name: $0, text: $1) }
        try assembly.addEdge(values[0], values[1], at: position, attributes)
    }

    /// What stands between commas that are not in quotes, without blanks around it.
    private func fields(_ line: ArraySlice<UInt8>) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var quote: UInt8?
        for byte in line {
            if let open = quote {
                if byte == open { quote = nil } else { field.append(byte) }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == UInt8(ascii: ",") {
                fields.append(Self.trimmed(field))
                field = []
            } else {
                field.append(byte)
            }
        }
        return fields + [Self.trimmed(field)]
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let start = bytes.firstIndex { $0 > 0x20 } ?? bytes.count
        let end = bytes.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? start
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }
}
