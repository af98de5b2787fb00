import Yams
import Vocabulary

/// Turns a YAML tree into a topology, collecting mistakes; this file holds what all sections share.
///
/// A value that cannot be read is reported where it stands and then taken as absent, so that one
/// mistake is one error.
struct YAMLDecoder {
    let file: String
    var mistakes: Mistakes
    /// The index of each node id, once nodes are read.
    var indexOf: [String: Int] = [:]
    /// Node ids in the order of the file, to guess what a mistyped one was meant to be.
    var nodeIDs: [String] = []

    init(file: String) {
        self.file = file
        mistakes = Mistakes(file: file)
    }

    mutating func topology(from root: Yams.Node) -> Topology {
        let keys = [
            "name", "epoch", "security", "defaults", "nodes", "links", "segments", "trees",
            "attributes",
        ]
        let fields = fields(of: root, as: "a topology", keys: keys)
        let stem = TopologyFormat.stem(of: file)
        var topology = Topology(
            name: text("name", in: fields) ?? (stem.isEmpty ? "topology" : stem)
        )
        let defaults = defaults(from: fields)
        topology.nodes = nodes(from: fields, defaults: defaults.nodes)
        topology.links = links(from: fields, defaults: defaults.links, nodes: topology.nodes)
        readNetwork(from: fields, treeDefaults: defaults.trees, into: &topology)
        topology.attributes = AttributeFields.attributes(of: fields, &self)
        return topology
    }

    /// What stands beside nodes and links.
    mutating func readNetwork(
        from fields: YAMLFields,
        treeDefaults: YAMLFields = YAMLFields(),
        into topology: inout Topology
    ) {
        topology.epoch = value("epoch", in: fields, Quantity.epoch) ?? topology.epoch
        topology.security = word("security", in: fields, as: SecurityProfile.self) ?? .none
        topology.segments = segments(from: fields)
        topology.trees = trees(from: fields, defaults: treeDefaults, topologyName: topology.name)
    }

    /// Knows the nodes that others are referred to by.
    mutating func know(_ nodes: [Topology.Node]) {
        for (index, node) in nodes.enumerated() where indexOf[node.id] == nil {
            indexOf[node.id] = index
        }
        nodeIDs = nodes.map(\.id)
    }

    /// The `defaults` section: values that count as if they stood in each item that lacks them.
    private mutating func defaults(
        from root: YAMLFields
    ) -> (nodes: YAMLFields, links: YAMLFields, trees: YAMLFields) {
        let sections = fields("defaults", in: root, keys: ["nodes", "links", "trees"])
        return (
            fields(
                "nodes",
                in: sections,
                keys: [
                    "bind-address", "max-children", "uplink", "region", "weight", "overflow",
                    "stall", "access", "allow", "pass-through",
                ]
            ),
            fields("links", in: sections, keys: ["delay", "bandwidth", "cost"]),
            fields(
                "trees",
                in: sections,
                keys: [
                    "fan-out", "objective", "mode", "delay-bound", "rate", "hop-delay", "overflow",
                    "stall", "standbys", "redundant", "region-stretch",
                ]
            )
        )
    }

    // MARK: Mappings

    /// The fields of the mapping under `key`; none when it is absent.
    private mutating func fields(
        _ key: String,
        in fields: YAMLFields,
        keys: [String]
    ) -> YAMLFields {
        guard let node = fields[key] else { return YAMLFields() }
        return self.fields(of: node, as: key, keys: keys)
    }

    /// The fields of a mapping, whose keys must be among `keys`. Nothing (`null`) is an empty
    /// mapping.
    mutating func fields(of node: Yams.Node, as what: String, keys: [String]) -> YAMLFields {
        var fields = YAMLFields(position: position(of: node))
        guard !node.isNull else { return fields }
        guard case .mapping(let mapping) = node else {
            mistakes.add(
                "\(what) must be a mapping (key: value); keys are \(keys.joined(separator: ", "))",
                at: fields.position
            )
            return fields
        }
        for (key, value) in mapping {
            guard let name = scalar(key, as: "a key") else { continue }
            if keys.contains(name) {
                if !value.isNull { fields[name] = value }
            } else {
                mistakes.add(
                    "unknown key \(quoted(name))\(KeyHint.text(for: name, among: keys))",
                    at: position(of: key)
                )
            }
        }
        return fields
    }

    // MARK: Values

    /// The text of a scalar node; a list or mapping in its place is a mistake.
    mutating func scalar(_ node: Yams.Node, as what: String) -> String? {
        if case .scalar(let scalar) = node { return scalar.string }
        let problem = "\(what) must be a single value, not a list or mapping"
        mistakes.add(problem, at: position(of: node))
        return nil
    }

