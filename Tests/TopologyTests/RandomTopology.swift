import Vocabulary

@testable import Topology

/// Topologies of all that can be said, by chance.
enum RandomTopology {
    private static let names = [
        "oslo", "no", "007", "1e3", "null", "~", "a b", "a: b", "x#y", "- dash", "[x]", "{y}",
        "é ü", "日本",
        "*star", "&amp;", "it's", "say \"hi\"", "back\\slash", "comma, too", "trailing.", "!bang",
        "%pc",
        "@at", "`tick", "node", "graph", "true", "<b>", "?", "| bar", "> gt", "a/b", "=", "\u{85}x",
        "x\u{2028}y",
    ]

    static func make(_ random: inout SplitMix64) -> Topology {
        func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
        let count = Int.random(in: 1...8, using: &random)
        let ids = names.shuffled(using: &random).prefix(count)
        var topology = Topology(name: names.randomElement(using: &random) ?? "net")
        topology.epoch = chance(0.3) ? Int.random(in: 0...99, using: &random) : 1
        topology.security = chance(0.2) ? .links : .none
        for id in ids {
            var node = Topology.Node(id: id)
            if chance(0.5) { node.label = names.randomElement(using: &random) ?? id }
            if chance(0.4) { node.region = names.randomElement(using: &random) }
            if chance(0.5) {
                node.coordinates = .init(
                    latitude: Double.random(in: -90...90, using: &random),
                    longitude: Double.random(in: -180...180, using: &random)
                )
            }
            if chance(0.3) { node.weight = Double(Int.random(in: 0...9, using: &random)) }
            if chance(0.3) { node.maxChildren = Int.random(in: 0...9, using: &random) }
            if chance(0.3) {
                node.uplinkBitsPerSecond = Double.random(in: 1...1e12, using: &random)
            }
            if chance(0.2) { node.overflow = OverflowPolicy.allCases.randomElement(using: &random) }
            if chance(0.2) { node.stall = .never }
            if chance(0.2) { node.allow = .any }
            node.isPassThrough = chance(0.2)
            topology.nodes.append(node)
        }
        for b in topology.nodes.indices.dropFirst() {
            var link = Topology.Link(
                a: Int.random(in: 0..<b, using: &random),
                b: b,
                delayMilliseconds: chance(0.3) ? 1 : Double.random(in: 0...100, using: &random)
            )
            if chance(0.4) {
                link.bandwidthBitsPerSecond =
                    Double(Int.random(in: 1...10_000, using: &random)) * 1e6
            }
            if chance(0.3) { link.cost = Double.random(in: 0...10, using: &random) }
            topology.links.append(link)
        }
        addTrees(to: &topology, &random)
        addAttributes(to: &topology, &random)
        return topology
    }

    private static func addTrees(to topology: inout Topology, _ random: inout SplitMix64) {
        let count = Int.random(in: 0...3, using: &random)
        guard count > 0 else {
            topology.trees = [Topology.Tree(name: topology.name)]
            return
        }
        for (number, name) in names.shuffled(using: &random).prefix(count).enumerated() {
            var tree = Topology.Tree(name: name, topics: ["topic \(number): "])
            if Bool.random(using: &random) {
                tree.root = topology.nodes.indices.randomElement(using: &random)
            }
            if Bool.random(using: &random) {
                tree.fanOut = .atMost(Int.random(in: 1...9, using: &random))
            }
            tree.objective = Topology.Objective.allCases.randomElement(using: &random) ?? .radius
            tree.mode = Topology.ModeChoice.allCases.randomElement(using: &random) ?? .auto
            tree.hopDelayMilliseconds = Double.random(in: 0...3, using: &random)
            if Bool.random(using: &random) {
                tree.rateBitsPerSecond = Double.random(in: 1...1e9, using: &random)
            }
            if Bool.random(using: &random) {
                tree.standbyCount = Int.random(in: 0...3, using: &random)
            }
            if tree.objective != .cost {
                switch Int.random(in: 0...3, using: &random) {
                case 0 where tree.fixedParents.isEmpty: tree.redundancy = 2
                case 1 where topology.nodes.contains { $0.region != nil }:
                    tree.regionStretch = Double.random(in: 1...4, using: &random)
                default: break
                }
            }
            topology.trees.append(tree)
        }
    }

    private static func addAttributes(to topology: inout Topology, _ random: inout SplitMix64) {
        func list(_ random: inout SplitMix64) -> [TopologyAttribute] {
            let names = ["colour", "owner: x", "Rack No", "seen"].shuffled(using: &random)
            return names.prefix(Int.random(in: 0...3, using: &random)).map { name in
                TopologyAttribute(name: name, text: Self.names.randomElement(using: &random) ?? "")
            }
        }
        topology.attributes.network = list(&random)
        let nodes = topology.nodes.map { _ in list(&random) }
        if nodes.contains(where: { !$0.isEmpty }) { topology.attributes.nodes = nodes }
        let links = topology.links.map { _ in list(&random) }
        if links.contains(where: { !$0.isEmpty }) { topology.attributes.links = links }
    }
}
