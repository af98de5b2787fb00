import Vocabulary

/// A topology's parts as the keys and values of our own format; what is by default is left out.
struct TopologyFields {
    typealias Pair = (key: String, value: FlowValue)

    let topology: Topology

    private func id(_ index: Int) -> FlowValue { .text(topology.nodes[index].id) }

    // MARK: Nodes and links

    /// What every tool has a place for: label, coordinates, region, weight.
    func description(of node: Topology.Node) -> [Pair] {
        var pairs: [Pair] = []
        if node.label != node.id { pairs.append(("label", .text(node.label))) }
        if let place = node.coordinates {
            pairs.append(
                ("coordinates", .list([.number(place.latitude), .number(place.longitude)]))
            )
        }
        if let region = node.region { pairs.append(("region", .text(region))) }
        if node.weight != 1 { pairs.append(("weight", .number(node.weight))) }
        return pairs
    }

    /// What only a relay has: endpoints, limits, policies.
    func settings(of node: Topology.Node) -> [Pair] {
        var pairs: [Pair] = []
        let places = [
            ("publishers", node.publishersEndpoint, node.bind.publishers),
            ("subscribers", node.subscribersEndpoint, node.bind.subscribers),
            ("control", node.controlEndpoint, node.bind.control),
        ]
        for case (let key, let told?, let bind) in places {
            guard let bind else {
                pairs.append((key, .text(told)))
                continue
            }
            pairs.append((key, .mapping([("bind", .text(bind)), ("advertise", .text(told))])))
        }
        if let count = node.maxChildren { pairs.append(("max-children", .plain("\(count)"))) }
        if let uplink = node.uplinkBitsPerSecond {
            pairs.append(("uplink", .plain(Self.bandwidth(uplink))))
        }
        if node.isPassThrough { pairs.append(("pass-through", .plain("true"))) }
        if let overflow = node.overflow { pairs.append(("overflow", .plain(overflow.rawValue))) }
        if let stall = node.stall { pairs.append(("stall", .plain("\(stall)"))) }
        if let websocket = node.websocket { pairs.append(("websocket", .text(websocket))) }
        switch node.allow {
        case nil: break
        case .any?: pairs.append(("allow", .plain("any")))
        case .keys(let keys)?: pairs.append(("allow", Self.list(keys)))
        }
        if let access = node.access { pairs.append(("access", Self.access(access))) }
        return pairs
    }

    /// The delay only where it is not what the ends' places say, or 1 ms without places.
    func pairs(of link: Topology.Link) -> [Pair] {
        var pairs: [Pair] = [("between", .list([id(link.a), id(link.b)]))]
        if let delay = delay(of: link) { pairs.append(("delay", .plain(delay))) }
        if let bandwidth = link.bandwidthBitsPerSecond {
            pairs.append(("bandwidth", .plain(Self.bandwidth(bandwidth))))
        }
        if link.cost != 1 { pairs.append(("cost", .number(link.cost))) }
        return pairs
    }

    private func delay(of link: Topology.Link) -> String? {
        var silent = Topology.Link.delayMillisecondsDefault
        if let here = topology.nodes[link.a].coordinates,
            let there = topology.nodes[link.b].coordinates
        {
            silent = here.delayMilliseconds(to: there)
        }
        return link.delayMilliseconds == silent ? nil : Self.delay(link.delayMilliseconds)
    }

    static func attributes(_ attributes: [TopologyAttribute]) -> [Pair] {
        guard !attributes.isEmpty else { return [] }
        return [("attributes", .mapping(attributes.map { ($0.name, .text($0.text)) }))]
    }

    // MARK: Network

    /// Whether it has one tree that says nothing: what a file without trees gets.
    var hasPlainTree: Bool {
        topology.trees.count == 1
            && topology.trees[0]
                == Topology.Tree(
                    name: topology.name,
                    position: topology.trees[0].position
                )
    }

    /// What stands beside nodes and links, but for the name.
    var network: [Pair] {
        var pairs: [Pair] = []
        if topology.epoch != 1 { pairs.append(("epoch", .plain("\(topology.epoch)"))) }
        if topology.security != .none {
            pairs.append(("security", .plain(topology.security.rawValue)))
        }
        if !topology.segments.isEmpty {
            pairs.append(("segments", .list(topology.segments.map { .mapping(segment($0)) })))
        }
        if !hasPlainTree {
            pairs.append(("trees", .list(topology.trees.map { .mapping(tree($0)) })))
        }
        return pairs
    }

