/// Which attributes of a graph's edges are delay, bandwidth and cost.
struct EdgeColumns {
    private let graph: ImportedGraph
    private let options: ImportOptions
    private var delay: (column: Int, rule: DelayRule)?
    /// Text for people that holds the delay of edges that do not state it otherwise.
    private var caption: Int?
    /// A weight that may be the delay of edges that state none.
    private var weight: (column: Int, rule: DelayRule)?
    private var bandwidth: (column: Int, rule: BandwidthRule)?
    private var cost: Int?
    /// What was taken, in the words of the note.
    private(set) var taken: [String] = []
    private(set) var notes: [String] = []

    init(_ graph: ImportedGraph, options: ImportOptions) {
        self.graph = graph
        self.options = options
    }

    mutating func choose(hasPlaces: Bool) throws(TopologyError) {
        let isUsed = GraphMeaning.usedColumns(graph.edges.lazy.map(\.values), of: table)
        try chooseDelay(isUsed, hasPlaces: hasPlaces)
        chooseBandwidth(isUsed)
        chooseCost(isUsed)
    }

    /// The columns whose values are taken as they are; a caption may hold more.
    var takenColumns: Set<Int> {
        Set([delay?.column, weight?.column, bandwidth?.column, cost].compactMap(\.self))
    }

    /// `nil` = the file states none.
    func delay(of edge: ImportedGraph.Edge) -> Result<Double, ValueError>? {
        if let delay, let text = edge.values[delay.column] { return delay.rule.milliseconds(text) }
        if let caption, let text = edge.values[caption], let value = Self.quantity(text) {
            return .success(value)
        }
        guard let weight, let text = edge.values[weight.column] else { return nil }
        return weight.rule.milliseconds(text)
    }

    /// A time with its unit, or a length.
    private static func quantity(_ text: String) -> Double? {
        guard ForeignQuantity.number(text) == nil else { return nil }
        return try? DelayRule(unit: nil, key: nil).milliseconds(text).get()
    }

    func bandwidth(of edge: ImportedGraph.Edge) -> Double? {
        guard let bandwidth, let text = edge.values[bandwidth.column] else { return nil }
        return bandwidth.rule.bitsPerSecond(text)
    }

    func cost(of edge: ImportedGraph.Edge) -> Double {
        cost.flatMap { edge.values[$0] }.flatMap { ForeignQuantity.number($0) } ?? 1
    }

    // MARK: Delay

    private mutating func chooseDelay(
        _ isUsed: [Bool],
        hasPlaces: Bool
    ) throws(TopologyError) {
        if options.delayKey == ImportOptions.nothing { return }
        if let told = options.delayKey {
            guard let column = table.column(told: told) else {
                throw graph.unknownKey(told, among: table, of: "edge", option: "--delay-key")
            }
            return take(column)
        }
        for role in [KeyName.EdgeRole.delay, .roundTrip] where delay == nil {
            if let column = first(role, isUsed) { take(column) }
        }
        if delay == nil, let column = first(.length, isUsed) { chooseLength(column) }
        if let column = first(.caption, isUsed), hasQuantities(column) {
            caption = column
            note("\(name(column)) where it holds a time")
        }
        if let column = first(.weight, isUsed) {
            chooseWeight(column, hasPlaces: hasPlaces)
        } else if let column = first(.caption, isUsed), caption == nil, !hasPlaces,
            areDelays(column)
        {
            // Bare numbers on the edges of a drawing.
            chooseWeight(column, hasPlaces: false)
        }
    }

    private mutating func chooseLength(_ column: Int) {
        if (options.delayUnit ?? table.columns[column].key.delayUnit)?.isLength == true {
            return take(column)
        }
        notes.append(
            "\(name(column)) of edges is not read: it has no unit (--delay-key and --delay-unit tell)"
        )
    }

    private mutating func chooseWeight(_ column: Int, hasPlaces: Bool) {
        guard graph.edges.contains(where: { delay(of: $0) == nil }) else { return }
        if hasPlaces {
            notes.append(
                "\(name(column)) of edges is not read: coordinates give the delays "
                    + "(--delay-key tells otherwise)"
            )
        } else if areDelays(column) {
            let rule = DelayRule(unit: options.delayUnit, key: table.columns[column].key)
            note(
                "\(name(column)), \(rule.description), which is a guess "
                    + "(--delay-key and --delay-unit tell)"
            )
            weight = (column, rule)
        } else {
            notes.append("\(name(column)) of edges is not read: it holds what is no delay")
        }
    }

    private mutating func take(_ column: Int) {
        let rule = DelayRule(unit: options.delayUnit, key: table.columns[column].key)
        delay = (column, rule)
        note("\(name(column)), \(rule.description)")
    }

    /// Where delays come from, or those that others leave open.
    private mutating func note(_ source: String) {
        let isFirst = !taken.contains { $0.hasPrefix("delays") }
        taken.append("delays\(isFirst ? "" : " of the others") from \(source)")
    }

    private func areDelays(_ column: Int) -> Bool {
        let rule = DelayRule(unit: options.delayUnit, key: table.columns[column].key)
        return graph.edges.allSatisfy { edge in
            guard let text = edge.values[column] else { return true }
            if case .success = rule.milliseconds(text) { return true }
            return false
        }
    }

    /// Whether some value is a time with its unit, or a length.
    private func hasQuantities(_ column: Int) -> Bool {
        graph.edges.contains { $0.values[column].flatMap { Self.quantity($0) } != nil }
    }

    // MARK: Others

    private mutating func chooseBandwidth(_ isUsed: [Bool]) {
        var unread: Int?
        for column in table.ranked({ $0.rank(as: .bandwidth) }) where isUsed[column] {
            let rule = BandwidthRule(unit: table.columns[column].key.bandwidthUnit)
            let isReadable = graph.edges.contains { edge in
                edge.values[column].flatMap { rule.bitsPerSecond($0) } != nil
            }
            if isReadable {
                bandwidth = (column, rule)
                taken.append("bandwidths from \(name(column))")
                return
            }
            unread = unread ?? column
        }
        if let unread {
            notes.append("\(name(unread)) of edges is not read: it has no unit such as Mbps")
        }
    }

    private mutating func chooseCost(_ isUsed: [Bool]) {
        guard let column = first(.cost, isUsed), delay?.column != column else { return }
        let isCost = graph.edges.allSatisfy { edge in
            guard let text = edge.values[column] else { return true }
            return ForeignQuantity.number(text).map { $0 >= 0 && $0 <= 1e12 } ?? false
        }
        guard isCost else { return }
        cost = column
        taken.append("costs from \(name(column))")
    }

    private var table: AttributeTable { graph.edgeAttributes }

    private func first(_ role: KeyName.EdgeRole, _ isUsed: [Bool]) -> Int? {
        table.ranked { $0.rank(as: role) }.first { isUsed[$0] }
    }

    private func name(_ column: Int) -> String { quoted(table.columns[column].name) }
}
