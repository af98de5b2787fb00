import Vocabulary
import Yams

extension YAMLDecoder {
    private static let treeKeys = [
        "root", "topics", "fan-out", "objective", "mode", "delay-bound", "rate", "hop-delay",
        "overflow", "stall", "access", "parents", "feeds", "sinks", "standbys",
    ]

    /// `trees` as a mapping (`name: attributes`) or a list of mappings; without it, one tree of
    /// everything.
    mutating func trees(
        from root: YAMLFields,
        defaults: YAMLFields,
        topologyName: String
    ) -> [Topology.Tree] {
        var trees: [Topology.Tree] = []
        switch root["trees"] {
        case nil: break
        case .mapping(let mapping)?:
            for (key, value) in mapping where !mistakes.isFull {
                guard let name = scalar(key, as: "a tree name") else { continue }
                let fields = fields(of: value, as: "tree \(quoted(name))", keys: Self.treeKeys)
                trees.append(tree(name, from: fields.filled(from: defaults), at: position(of: key)))
            }
        case .sequence(let sequence)?:
            for item in sequence where !mistakes.isFull {
                let fields = fields(of: item, as: "a tree", keys: ["name"] + Self.treeKeys)
                if fields["name"] == nil, sequence.count > 1 {
                    mistakes.add(
                        "this tree has no name; add one, as there are several",
                        at: fields.position
                    )
                }
                let name = text("name", in: fields) ?? topologyName
                trees.append(tree(name, from: fields.filled(from: defaults), at: fields.position))
            }
        case .scalar(let scalar)?:
            mistakes.add(
                "trees must be a mapping (name: attributes) or a list of mappings",
                at: scalar.mark.map { SourcePosition($0) }
            )
        case .alias?: break
        }
        return trees.isEmpty ? [tree(topologyName, from: defaults, at: nil)] : trees
    }

    private mutating func tree(
        _ name: String,
        from fields: YAMLFields,
        at position: SourcePosition?
    ) -> Topology.Tree {
        var tree = Topology.Tree(name: name, position: position)
        if let root = fields["root"], root.scalar?.string != "auto" {
            tree.root = nodeIndex(root, as: "root")
        }
        if let topics = topics(in: fields) { tree.topics = topics }
        tree.fanOut = value("fan-out", in: fields, Topology.FanOut.parsed) ?? .auto
        if let objective = word("objective", in: fields, as: Topology.Objective.self) {
            tree.objective = objective
        }
        if let mode = word("mode", in: fields, as: Topology.ModeChoice.self) { tree.mode = mode }
        if let bound = value("delay-bound", in: fields, Topology.DelayBound.parsed) {
            tree.delayBound = bound
        }
        tree.rateBitsPerSecond = value("rate", in: fields, Quantity.bitsPerSecond)
        if let delay = value("hop-delay", in: fields, Quantity.milliseconds) {
            tree.hopDelayMilliseconds = delay
        }
        if let count = value("standbys", in: fields, Topology.Tree.parsedStandbyCount) {
            tree.standbyCount = count
        }
        tree.overflow = word("overflow", in: fields, as: OverflowPolicy.self)
        tree.stall = stall(in: fields)
        tree.access = AccessFields.list(in: fields, &self)
        tree.fixedParents = fixedParents(in: fields)
        tree.feeds = outsiders("feeds", in: fields, OutsideEndpoint.feed)
        tree.sinks = outsiders("sinks", in: fields, OutsideEndpoint.sink)
        return tree
    }

    /// A prefix, or a list of them.
    private mutating func topics(in fields: YAMLFields) -> [String]? {
        guard case .sequence(let sequence)? = fields["topics"] else {
            return text("topics", in: fields).map { [$0] }
        }
        var topics: [String] = []
        for item in sequence {
            if let topic = scalar(item, as: "a topic") { topics.append(topic) }
        }
        return topics
    }

    /// `parents`: a mapping `child: parent`.
    private mutating func fixedParents(in fields: YAMLFields) -> [Topology.FixedParent] {
        guard let section = fields["parents"] else { return [] }
        guard case .mapping(let mapping) = section else {
            mistakes.add("parents must be a mapping (child: parent)", at: position(of: section))
            return []
        }
        var parents: [Topology.FixedParent] = []
        for (key, value) in mapping where !mistakes.isFull {
            let child = nodeIndex(key, as: "a child")
            let parent = nodeIndex(value, as: "a parent")
            guard let child, let parent else { continue }
            parents.append(.init(child: child, parent: parent, position: position(of: key)))
        }
        return parents
    }
}