    mutating func text(_ key: String, in fields: YAMLFields) -> String? {
        value(key, in: fields) { .success($0) }
    }

    /// The value under `key`, as `parse` reads it; `nil` when it is absent or refused.
    mutating func value<Value>(
        _ key: String,
        in fields: YAMLFields,
        _ parse: (String) -> Result<Value, ValueError>
    ) -> Value? {
        fields[key].flatMap { parsed($0, as: key, parse) }
    }

    /// A scalar, as `parse` reads it; `nil` when it is refused.
    mutating func parsed<Value>(
        _ node: Yams.Node,
        as what: String,
        _ parse: (String) -> Result<Value, ValueError>
    ) -> Value? {
        guard let text = scalar(node, as: what) else { return nil }
        switch parse(text) {
        case .success(let value): return value
        case .failure(let refusal):
            mistakes.add("\(what): \(refusal.reason)", at: position(of: node))
            return nil
        }
    }

    /// A number of at least 0; nothing that counts or costs here passes 1e12.
    mutating func amount(_ key: String, in fields: YAMLFields) -> Double? {
        value(key, in: fields) { text in
            if let refusal = Quantity.commaRefusal(of: text) { return .failure(refusal) }
            guard let number = Quantity.number(text), (0...1e12).contains(number) else {
                return .failure(ValueError("\(quoted(text)) must be a number from 0 to 1e12"))
            }
            return .success(number)
        }
    }

    /// A count of at least `least`, or `unlimited`, which is how a default is lifted.
    mutating func limit(_ key: String, in fields: YAMLFields, least: Int) -> Int? {
        let limit: Int?? = value(key, in: fields) { text in
            if text == "unlimited" { return .success(nil) }
            guard let count = Int(text), count >= least else {
                return .failure(
                    ValueError(
                        "\(quoted(text)) must be a whole number, at least \(least), or unlimited"
                    )
                )
            }
            return .success(count)
        }
        return limit ?? nil
    }

    /// One of the words of an enumeration.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        in fields: YAMLFields,
        as type: Word.Type
    ) -> Word? where Word.RawValue == String {
        value(key, in: fields) { text in
            if let word = Word(rawValue: text) { return .success(word) }
            let words = Word.allCases.map(\.rawValue)
            let guess = Spelling.suggestion(for: text, among: words)
            return .failure(
                ValueError(
                    "\(quoted(text)) is not known"
                        + (guess.isEmpty
                            ? "; possible are \(words.joined(separator: ", "))" : guess)
                )
            )
        }
    }

    /// A time with its unit, or `never`.
    mutating func stall(in fields: YAMLFields) -> StallTimeout? {
        value("stall", in: fields, Quantity.stall)
    }

    /// The elements of the list under `key`; none when it is absent.
    mutating func list(_ key: String, in fields: YAMLFields) -> [Yams.Node] {
        guard let node = fields[key] else { return [] }
        if case .sequence(let sequence) = node { return Array(sequence) }
        mistakes.add("\(key) must be a list", at: position(of: node))
        return []
    }

    /// The index of the node that a scalar names.
    mutating func nodeIndex(_ node: Yams.Node, as what: String) -> Int? {
        guard let id = scalar(node, as: what) else { return nil }
        return nodeIndex(named: id, at: position(of: node))
    }

    mutating func nodeIndex(named id: String, at position: SourcePosition?) -> Int? {
        if let index = indexOf[id] { return index }
        let guess = Spelling.suggestion(for: id, among: nodeIDs)
        let advice = guess.isEmpty ? "; add it under nodes, or correct it" : guess
        mistakes.add(
            "unknown node \(quoted(id))\(advice)",
            at: position
        )
        return nil
    }

    func position(of node: Yams.Node) -> SourcePosition? {
        node.mark.map { SourcePosition($0) }
    }
}

/// The checked fields of one mapping.
struct YAMLFields {
    var position: SourcePosition?
    private var values: [String: Yams.Node] = [:]

    init(position: SourcePosition? = nil) {
        self.position = position
    }

    subscript(key: String) -> Yams.Node? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// These fields, and those of `defaults` that are absent here.
    func filled(from defaults: YAMLFields) -> YAMLFields {
        var filled = self
        filled.values.merge(defaults.values) { own, _ in own }
        return filled
    }
}

extension Yams.Node {
    /// `key:` with nothing after it, or `~`, or `null`, without quotes.
    var isNull: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }
}
