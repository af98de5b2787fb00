/// Reads the native text form of SNDlib, network files: sections of entries, `#` starts a comment.
///
///     NODES ( OSLO ( 10.75 59.91 ) … )
///     LINKS ( L1 ( OSLO ROME ) 0.00 0.00 0.00 0.00 ( 40000.00 1.00 ) … )
///
/// Capacities are in the network's own unit, which META may name. Whether coordinates are degrees
/// (longitude first) or places in a picture, this form does not say: they count as degrees when all of
/// them could be. What a node sends and receives by all DEMANDS is its weight.
struct SNDlibReader {
    private let source: SourceText
    private var offset = 0
    private var tokenOffset = 0
    private var cursor = PositionCursor()
    private var graph: ImportedGraph
    private var indexOf: [String: Int] = [:]
    private var places: [(x: Double, y: Double)?] = []
    /// Bit/s in one unit of capacity; `nil` = the file does not say.
    private var capacityUnit: Double?
    private var demands = SNDlibDemands()

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
        var reader = SNDlibReader(source, options: options)
        try reader.readSections()
        reader.addPlaces(isTold: options.latitudeKey != nil || options.longitudeKey != nil)
        reader.demands.setWeights(in: &reader.graph)
        return reader.graph
    }

    private init(_ source: SourceText, options: ImportOptions) {
        self.source = source
        graph = ImportedGraph(file: source.file, options: options)
    }

    // MARK: Sections

    private mutating func readSections() throws(TopologyError) {
        if source.bytes.first == UInt8(ascii: "?") { skipLine() }
        var sections: [String] = []
        while let name = token() {
            try expect("(", behind: name)
            sections.append(name)
            switch name {
            case "META": try readMeta()
            case "NODES":
                try readEntries { reader, id throws(TopologyError) in try reader.readNode(id) }
            case "LINKS":
                try readEntries { reader, id throws(TopologyError) in try reader.readLink(id) }
            case "DEMANDS":
                try readEntries { reader, id throws(TopologyError) in try reader.readDemand(id) }
            default: try skipList()
            }
        }
        guard sections.contains("NODES"), sections.contains("LINKS") else {
            throw TopologyError(
                file: source.file,
                message: "there are no NODES and LINKS in this file; of SNDlib, networks are read"
            )
        }
    }

    private mutating func readEntries(
        _ read: (inout SNDlibReader, String) throws(TopologyError) -> Void
    ) throws(TopologyError) {
        while true {
            let id = try word()
            if id == ")" { return }
            try read(&self, id)
        }
    }

    /// `unit = MBITPERSEC`; values reach to the end of the line.
    private mutating func readMeta() throws(TopologyError) {
        while true {
            let key = try word()
            if key == ")" { return }
            let end = source.bytes[offset...].firstIndex(of: 0x0A) ?? source.bytes.count
            let line = String(decoding: source.bytes[offset..<end], as: UTF8.self)
            if key == "unit" {
                let unit = line.split { " =\t\r".contains($0) }.first ?? ""
                capacityUnit = Self.capacityUnit(named: unit)
            }
            offset = end
        }
    }

    private mutating func readNode(_ id: String) throws(TopologyError) {
        let position = position
        if let reason = Validation.refusal(ofName: id) {
            throw error("the node id \(quoted(id)) \(reason)")
        }
        if let earlier = indexOf[id] {
            let line = graph.nodes[earlier].position.line
            throw error("node \(quoted(id)) is defined twice (first on line \(line))")
        }
        guard graph.nodes.count < Topology.nodeCountMax else {
            throw error("more than \(Topology.nodeCountMax) nodes")
        }
        indexOf[id] = graph.nodes.count
        graph.nodes.append(ImportedGraph.Node(id: id, position: position))
        let mark = offset
        guard token() == "(" else {
            offset = mark
            places.append(nil)
            return
        }
        let values = try list()
        let numbers = values.compactMap { Quantity.number($0) }
        guard numbers.count == 2, values.count == 2 else {
            throw error("node \(quoted(id)) needs two coordinates")
        }
        places.append((numbers[0], numbers[1]))
    }

    /// `id ( source target ) capacity cost routing-cost setup-cost ( {module-capacity cost}* )`.
    private mutating func readLink(_ id: String) throws(TopologyError) {
        let position = position
        try expect("(", behind: id)
        let ends = try list()
        guard ends.count == 2 else { throw error("link \(quoted(id)) needs two ends") }
        var numbers: [Double] = []
        while true {
            let text = try word()
            if text == "(" { break }
            guard let number = Quantity.number(text) else {
                throw error("\(quoted(text)) in link \(quoted(id)) is no number")
            }
            numbers.append(number)
        }
        let modules = try list().compactMap { Quantity.number($0) }
        guard graph.edges.count < Topology.linkCountMax else {
            throw error("more than \(Topology.linkCountMax) links")
        }
        var edge = ImportedGraph.Edge(source: ends[0], target: ends[1], position: position)
        if let column = graph.edgeAttributes.column(named: "id") {
            edge.values.add(id, column: column)
        }
        let installed = numbers.first ?? 0
        let largest = modules.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).max() ?? 0
        let capacity = (installed > 0 ? installed : largest) * (capacityUnit ?? 1)
        let name = capacityUnit == nil ? "capacity" : "capacity (bps)"
        if capacity > 0, let column = graph.edgeAttributes.column(named: name) {
            edge.values.add("\(capacity)", column: column)
        }
        if numbers.count > 2, numbers[2] > 0,
            let column = graph.edgeAttributes.column(named: "cost")
        {
            edge.values.add("\(numbers[2])", column: column)
        }
        graph.edges.append(edge)
    }

    /// `id ( source target ) routing-unit value max-path-length`.
    private mutating func readDemand(_ id: String) throws(TopologyError) {
        let position = position
        try expect("(", behind: id)
        let ends = try list()
        let unit = Quantity.number(try word())
        let value = Quantity.number(try word())
        guard ends.count == 2, let unit, let value else {
            throw error("demand \(quoted(id)) needs two ends, a unit and a value")
        }
        _ = try word()
        for end in ends where indexOf[end] == nil {
            graph.mistakes.add(
                "demand \(quoted(id)) ends at the unknown node \(quoted(end)); add the node or "
                    + "remove the demand",
                at: position
            )
        }
        demands.add(from: ends[0], to: ends[1], unit * value)
    }

    private mutating func addPlaces(isTold: Bool) {
        let known = places.compactMap(\.self)
        guard !known.isEmpty else { return }
        let areDegrees = known.allSatisfy { abs($0.x) <= 180 && abs($0.y) <= 90 }
        let isPicture = !areDegrees && !isTold
        if isPicture { graph.notes.append(Self.pictureNote) }
        let names = isPicture ? (y: "y", x: "x") : (y: "latitude", x: "longitude")
        guard let latitude = graph.nodeAttributes.column(named: names.y),
            let longitude = graph.nodeAttributes.column(named: names.x)
        else { return }
        for (index, place) in places.enumerated() {
            guard let place else { continue }
            graph.nodes[index].values.add("\(place.y)", column: latitude)
            graph.nodes[index].values.add("\(place.x)", column: longitude)
        }
    }

    static let pictureNote = "coordinates are not read: they are places in a picture, not degrees"

    /// Bit/s in one unit that a network of the library names.
    static func capacityUnit(named unit: some StringProtocol) -> Double? {
        units[unit.lowercased()]
    }

    private static let units: [String: Double] = [
        "mbitpersec": 1e6, "gbitpersec": 1e9, "kbitpersec": 1e3, "2mbitpersec": 2e6,
        "stm1": 155.52e6, "155mbitpersec": 155.52e6,
    ]

    // MARK: Tokens

    /// A bracket, or what stands between brackets and blanks; `nil` at the end of the file.
    private mutating func token() -> String? {
        let bytes = source.bytes
        while offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "#") {
                skipLine()
            } else if bytes[offset] <= 0x20 {
                offset += 1
            } else {
                break
            }
        }
        tokenOffset = offset
        guard offset < bytes.count else { return nil }
        let isBracket = { (byte: UInt8) in byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") }
        if isBracket(bytes[offset]) {
            offset += 1
            return bytes[offset - 1] == UInt8(ascii: "(") ? "(" : ")"
        }
        let start = offset
        while offset < bytes.count, bytes[offset] > 0x20, !isBracket(bytes[offset]) { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func word() throws(TopologyError) -> String {
        guard let token = token() else {
            throw error("the file ends inside a section; it is cut off")
        }
        return token
    }

    private mutating func expect(_ bracket: String, behind name: String) throws(TopologyError) {
        guard token() == bracket else {
            throw error("expected \(bracket) behind \(quoted(name))")
        }
    }

    /// The words up to the closing bracket.
    private mutating func list() throws(TopologyError) -> [String] {
        var words: [String] = []
        while true {
            let word = try word()
            if word == ")" { return words }
            if word == "(" { throw error("a ( where a number or an id is due") }
            words.append(word)
        }
    }

    private mutating func skipList() throws(TopologyError) {
        var depth = 1
        while depth > 0 {
            let word = try word()
            depth += word == "(" ? 1 : word == ")" ? -1 : 0
        }
    }

    private mutating func skipLine() {
        offset = (source.bytes[offset...].firstIndex(of: 0x0A) ?? source.bytes.count - 1) + 1
    }

    private var position: SourcePosition {
        mutating get { cursor.advance(to: tokenOffset, in: source.bytes) }
    }

    private mutating func error(_ message: String) -> TopologyError {
        TopologyError(file: source.file, position: position, message: message)
    }
}
