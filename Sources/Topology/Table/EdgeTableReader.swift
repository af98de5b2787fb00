/// Reads large files of links piece by piece, into columns: tables, GraphML and GML, as programs write them.
///
/// ```
///  bytes of the file ─▶ head: which format, which columns ─▶ rows, tags or lists, as they come ─▶ EdgeTable
///                        └── anything unusual: nil, and TopologyReader reads the file as a whole ◀──┘
/// ```
///
/// This reader knows the plain form of each format, and no errors: what is not plain (quotes, attributes in braces, entities, groups,
/// coordinates, a mistake) is left to `TopologyReader`, which explains it. What it does read, both read alike.
public struct EdgeTableReader {
    private enum State {
        /// Waiting for enough to tell the format.
        case head
        case table(TableRows)
        case tagged(GraphMLTags)
        case listed(GMLLists)
        /// Not plain.
        case declined
    }

    private let file: String
    private let options: ImportOptions
    private var state = State.head
    private var pending: ContiguousArray<UInt8> = []
    private var edges: EdgeTable

    private let headByteCount: Int

    public init(file: String, options: ImportOptions = ImportOptions()) {
        self.init(file: file, options: options, headByteCount: 64 << 10)
    }

    /// With another size of the head, for tests.
    init(file: String, options: ImportOptions = ImportOptions(), headByteCount: Int) {
        self.file = file
        self.headByteCount = headByteCount
        self.options = options
        edges = EdgeTable(name: TopologyFormat.stem(of: file))
    }

    /// Whether the rest of the file is worth reading.
    public var isPlain: Bool {
        if case .declined = state { return false }
        return true
    }

    public var linkCount: Int { edges.linkCount }

    /// Takes the next piece of the file.
    public mutating func read(_ piece: UnsafeRawBufferPointer) {
        guard isPlain else { return }
        pending.append(contentsOf: piece)
        if case .head = state {
            guard pending.count >= headByteCount else { return }
            begin()
        }
        consume(isLast: false)
    }

    /// - Returns: the network; `nil` when the file is not plain, or its links leave it in parts.
    public mutating func finish() -> EdgeTable? {
        if case .head = state { begin() }
        consume(isLast: true)
        switch state {
        case .head, .declined: return nil
        case .table(let rows): edges.notes = rows.notes
        case .tagged(let tags): edges.notes = tags.notes
        case .listed(let lists): edges.notes = lists.notes
        }
        guard edges.linkCount > 0, edges.nodes.areValid, edges.isConnected else { return nil }
        return edges
    }

    private mutating func begin() {
        // Up to the last whole line.
        let end = pending.count < headByteCount ? pending.count : pending.lastIndex(of: 0x0A)
        guard let end, let source = try? SourceText(Array(pending[..<end]), file: file),
            source.notes.isEmpty, source.bytes.count == end,
            let format = try? TopologyFormat.of(source)
        else { return state = .declined }
        switch format {
        case .edgeList: state = TableRows(source, options).map { State.table($0) } ?? .declined
        case .graphML where options == ImportOptions(): state = .tagged(GraphMLTags())
        case .gml where options == ImportOptions(): state = .listed(GMLLists())
        default: state = .declined
        }
    }

    private mutating func consume(isLast: Bool) {
        let consumedCount: Int?
        switch state {
        case .head, .declined: return
        case .table(var rows):
            // Taken out while it works, so that it is not copied.
            state = .head
            consumedCount = pending.withUnsafeBufferPointer {
                rows.consume($0, isLast: isLast, into: &edges)
            }
            state = .table(rows)
        case .tagged(var tags):
            state = .head
            consumedCount = pending.withUnsafeBufferPointer {
                tags.consume($0, isLast: isLast, into: &edges)
            }
            state = .tagged(tags)
        case .listed(var lists):
            state = .head
            consumedCount = pending.withUnsafeBufferPointer {
                lists.consume($0, isLast: isLast, into: &edges)
            }
            state = .listed(lists)
        }
        guard let consumedCount, edges.nodeCount <= Topology.nodeCountMax,
            edges.linkCount <= Topology.linkCountMax
        else {
            pending.removeAll()
            return state = .declined
        }
        pending.removeFirst(consumedCount)
    }
}

/// What the plain readers do with bytes.
enum PlainBytes {
    /// A delay in the unit of a rule, as `DelayRule.milliseconds` has it; `nil` for what is none.
    @inline(__always)
    static func delay(_ text: UnsafeBufferPointer<UInt8>, _ rule: DelayRule) -> Double? {
        // Up to 15 digits and a power of ten to 10²² are exact, so their quotient is the nearest number.
        var digits = 0
        var decimals = -1
        var value = 0
        for byte in text {
            if byte == UInt8(ascii: "."), decimals < 0 {
                decimals = 0
                continue
            }
            let digit = Int(byte) - 0x30
            guard digit >= 0, digit <= 9, digits < 15 else { return slowDelay(text, rule) }
            value = value * 10 + digit
            digits += 1
            if decimals >= 0 { decimals += 1 }
        }
        guard digits > 0, decimals != 0, text[0] != UInt8(ascii: ".") else {
            return slowDelay(text, rule)
        }
        var number = Double(value)
        if decimals > 0 { number /= powers[decimals] }
        let milliseconds = number * rule.unit.inMilliseconds * (rule.isRoundTrip ? 0.5 : 1)
        return milliseconds <= 1000 ? milliseconds : slowDelay(text, rule)
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    private static func slowDelay(_ text: UnsafeBufferPointer<UInt8>, _ rule: DelayRule) -> Double?
    {
        guard let text = String(validating: text, as: UTF8.self) else { return nil }
        return try? rule.milliseconds(text, isCommaDecimal: false).get()
    }

    /// Whether a name is one that no check would refuse.
    @inline(__always)
    static func isName(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !text.isEmpty, text.count <= 255 else { return false }
        for byte in text where byte < 0x20 || byte == 0x7F { return false }
        return true
    }
}