    func tree(_ tree: Topology.Tree) -> [Pair] {
        var pairs: [Pair] = [("name", .text(tree.name))]
        if let root = tree.root { pairs.append(("root", id(root))) }
        if tree.topics != [""] { pairs.append(("topics", Self.list(tree.topics))) }
        switch tree.fanOut {
        case .auto: break
        case .unlimited: pairs.append(("fan-out", .plain("unlimited")))
        case .atMost(let count): pairs.append(("fan-out", .plain("\(count)")))
        }
        if tree.objective != .radius {
            pairs.append(("objective", .plain(tree.objective.rawValue)))
        }
        if tree.delayBound != .default {
            pairs.append(("delay-bound", .plain(tree.delayBound.text)))
        }
        if tree.mode != .auto { pairs.append(("mode", .plain(tree.mode.rawValue))) }
        if let rate = tree.rateBitsPerSecond {
            pairs.append(("rate", .plain(Self.bandwidth(rate))))
        }
        if tree.hopDelayMilliseconds != Topology.Tree(name: "").hopDelayMilliseconds {
            pairs.append(("hop-delay", .plain(Self.delay(tree.hopDelayMilliseconds))))
        }
        if tree.standbyCount != 1 { pairs.append(("standbys", .plain("\(tree.standbyCount)"))) }
        if tree.redundancy != 1 { pairs.append(("redundant", .plain("\(tree.redundancy)"))) }
        if let stretch = tree.regionStretch {
            pairs.append(("region-stretch", .plain(FlowValue.digits(stretch))))
        }
        if let overflow = tree.overflow { pairs.append(("overflow", .plain(overflow.rawValue))) }
        if let stall = tree.stall { pairs.append(("stall", .plain("\(stall)"))) }
        if let access = tree.access { pairs.append(("access", Self.access(access))) }
        if !tree.fixedParents.isEmpty {
            let parents = tree.fixedParents.map {
                (key: topology.nodes[$0.child].id, value: id($0.parent))
            }
            pairs.append(("parents", .mapping(parents)))
        }
        if !tree.feeds.isEmpty { pairs.append(("feeds", outsiders(tree.feeds))) }
        if !tree.sinks.isEmpty { pairs.append(("sinks", outsiders(tree.sinks))) }
        return pairs
    }

    /// By node, each with a list; nodes in the order of their first.
    private func outsiders(_ feeds: [Topology.Feed]) -> FlowValue {
        var nodes: [Int] = []
        for feed in feeds where !nodes.contains(feed.node) { nodes.append(feed.node) }
        return .mapping(
            nodes.map { node in
                let endpoints = feeds.filter { $0.node == node }.map(\.endpoint)
                return (topology.nodes[node].id, Self.list(endpoints))
            }
        )
    }

    func segment(_ segment: Topology.Segment) -> [Pair] {
        var pairs: [Pair] = [("name", .text(segment.name)), ("group", .text(segment.group))]
        if !segment.treeGroups.isEmpty {
            let groups = segment.treeGroups.map { (key: $0.tree, value: FlowValue.text($0.group)) }
            pairs.append(("groups", .mapping(groups)))
        }
        if let interface = segment.interface { pairs.append(("interface", .text(interface))) }
        if !segment.memberInterfaces.isEmpty {
            let interfaces = segment.memberInterfaces.map {
                (key: topology.nodes[$0.member].id, value: FlowValue.text($0.interface))
            }
            pairs.append(("interfaces", .mapping(interfaces)))
        }
        pairs.append(("members", .list(segment.members.map(id))))
        if segment.multicast != .auto {
            pairs.append(("multicast", .plain(segment.multicast.rawValue)))
        }
        if segment.transport != .epgm {
            pairs.append(("transport", .plain(segment.transport.rawValue)))
        }
        if segment.subscriberCount != 0 {
            pairs.append(("subscribers", .plain("\(segment.subscriberCount)")))
        }
        if let rate = segment.rateBitsPerSecond {
            pairs.append(("rate", .plain(Self.bandwidth(rate))))
        }
        return pairs
    }

    // MARK: Access

    private static func access(_ access: AccessList) -> FlowValue {
        var pairs: [Pair] = []
        if !access.rules.isEmpty {
            pairs.append(("rules", .list(access.rules.map { .mapping(rule($0)) })))
        }
        let others = permission(access.otherwise)
        if !others.isEmpty { pairs.append(("default", .mapping(others))) }
        return .mapping(pairs)
    }

    private static func rule(_ rule: AccessList.Rule) -> [Pair] {
        var pairs: [Pair] = []
        if !rule.keys.isEmpty { pairs.append(("key", list(rule.keys))) }
        if !rule.users.isEmpty { pairs.append(("user", list(rule.users))) }
        if !rule.addresses.isEmpty {
            pairs.append(("address", list(rule.addresses.map { "\($0)" })))
        }
        if rule.mayBeRelay { pairs.append(("relay", .plain("yes"))) }
        return pairs + permission(rule.permission)
    }

    private static func permission(_ permission: AccessList.Permission) -> [Pair] {
        var pairs: [Pair] = []
        if !permission.publish.isEmpty { pairs.append(("publish", list(permission.publish))) }
        if !permission.subscribe.isEmpty { pairs.append(("subscribe", list(permission.subscribe))) }
        return pairs
    }

    // MARK: Values

    private static func list(_ texts: [String]) -> FlowValue { .list(texts.map { .text($0) }) }

    static func delay(_ milliseconds: Double) -> String { FlowValue.digits(milliseconds) + "ms" }

    /// In the largest unit in which it is written exactly and with few digits.
    static func bandwidth(_ bitsPerSecond: Double) -> String {
        for (unit, factor) in [("Tbps", 1e12), ("Gbps", 1e9), ("Mbps", 1e6), ("kbps", 1e3)] {
            let text = FlowValue.digits(bitsPerSecond / factor) + unit
            if bitsPerSecond >= factor, text.utf8.count <= 12,
                case .success(bitsPerSecond) = Quantity.bitsPerSecond(text)
            {
                return text
            }
        }
        return FlowValue.digits(bitsPerSecond) + "bps"
    }
}
