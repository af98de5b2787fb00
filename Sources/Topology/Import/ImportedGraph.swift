/// A graph as its file has it: ids and attributes as text, before it is known what they mean.
///
/// Readers keep only attributes that can mean something (`AttributeTable.column(named:)`), so a
/// graph is never larger than its file. `GraphMeaning` makes a topology of it.
struct ImportedGraph {
    struct Node {
        let id: String
        let position: SourcePosition
        var values = AttributeValues()
        /// The id of the group the node is drawn in.
        var group: String?
        /// Drawn around other nodes: no site by itself.
        var isGroup = false
    }

    struct Edge {
        let source: String
        let target: String
        let position: SourcePosition
        var values = AttributeValues()
    }

    let file: String
    /// What the file says of the whole graph; kept only where everything is.
    private(set) var attributes: [TopologyAttribute] = []
    private let keepsAttributes: Bool
    var nodes: [Node] = []
    var edges: [Edge] = []
    var nodeAttributes: AttributeTable
    var edgeAttributes: AttributeTable
    /// Whether edges make the nodes: the file has no list of them.
    var hasImpliedNodes = false
    /// What the reader passed over, one sentence each.
    var notes: [String] = []
    /// What the reader found wrong; what is found later joins it.
    var mistakes: Mistakes

    init(file: String, options: ImportOptions) {
        self.file = file
        mistakes = Mistakes(file: file)
        let keepsAttributes = options.keepsAttributes
        self.keepsAttributes = keepsAttributes
        nodeAttributes = AttributeTable(
            wishes: [options.labelKey, options.latitudeKey, options.longitudeKey],
            isCandidate: { keepsAttributes || $0.isOfNodes || $0.folded == OwnSettings.key }
        )
        edgeAttributes = AttributeTable(
            wishes: [options.delayKey],
            isCandidate: { keepsAttributes || $0.isOfEdges }
        )
    }

    /// Notes what the file says of the whole graph; the first value counts.
    mutating func setAttribute(_ name: String, to text: String) {
        guard keepsAttributes || name == OwnSettings.key, !text.isEmpty,
            attributes.count < AttributeTable.countMax,
            !attributes.contains(where: { $0.name == name })
        else { return }
        attributes.append(TopologyAttribute(name: name, text: text))
    }
}

/// The names of the attributes of nodes or of edges, in the order of the file.
struct AttributeTable {
    struct Column {
        let name: String
        let key: KeyName
        /// Its values are kept.
        let isKept: Bool
    }

    /// The most names remembered; what comes after is not looked at.
    static let countMax = 1_000

    private(set) var columns: [Column] = []
    var isFull: Bool { columns.count == Self.countMax }
    private var indexOf: [String: Int] = [:]
    private var indexOfAlias: [String: Int] = [:]
    private let told: Set<String>
    private let toldFolded: Set<String>
    private let isCandidate: (KeyName) -> Bool

    init(wishes: [String?], isCandidate: @escaping (KeyName) -> Bool) {
        let names = wishes.compactMap(\.self)
        self.told = Set(names)
        toldFolded = Set(names.map { KeyName($0).folded }.filter { !$0.isEmpty })
        self.isCandidate = isCandidate
    }

    /// The number of the column; `nil` = its values mean nothing to us. `alias` is another name it
    /// goes by in the file.
    mutating func column(named name: String, alias: String? = nil) -> Int? {
        if let index = indexOf[name] { return columns[index].isKept ? index : nil }
        guard columns.count < Self.countMax else { return nil }
        let key = KeyName(name)
        let isTold =
            told.contains(name) || alias.map(told.contains) == true
            || toldFolded.contains(key.folded)
        let index = columns.count
        indexOf[name] = index
        if let alias, indexOfAlias[alias] == nil { indexOfAlias[alias] = index }
        columns.append(Column(name: name, key: key, isKept: isTold || isCandidate(key)))
        return columns[index].isKept ? index : nil
    }

    /// The column a user means: by its name, its other name, or its name in other letters.
    func column(told wish: String) -> Int? {
        if let index = indexOf[wish] ?? indexOfAlias[wish] { return index }
        let folded = KeyName(wish).folded
        guard !folded.isEmpty else { return nil }
        return columns.firstIndex { $0.key.folded == folded }
    }

    /// Columns with a rank, best first; of equals the first in the file.
    func ranked(_ rank: (KeyName) -> Int?) -> [Int] {
        columns.indices.compactMap { index in rank(columns[index].key).map { ($0, index) } }
            .sorted { $0 < $1 }.map(\.1)
    }
}

/// The attributes of one node or edge. They are few, so a list is searched faster than a table.
struct AttributeValues {
    /// The most values that a file gives all nodes or edges which do not say otherwise: they are copied to each.
    static let defaultCountMax = 32

    private(set) var pairs: [(column: Int, text: String)] = []

    subscript(column: Int) -> String? {
        pairs.first { $0.column == column }?.text
    }

    var columns: some Sequence<Int> { pairs.lazy.map(\.column) }

    /// The first value of a column counts.
    mutating func add(_ text: String, column: Int) {
        guard !text.isEmpty, self[column] == nil else { return }
        pairs.append((column, text))
    }

    /// Adds a value to those of all nodes or edges, up to `defaultCountMax`.
    mutating func addDefault(_ text: String, column: Int) {
        guard pairs.count < Self.defaultCountMax else { return }
        add(text, column: column)
    }

    mutating func replace(_ column: Int, with text: String) {
        pairs.removeAll { $0.column == column }
        add(text, column: column)
    }

    /// Adds what is not there yet.
    mutating func add(contentsOf others: AttributeValues) {
        for pair in others.pairs { add(pair.text, column: pair.column) }
    }
}
