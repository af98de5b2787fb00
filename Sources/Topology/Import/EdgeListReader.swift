/// Reads edge lists: one `a b [delay in ms]` per line, `#` starts a comment.
///
/// Fields are parted by blanks or tabs; in a line without blanks, and in `.csv` files always, by
/// commas. Every line is one undirected link, so files that list both directions work too.
/// Rocketfuel's `.intra` files are of this form; they are measured maps that may have islands, so
/// of those the largest connected part is taken. Anything else in pieces is refused.
struct EdgeListReader {
    private let source: SourceText
    private let isCommaSeparated: Bool
    private var nodes: [Topology.Node] = []
    private var indexOf: [String: Int] = [:]
    private var links = SimpleLinks()
    private var mistakes: Mistakes

    private typealias Field = Range<Int>

    static func read(_ source: SourceText) throws(TopologyError) -> Topology {
        var reader = EdgeListReader(source)
        try reader.readLines()
        var topology = Topology(
            name: TopologyFormat.stem(of: source.file),
            nodes: reader.nodes,
            links: reader.links.links
        )
        topology.notes = reader.notes
        if TopologyFormat.fileExtension(of: source.file) == "intra" {
            topology = topology.largestPart()
        } else {
            var validation = Validation(of: topology, file: source.file)
            validation.checkConnection()
            try validation.mistakes.check()
        }
        topology.trees = [Topology.Tree(name: topology.name)]
        return topology
    }

    private init(_ source: SourceText) {
        self.source = source
        isCommaSeparated = TopologyFormat.fileExtension(of: source.file) == "csv"
        mistakes = Mistakes(file: source.file)
    }

    private mutating func readLines() throws(TopologyError) {
        // A short line has ten bytes or so; growing these in steps would copy them many times.
        let lineEstimate = min(source.bytes.count / 16, Topology.linkCountMax)
        links.reserveCapacity(lineEstimate)
        var lineNumber = 0
        var start = 0
        var isFirstEdge = true
        while start < source.bytes.count, !mistakes.isFull {
            lineNumber += 1
            let end = source.bytes[start...].firstIndex(of: 0x0A) ?? source.bytes.count
            let fields = fields(of: start..<end)
            if !fields.isEmpty {
                if !(isFirstEdge && isHeader(fields)) {
                    readEdge(fields, line: lineNumber, lineStart: start)
                }
                isFirstEdge = false
            }
            start = end + 1
        }
        try mistakes.check()
        if links.links.isEmpty {
            throw TopologyError(
                file: source.file,
                message: "no links found; an edge list has one \"a b [delay in ms]\" per line"
            )
        }
    }

    private mutating func readEdge(_ fields: [Field], line: Int, lineStart: Int) {
        func place(_ offset: Int) -> SourcePosition {
            let scalars = source.bytes[lineStart..<offset].count { $0 & 0xC0 != 0x80 }
            return SourcePosition(line: line, column: scalars + 1)
        }
        guard (2...3).contains(fields.count) else {
            let found = fields.count > 3 ? "more than three fields" : "one field"
            mistakes.add(
                "expected two node ids and perhaps a delay in ms, found \(found)",
                at: place(fields[0].lowerBound)
            )
            return
        }
        if let empty = fields.prefix(2).first(where: \.isEmpty) {
            mistakes.add("this node id is empty; write two ids", at: place(empty.lowerBound))
            return
        }
        var delay = Topology.Link.delayMillisecondsDefault
        if fields.count == 3, !fields[2].isEmpty {
            switch Quantity.millisecondsByDefault(text(fields[2])) {
            case .success(let value): delay = value
            case .failure(let refusal):
                mistakes.add(refusal.reason, at: place(fields[2].lowerBound))
                return
            }
        }
        let (a, b) = (text(fields[0]), text(fields[1]))
        // A self loop says nothing, not even that its node is part of the network.
        if a == b {
            links.add(Topology.Link(a: 0, b: 0, delayMilliseconds: delay))
            return
        }
        let from = node(a, at: place(fields[0].lowerBound))
        let to = node(b, at: place(fields[1].lowerBound))
        guard nodes.count <= Topology.nodeCountMax, links.links.count < Topology.linkCountMax else {
            mistakes.add(
                "more than \(Topology.nodeCountMax) nodes or \(Topology.linkCountMax) links",
                at: place(fields[0].lowerBound)
            )
            return
        }
        links.add(
            Topology.Link(
                a: from,
                b: to,
                delayMilliseconds: delay,
                position: place(fields[0].lowerBound)
            )
        )
    }

    private mutating func node(_ id: String, at position: SourcePosition) -> Int {
        if let index = indexOf[id] { return index }
        if let reason = Validation.refusal(ofName: id) {
            mistakes.add("the node id \(quoted(id)) \(reason)", at: position)
        }
        let index = nodes.count
        indexOf[id] = index
        nodes.append(Topology.Node(id: id, position: position))
        return index
    }

    /// `source,target` and the like on the first line, as spreadsheets write it.
    private func isHeader(_ fields: [Field]) -> Bool {
        guard fields.count >= 2 else { return false }
        return ["source", "src", "from"].contains(text(fields[0]).lowercased())
            && ["target", "dst", "dest", "destination", "to"].contains(text(fields[1]).lowercased())
    }

    /// Many lists give every link in both directions, which is not worth a note; two different delays are.
    private var notes: [String] {
        var notes: [String] = []
        if links.selfLoopCount > 0 {
            notes.append("\(counted(links.selfLoopCount, "self loop")) dropped")
        }
        if links.conflictCount > 0 {
            let count = counted(links.conflictCount, "link")
            notes.append("\(count) given again with another delay; the shorter counts")
        }
        return notes
    }

    // MARK: Fields

    private func text(_ field: Field) -> String {
        String(decoding: source.bytes[field], as: UTF8.self)
    }

    /// The fields of a line, without its comment; at most four, since more are just as wrong.
    private func fields(of line: Range<Int>) -> [Field] {
        var end = line.upperBound
        var hasBlank = false
        var previousIsBlank = true
        var start = line.lowerBound
        for index in line {
            let byte = source.bytes[index]
            if byte == UInt8(ascii: "#"), previousIsBlank {
                end = index
                break
            }
            previousIsBlank = Self.isBlank(byte)
        }
        while end > start, Self.isBlank(source.bytes[end - 1]) { end -= 1 }
        while start < end, Self.isBlank(source.bytes[start]) { start += 1 }
        guard start < end else { return [] }
        if !isCommaSeparated { hasBlank = source.bytes[start..<end].contains(where: Self.isBlank) }
        return hasBlank ? blankSeparated(start..<end) : commaSeparated(start..<end)
    }

    private func blankSeparated(_ range: Range<Int>) -> [Field] {
        source.bytes[range].split(maxSplits: 8, whereSeparator: Self.isBlank).prefix(4).map {
            slice in
            // "a, b, 5": the comma belongs to the list, not to the id.
            let hasComma = slice.last == UInt8(ascii: ",")
            return slice.startIndex..<(slice.endIndex - (hasComma ? 1 : 0))
        }
    }

    private func commaSeparated(_ range: Range<Int>) -> [Field] {
        source.bytes[range].split(
            separator: UInt8(ascii: ","),
            maxSplits: 8,
            omittingEmptySubsequences: false
        ).prefix(4).map { slice in
            let trimmed = slice.drop(while: Self.isBlank)
            let end = trimmed.lastIndex { !Self.isBlank($0) }.map { $0 + 1 } ?? trimmed.startIndex
            return trimmed.startIndex..<end
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D
    }
}
