import Vocabulary
import Yams

extension YAMLDecoder {
    private static let treeKeys = [
        "root", "topics", "fan-out", "objective", "mode", "delay-bound", "rate", "hop-delay",
        "overflow", "stall", "access", "parents", "feeds", "sinks", "standbys", "redundant",
        "region-stretch",
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
        if let topics = TreeFields.topics(in: fields, &self) { tree.topics = topics }
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
        if let count = value("redundant", in: fields, Topology.Tree.parsedRedundancy) {
            tree.redundancy = count
        }
        tree.regionStretch = value(
            "region-stretch",
            in: fields,
            Topology.Tree.parsedRegionStretch
        )
        tree.overflow = word("overflow", in: fields, as: OverflowPolicy.self)
        tree.stall = stall(in: fields)
        tree.access = AccessFields.list(in: fields, &self)
        tree.fixedParents = TreeFields.fixedParents(in: fields, &self)
        tree.feeds = outsiders("feeds", in: fields, OutsideEndpoint.feed)
        tree.sinks = outsiders("sinks", in: fields, OutsideEndpoint.sink)
        return tree
    }
}
