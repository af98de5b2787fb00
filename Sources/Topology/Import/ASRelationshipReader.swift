/// Reads CAIDA's relationships of autonomous systems, in the forms in which they are handed on.
///
///     1|2|-1          serial-1: 1 is the provider of 2; 1|2|0: peers
///     1|2|-1|bgp      serial-2: and where that is known from
///     2  1  -1        SNAP, by tabs: 2 is the customer of 1, the other way round, and 1 2 1 as well
///
/// Which sign a file has, its content tells: a provider has more neighbours than its customer, mostly, so
/// the side that is greater in more of the rows with -1 is that of the providers; in a draw the form
/// decides. 2 is for siblings.
///
/// A relationship is no delay. It is kept as the attributes `relationship` (`customer`, `peer`,
/// `sibling`) and `provider`.
struct ASRelationshipReader {
    private struct Row {
        let left: String
        let right: String
        let code: String
        let origin: String?
        let position: SourcePosition
    }

    private let source: SourceText
    private var assembly: GraphAssembly
    private var rows: [Row] = []
    private var degree: [String: Int] = [:]

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
        var reader = ASRelationshipReader(source, options: options)
        try reader.readRows()
        try reader.addLinks()
        return reader.assembly.graph
    }

    /// Whether the first rows are two numbers and a relationship, but for some mistakes, and one of them is
    /// certainly that: a code is negative, or the file names it.
    static func areRelationships(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rowCount = 0
        var strangeCount = 0
        var isCertain = false
        for line in bytes.split(separator: 0x0A).prefix(rowCountSeen) {
            if line.first == UInt8(ascii: "#") {
                let comment = String(decoding: line.prefix(200), as: UTF8.self).lowercased()
                if comment.contains("relationship") || comment.contains("<provider-as>") {
                    isCertain = true
                }
                continue
            }
            guard let fields = fields(line) else {
                strangeCount += 1
                continue
            }
            if fields[2] == "-1" { isCertain = true }
            rowCount += 1
        }
        return isCertain && rowCount >= 3 * strangeCount
    }

    private static let rowCountSeen = 300

    private init(_ source: SourceText, options: ImportOptions) {
        self.source = source
        assembly = GraphAssembly(source, options: options)
    }

    /// Two numbers, a code, and perhaps a word; `nil` = the line is no row.
    private static func fields(_ line: ArraySlice<UInt8>) -> [String]? {
        let trimmed = line.last == 0x0D ? line.dropLast() : line
        let isBar = trimmed.contains(UInt8(ascii: "|"))
        let parts = trimmed.split { byte in
            isBar ? byte == UInt8(ascii: "|") : byte == 0x09 || byte == 0x20
        }
        guard parts.count == 3 || (isBar && parts.count == 4) else { return nil }
        let areNumbers = parts.prefix(2).allSatisfy { part in
            part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        let texts = parts.map { String(decoding: $0, as: UTF8.self) }
        return areNumbers && ["-1", "0", "1", "2"].contains(texts[2]) ? texts : nil
    }

    private mutating func readRows() throws(TopologyError) {
        var number = 0
        for line in source.bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            if line.allSatisfy({ $0 <= 0x20 }) || line.first == UInt8(ascii: "#") { continue }
            let position = SourcePosition(line: number, column: 1)
            guard let fields = Self.fields(line) else {
                try assembly.addMistake(
                    "expected two numbers of networks and a relationship (-1, 0, 1 or 2)",
                    at: position
                )
                continue
            }
            guard rows.count < Topology.linkCountMax else {
                throw assembly.error("more than \(Topology.linkCountMax) links", at: position)
            }
            rows.append(
                Row(
                    left: fields[0],
                    right: fields[1],
                    code: fields[2],
                    origin: fields.count > 3 ? fields[3] : nil,
                    position: position
                )
            )
            degree[fields[0], default: 0] += 1
            degree[fields[1], default: 0] += 1
        }
        try assembly.graph.mistakes.check()
    }

    /// Whether the left side of a row with -1 is the provider.
    private var isProviderLeft: Bool {
        var surplus = 0
        for row in rows where row.code == "-1" {
            surplus += (degree[row.left, default: 0] - degree[row.right, default: 0]).signum()
        }
        let isSNAP = !source.bytes.contains(UInt8(ascii: "|"))
        return surplus == 0 ? !isSNAP : surplus > 0
    }

    private mutating func addLinks() throws(TopologyError) {
        let isProviderLeft = isProviderLeft
        // Many lists give every link in both directions.
        var known: Set<Pair> = []
        for row in rows {
            var attributes: [(name: String, text: String)] = []
            switch row.code {
            case "0": attributes.append(("relationship", "peer"))
            case "2": attributes.append(("relationship", "sibling"))
            default:
                let isLeft = (row.code == "-1") == isProviderLeft
                attributes.append(("relationship", "customer"))
                attributes.append(("provider", isLeft ? row.left : row.right))
            }
            if let origin = row.origin { attributes.append(("origin", origin)) }
            // A self loop says nothing, not even that its node is part of the network.
            guard row.left != row.right,
                let left = try assembly.node(row.left, at: row.position),
                let right = try assembly.node(row.right, at: row.position),
                known.insert(Pair(left, right)).inserted
            else { continue }
            try assembly.addEdge(row.left, row.right, at: row.position, attributes)
        }
        let side = isProviderLeft ? "left" : "right"
        let sign =
            rows.contains { $0.code == "-1" }
            ? ", in rows with -1 the provider is on the \(side)" : ""
        assembly.note("column 3 holds relationships of networks, no delays\(sign)")
    }
}
