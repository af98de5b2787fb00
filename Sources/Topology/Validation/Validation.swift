extension Topology {
    /// The most nodes of one topology.
    public static let nodeCountMax = 1_000_000
    /// The most links of one topology.
    public static let linkCountMax = 4_000_000

    /// Refuses a topology that contradicts itself, naming every mistake (up to 20) and what to do.
    ///
    /// Whether a fan-out limit can be met is the tree-builder's business. Every reader calls this;
    /// call it on a topology made by hand. `file` is what errors name.
    public func validate(file: String) throws(TopologyError) {
        var validation = Validation(of: self, file: file)
        validation.checkSizes()
        try validation.mistakes.check()
        validation.checkNodes()
        validation.checkLinks()
        validation.checkSegments()
        validation.checkTrees()
        // A link with an unknown end would look like a gap, so connectivity is only checked once all links are sound.
        try validation.mistakes.check()
        validation.checkConnection()
        try validation.mistakes.check()
    }
}

/// One validation of one topology: the checks of nodes, links and connection. Endpoints, segments
/// and trees are checked in files of their own.
struct Validation {
    let topology: Topology
    var mistakes: Mistakes
    /// Where each endpoint was first used, by its address.
    var endpointOwners: [String: Int] = [:]
    /// The pairs of nodes that a link joins; made once, when the first fixed parent asks.
    private(set) lazy var neighbours = Set(topology.links.lazy.map { Pair($0.a, $0.b) })

    init(of topology: Topology, file: String) {
        self.topology = topology
        mistakes = Mistakes(file: file)
    }

    mutating func checkSizes() {
        if topology.nodes.isEmpty {
            mistakes.add("no nodes; a topology needs at least one", at: nil)
        }
        if topology.nodes.count > Topology.nodeCountMax {
            mistakes.add(
                "\(topology.nodes.count) nodes; at most \(Topology.nodeCountMax) are possible",
                at: nil
            )
        }
        if topology.links.count > Topology.linkCountMax {
            mistakes.add(
                "\(topology.links.count) links; at most \(Topology.linkCountMax) are possible",
                at: nil
            )
        }
    }

    // MARK: Nodes

    mutating func checkNodes() {
        var first: [String: Int] = [:]
        first.reserveCapacity(topology.nodes.count)
        for (index, node) in topology.nodes.enumerated() where !mistakes.isFull {
            if let earlier = first[node.id] {
                mistakes.add(
                    "node \(quoted(node.id)) is defined twice"
                        + "\(line(of: topology.nodes[earlier].position)); rename or remove one",
                    at: node.position
                )
            } else {
                first[node.id] = index
            }
            checkValues(of: node)
            checkEndpoints(of: node, index: index)
        }
    }

    private mutating func checkValues(of node: Topology.Node) {
        let name = quoted(node.id)
        if let reason = Self.refusal(ofName: node.id) {
            mistakes.add("the node id \(name) \(reason)", at: node.position)
        }
        if let count = node.maxChildren, count < 0 {
            mistakes.add(
                "max-children of node \(name) is \(count); it must be 0 (always a leaf) or more",
                at: node.position
            )
        }
        if !(node.weight.isFinite && node.weight >= 0 && node.weight <= 1e12) {
            mistakes.add(
                "the weight of node \(name) is \(node.weight); it must be between 0 and 1e12",
                at: node.position
            )
        }
        if let uplink = node.uplinkBitsPerSecond, !isBandwidth(uplink) {
            mistakes.add(
                "the uplink of node \(name) must be over 0 and at most 1e18 bit/s",
                at: node.position
            )
        }
        if let place = node.coordinates, let reason = Self.refusal(of: place) {
            mistakes.add("the coordinates of node \(name): \(reason)", at: node.position)
        }
    }

