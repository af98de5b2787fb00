/// Which columns of a table are what.
struct TableColumns {
    var source = 0
    var target = 1
    var delay: (column: Int, rule: DelayRule)?
    var bandwidth: (column: Int, rule: BandwidthRule)?
    var cost: Int?
    /// How many columns a row may have.
    var countMax = 3
    /// The delay column is a guess: it counts only if all of it can be one.
    var isDelayGuessed = false
    /// The names of the columns; empty without a heading.
    private(set) var names: [String] = []

    /// Two ids.
    init() {}

    /// The columns of a table without a heading: two ids and a delay in ms.
    init(options: ImportOptions) throws(ValueError) {
        let rule = DelayRule(unit: options.delayUnit, key: nil)
        switch options.delayKey {
        case nil: delay = (2, rule)
        case ImportOptions.nothing?: countMax = TableRow.fieldCountMax
        case let key?:
            guard let number = Int(key), (3...TableRow.fieldCountMax).contains(number) else {
                throw ValueError(
                    "--delay-key: this table has no heading with the column \(quoted(key)); "
                        + "give the number of the column, such as 3"
                )
            }
            delay = (number - 1, rule)
            countMax = TableRow.fieldCountMax
        }
    }

    /// The columns that a heading names; `nil` = the row is no heading. A strict one has the names of both
    /// ends, and certain ones.
    init?(
        heading names: [String],
        options: ImportOptions,
        isStrict: Bool = false
    ) throws(ValueError) {
        let keys = names.map(KeyName.init)
        let ends = names.map(EndName.init)
        let values = Self.values(keys, names: names, options: options)
        let source = ends.firstIndex { $0.end == .source }
        let target = ends.firstIndex { $0.end == .target }
        if let source, let target {
            let isCertain = ends[source].isCertain && ends[target].isCertain
            guard isCertain || (!isStrict && !values.isEmpty) else { return nil }
            (self.source, self.target) = (source, target)
        } else {
            // The name of a value says that this is a heading; the ends come first then.
            guard !isStrict, names.count >= 3, let first = values.min(), first >= 2 else {
                return nil
            }
        }
        self.names = names
        countMax = max(names.count, 2)
        try chooseDelay(keys, options: options)
        let bandwidths = Self.ranked(keys) { $0.rank(as: .bandwidth) }
        if let column = bandwidths.first {
            bandwidth = (column, BandwidthRule(unit: keys[column].bandwidthUnit))
        }
        cost = Self.ranked(keys) { $0.rank(as: .cost) }.first { $0 != delay?.column }
    }

    /// Names of columns that hold no end of a link.
    private static let noEnds: Set<String> = [
        "", "id", "suid", "key", "nr", "no", "index", "name", "label", "type", "interaction",
        "edgeid", "linkid",
    ]

    /// Rows have one field more than the heading: R's names of the rows.
    mutating func shift() {
        source += 1
        target += 1
        countMax += 1
        delay?.column += 1
        bandwidth?.column += 1
        cost = cost.map { $0 + 1 }
        names.insert("", at: 0)
    }

    // MARK: Delay

    private mutating func chooseDelay(
        _ keys: [KeyName],
        options: ImportOptions
    ) throws(ValueError) {
        if options.delayKey == ImportOptions.nothing { return }
        if let told = options.delayKey {
            guard let column = Self.column(told: told, keys, names: names) else {
                let known = names.map { quoted($0) }.joined(separator: ", ")
                throw ValueError(
                    "--delay-key: there is no column \(quoted(told)); the columns are \(known)"
                )
            }
            return take(column, keys, options)
        }
        for role in [KeyName.EdgeRole.delay, .roundTrip, .length, .weight] {
            for column in Self.ranked(keys, { $0.rank(as: role) })
            where column != source && column != target {
                let unit = options.delayUnit ?? keys[column].delayUnit
                if role == .length, unit?.isLength != true { continue }
                isDelayGuessed = role == .weight
                return take(column, keys, options)
            }
        }
    }

    private mutating func take(_ column: Int, _ keys: [KeyName], _ options: ImportOptions) {
        delay = (column, DelayRule(unit: options.delayUnit, key: keys[column]))
    }

    private static func column(told: String, _ keys: [KeyName], names: [String]) -> Int? {
        if let index = names.firstIndex(of: told) { return index }
        let folded = KeyName(told).folded
        if let index = keys.firstIndex(where: { $0.folded == folded && !folded.isEmpty }) {
            return index
        }
        return Int(told).flatMap { names.indices.contains($0 - 1) ? $0 - 1 : nil }
    }

