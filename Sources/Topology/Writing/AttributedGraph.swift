/// A topology as graph formats see it: nodes and links with attributes of one name each.
///
/// The names are those that `KeyName` finds first, so reading the graph gives the topology back. What a
/// graph has no words for goes into the attribute `xylem` (`OwnSettings`). An attribute of the file's own
/// that would be read as something it was not taken for gets another name, which is told.
struct AttributedGraph {
    struct Item {
        /// A node's, or those of a link's ends.
        var ids: [String]
        var attributes: [TopologyAttribute]
    }

    let name: String
    private(set) var network: [TopologyAttribute] = []
    private(set) var nodes: [Item] = []
    private(set) var links: [Item] = []
    private(set) var notes: [String] = []
    private var renamed: [String] = []

    init(_ topology: Topology) {
        name = topology.name
        let fields = TopologyFields(topology: topology)
        let settings: [TopologyFields.Pair] = [("name", .text(topology.name))] + fields.network
        network = [
            TopologyAttribute(name: OwnSettings.key, text: FlowValue.mapping(settings).text)
        ]
        network += topology.attributes.network.filter { $0.name != OwnSettings.key }
        addNodes(of: topology, fields)
        addLinks(of: topology)
        if !renamed.isEmpty {
            let list = renamed.prefix(8).map { quoted($0) }.joined(separator: ", ")
            notes.append(
                "\(counted(renamed.count, "attribute")) renamed to \"\(Self.prefix)…\", as it would be "
                    + "read for something else: \(list)"
            )
        }
    }

    private mutating func addNodes(of topology: Topology, _ fields: TopologyFields) {
        let hasWeights = topology.nodes.contains { $0.weight != 1 }
        var roles: [KeyName.NodeRole] = []
        if !topology.nodes.contains(where: { $0.coordinates != nil }) {
            roles += [.latitude, .longitude, .coordinates]
        }
        if !topology.nodes.contains(where: { $0.region != nil }) { roles.append(.region) }
        if !hasWeights { roles.append(.weight) }
        var names = Names(
            taken: ["id", "label", "latitude", "longitude", "region", "weight", OwnSettings.key]
        ) { key in roles.contains { key.rank(as: $0) != nil } }
        for (index, node) in topology.nodes.enumerated() {
            var list = [TopologyAttribute(name: "label", text: node.label)]
            func add(_ name: String, _ text: String?) {
                if let text { list.append(TopologyAttribute(name: name, text: text)) }
            }
            add("latitude", node.coordinates.map { FlowValue.digits($0.latitude) })
            add("longitude", node.coordinates.map { FlowValue.digits($0.longitude) })
            add("region", node.region)
            if hasWeights { add("weight", FlowValue.digits(node.weight)) }
            let settings = fields.settings(of: node)
            if !settings.isEmpty { add(OwnSettings.key, FlowValue.mapping(settings).text) }
            for attribute in topology.attributes.ofNode(index) {
                add(names.name(for: attribute.name), attribute.text)
            }
            nodes.append(Item(ids: [node.id], attributes: list))
        }
        renamed += names.renamed
    }

    private mutating func addLinks(of topology: Topology) {
        let hasCosts = topology.links.contains { $0.cost != 1 }
        let hasBandwidths = topology.links.contains { $0.bandwidthBitsPerSecond != nil }
        var names = Names(taken: ["source", "target", "delay", "bandwidth", "cost", "key"]) { key in
            key.rank(as: .cost) != nil && !hasCosts
                || key.rank(as: .bandwidth) != nil && !hasBandwidths
        }
        for (index, link) in topology.links.enumerated() {
            var list = [
                TopologyAttribute(name: "delay", text: FlowValue.digits(link.delayMilliseconds))
            ]
            if let bandwidth = link.bandwidthBitsPerSecond {
                list.append(
                    TopologyAttribute(
                        name: "bandwidth",
                        text: TopologyFields.bandwidth(bandwidth)
                    )
                )
            }
            if hasCosts {
                list.append(TopologyAttribute(name: "cost", text: FlowValue.digits(link.cost)))
            }
            for attribute in topology.attributes.ofLink(index) {
                list.append(
                    TopologyAttribute(
                        name: names.name(for: attribute.name),
                        text: attribute.text
                    )
                )
            }
            links.append(
                Item(
                    ids: [topology.nodes[link.a].id, topology.nodes[link.b].id],
                    attributes: list
                )
            )
        }
        renamed += names.renamed
    }

    /// Before the name of an attribute that would be read for something else.
    private static let prefix = "original "

    /// The names that a file's own attributes have in the graph.
    private struct Names {
        private let taken: Set<String>
        private let isRead: (KeyName) -> Bool
        private var known: [String: String] = [:]
        private(set) var renamed: [String] = []

        init(taken: Set<String>, isRead: @escaping (KeyName) -> Bool) {
            self.taken = taken
            self.isRead = isRead
        }

        mutating func name(for name: String) -> String {
            if let known = known[name] { return known }
            let key = KeyName(name)
            let isTaken = taken.contains(name) || taken.contains(key.folded) || isRead(key)
            let other = isTaken ? AttributedGraph.prefix + name : name
            if isTaken { renamed.append(name) }
            known[name] = other
            return other
        }
    }
}