    /// Names go into tables, pictures and command lines: no empty ones, no line breaks, no novels.
    static func refusal(ofName name: String) -> String? {
        if name.isEmpty { return "is empty; give it a name" }
        if name.utf8.count > 255 { return "has more than 255 bytes; shorten it" }
        if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return "contains a control character; remove it"
        }
        return nil
    }

    static func refusal(of place: Topology.Coordinates) -> String? {
        let (latitude, longitude) = (place.latitude, place.longitude)
        if abs(latitude) <= 90, abs(longitude) <= 180 { return nil }
        if abs(longitude) <= 90, abs(latitude) <= 180 {
            return "latitude \(latitude) is beyond ±90; is it the longitude?"
        }
        return "[\(latitude), \(longitude)] is not on Earth; latitude is -90…90, longitude -180…180"
    }

    // MARK: Links

    mutating func checkLinks() {
        var first: [Pair: Int] = [:]
        first.reserveCapacity(topology.links.count)
        for (index, link) in topology.links.enumerated() where !mistakes.isFull {
            guard isNode(link.a), isNode(link.b) else {
                mistakes.add("a link has an end that is no node", at: link.position)
                continue
            }
            let name = "the link \(id(link.a)) – \(id(link.b))"
            if link.a == link.b {
                mistakes.add("the link joins \(id(link.a)) to itself; remove it", at: link.position)
            } else if let earlier = first[Pair(link.a, link.b)] {
                mistakes.add(
                    "\(name) is defined twice\(line(of: topology.links[earlier].position)); "
                        + "keep the better one",
                    at: link.position
                )
            } else {
                first[Pair(link.a, link.b)] = index
            }
            let delay = link.delayMilliseconds
            if !(delay >= 0 && delay <= Quantity.delayMillisecondsMax) {
                mistakes.add(
                    "the delay of \(name) is \(delay) ms; it must be between 0 and a minute",
                    at: link.position
                )
            }
            if let bandwidth = link.bandwidthBitsPerSecond, !isBandwidth(bandwidth) {
                mistakes.add(
                    "the bandwidth of \(name) must be over 0 and at most 1e18 bit/s",
                    at: link.position
                )
            }
            if !(link.cost >= 0 && link.cost <= 1e12) {
                mistakes.add(
                    "the cost of \(name) is \(link.cost); it must be between 0 and 1e12",
                    at: link.position
                )
            }
        }
    }

    // MARK: Connection

    mutating func checkConnection() {
        let parts = Components(nodeCount: topology.nodes.count, links: topology.links)
        guard parts.count > 1 else { return }
        let main = parts.largest
        let outside = topology.nodes.indices.filter { parts.label[$0] != main }
        let home = topology.nodes.indices.first { parts.label[$0] == main } ?? 0
        let message =
            outside.count == 1
            ? "node \(list(outside)) has no path to \(id(home)); add a link, or remove it"
            : "\(outside.count) nodes have no path to \(id(home)): \(list(outside)); add links, "
                + "or remove them"
        mistakes.add(message, at: topology.nodes[outside[0]].position)
    }

    // MARK: Shared

    func isNode(_ index: Int) -> Bool { topology.nodes.indices.contains(index) }

    func id(_ index: Int) -> String { quoted(topology.nodes[index].id) }

    /// Up to five ids, and how many more there are.
    func list(_ indices: [Int]) -> String {
        let shown = indices.prefix(5).map(id).joined(separator: ", ")
        return indices.count > 5 ? "\(shown) and \(indices.count - 5) more" : shown
    }

    /// ` (first on line 12)`, or nothing for what has no line.
    func line(of position: SourcePosition?) -> String {
        position.map { " (first on line \($0.line))" } ?? ""
    }

    private func isBandwidth(_ value: Double) -> Bool {
        value > 0 && value <= Quantity.bitsPerSecondMax
    }
}

/// Two nodes without order, as a key: their indices, which 32 bits hold, in one word.
struct Pair: Hashable {
    private let key: UInt64

    init(_ a: Int, _ b: Int) {
        key =
            UInt64(UInt32(truncatingIfNeeded: min(a, b))) << 32
            | UInt64(UInt32(truncatingIfNeeded: max(a, b)))
    }
}