    /// Columns whose names say that they hold a value of a link.
    private static func values(
        _ keys: [KeyName],
        names: [String],
        options: ImportOptions
    ) -> [Int] {
        keys.indices.filter { index in
            keys[index].isOfEdges && keys[index].rank(as: .caption) == nil
                || (options.delayKey.map { $0 == names[index] } ?? false)
        }
    }

    private static func ranked(_ keys: [KeyName], _ rank: (KeyName) -> Int?) -> [Int] {
        keys.indices.compactMap { index in rank(keys[index]).map { ($0, index) } }
            .sorted { $0 < $1 }.map(\.1)
    }

    // MARK: What is said

    /// What was taken, and what was not.
    func notes(isHeaded: Bool) -> [String] {
        var taken: [String] = []
        if let delay {
            let from = isHeaded ? quoted(names[delay.column]) : "column \(delay.column + 1)"
            let guess =
                isDelayGuessed ? ", which is a guess (--delay-key and --delay-unit tell)" : ""
            taken.append("delays from \(from), \(delay.rule.description)\(guess)")
        }
        if let bandwidth { taken.append("bandwidths from \(quoted(names[bandwidth.column]))") }
        if let cost { taken.append("costs from \(quoted(names[cost]))") }
        var notes: [String] = []
        if !taken.isEmpty { notes.append("taken from the file: " + taken.joined(separator: "; ")) }
        guard delay == nil else { return notes }
        let others = names.indices.filter { $0 != source && $0 != target && !names[$0].isEmpty }
        let list = others.prefix(8).map { quoted(names[$0]) }.joined(separator: ", ")
        notes.append(
            (others.isEmpty ? "no column is a delay" : "no delay among the columns \(list)")
                + "; links count 1 ms" + (others.isEmpty ? "" : " (--delay-key tells)")
        )
        return notes
    }
}

/// Whether the name of a column says that it holds one end of each link.
struct EndName {
    enum End { case source, target }

    let end: End?
    /// A name such as `a` or `node1` may be an id as well.
    let isCertain: Bool

    init(_ name: String) {
        let words = Self.words(of: name)
        var core = words.filter { !Self.fillers.contains($0) }
        // `a_end` and `z_end`.
        if core.count == 2, core.contains(where: { $0.count == 1 }) {
            core.removeAll { $0 == "end" }
        }
        guard core.count == 1, let word = core.first, name.contains(where: \.isLetter) else {
            end = nil
            isCertain = false
            return
        }
        if Self.sources.contains(word) || Self.targets.contains(word) {
            end = Self.sources.contains(word) ? .source : .target
            isCertain = true
        } else if let pair = Self.pairs.first(where: { $0.0 == word || $0.1 == word }) {
            end = pair.0 == word ? .source : .target
            isCertain = false
        } else {
            end = nil
            isCertain = false
        }
    }

    /// `FromNodeId` ─▶ from, node, id; `node1` ─▶ node, 1.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previous: Character = " "
        for character in name.prefix(64) {
            let isBreak =
                !(character.isLetter || character.isNumber)
                || character.isUppercase && previous.isLowercase
                || character.isNumber != previous.isNumber
            if isBreak, !word.isEmpty {
                words.append(word)
                word = ""
            }
            if character.isLetter || character.isNumber { word += character.lowercased() }
            previous = character
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    static let sources: Set<String> = [
        "source", "src", "from", "origin", "start", "sourceid", "fromid", "quelle", "von",
    ]
    static let targets: Set<String> = [
        "target", "tgt", "dst", "dest", "destination", "to", "end", "targetid", "toid", "ziel",
        "nach",
    ]
    private static let pairs = [
        ("a", "b"), ("a", "z"), ("u", "v"), ("1", "2"), ("0", "1"), ("i", "j"), ("left", "right"),
        ("parent", "child"), ("local", "remote"), ("local", "peer"), ("near", "far"),
        ("tail", "head"),
    ]
    private static let fillers: Set<String> = [
        "node", "id", "name", "label", "vertex", "host", "hostname", "router", "site", "city",
        "station", "switch", "device", "point", "endpoint", "link", "edge", "side", "the", "ip",
        "addr", "address", "as", "asn", "code", "airport", "dc", "datacenter", "region", "zone",
        "location", "place", "pop", "country", "knoten", "ort",
    ]
}
