import Topology

/// The links below a graph: what it costs to cross each, and how many copies of the tree's messages it can carry.
struct LinkTable {
    /// The unit of `price`.
    enum Unit: String {
        /// The links' own costs.
        case cost
        /// For files whose links all cost the same: length.
        case kilometres = "km"
    }

    let unit: Unit
    /// By arc of the graph.
    private let linkOfArc: ContiguousArray<Int32>
    /// By link of the topology.
    let price: ContiguousArray<Double>
    /// By link of the topology; `nil` = nothing limits any link.
    var copyMax: ContiguousArray<Int32>?

    init(_ topology: Topology, graph: Graph) {
        var linkOfArc = ContiguousArray<Int32>(repeating: -1, count: graph.target.count)
        for (index, link) in topology.links.enumerated() where link.a != link.b {
            let delay = Picoseconds(milliseconds: link.delayMilliseconds)
            for (from, to) in [(link.a, link.b), (link.b, link.a)] {
                guard let arc = graph.arc(from: from, to: to), linkOfArc[arc] < 0,
                    graph.delay[arc] == delay
                else { continue }
                linkOfArc[arc] = Int32(index)
            }
        }
        self.linkOfArc = linkOfArc
        let costs = topology.links.lazy.map(\.cost)
        unit = costs.contains { $0 != topology.links[0].cost } ? .cost : .kilometres
        let isLength = unit == .kilometres
        price = ContiguousArray(
            topology.links.map { isLength ? Self.kilometres($0, of: topology) : $0.cost }
        )
    }

    /// Great circle where both ends are located; else what light in a fibre does in the link's delay.
    private static func kilometres(_ link: Topology.Link, of topology: Topology) -> Double {
        let delay: Double
        if let here = topology.nodes[link.a].coordinates,
            let there = topology.nodes[link.b].coordinates
        {
            delay = here.delayMilliseconds(to: there)
        } else {
            delay = link.delayMilliseconds
        }
        return delay * Topology.Coordinates.fibreKilometresPerMillisecond
    }

    func link(ofArc arc: Int) -> Int { Int(linkOfArc[arc]) }

    /// The same links for a graph of some of them; `arcs` are its arcs in the graph of this table.
    func table(for arcs: some Sequence<Int>) -> LinkTable {
        LinkTable(unit, ContiguousArray(arcs.lazy.map { linkOfArc[$0] }), price, copyMax)
    }

    /// The same links at no price, and one more that costs 1: the one between regions.
    var betweenRegions: LinkTable {
        var free = ContiguousArray<Double>(repeating: 0, count: price.count)
        free.append(1)
        return LinkTable(.cost, linkOfArc, free, copyMax.map { $0 + [.max] })
    }

    private init(
        _ unit: Unit,
        _ linkOfArc: ContiguousArray<Int32>,
        _ price: ContiguousArray<Double>,
        _ copyMax: ContiguousArray<Int32>?
    ) {
        self.unit = unit
        self.linkOfArc = linkOfArc
        self.price = price
        self.copyMax = copyMax
    }
}

extension TreeProblem {
    /// Calls `body` with every link that the edge from `parent` to `child` crosses; none by way of a segment.
    @inline(__always)
    func forEachLink(from parent: Int, to child: Int, _ body: (Int) -> Void) {
        guard let links, segmentEdge[child] < 0 || fixedParent[child] != parent else { return }
        if let regions, regions[parent] != regions[child] { body(links.price.count - 1) }
        guard mode == .mesh, let delays = underlay?.delays ?? delays else {
            if let arc = graph.arc(from: parent, to: child) { body(links.link(ofArc: arc)) }
            return
        }
        let graph = underlay?.graph ?? graph
        let parent = underlay?.place(of: parent) ?? parent
        var node = underlay?.place(of: child) ?? child
        while node != parent {
            let before = delays.node(before: node, from: parent)
            guard before >= 0, let arc = graph.arc(from: before, to: node) else { return }
            body(links.link(ofArc: arc))
            node = before
        }
    }

    /// What it costs to cross the links of an edge.
    func price(from parent: Int, to child: Int) -> Double {
        var sum = 0.0
        guard let links else { return 0 }
        if let regions {
            let isBySegment = segmentEdge[child] >= 0 && fixedParent[child] == parent
            return regions[parent] == regions[child] || isBySegment ? 0 : 1
        }
        forEachLink(from: parent, to: child) { sum += links.price[$0] }
        return sum
    }

    /// What it costs to cross the link of each arc.
    func arcPrices() -> ContiguousArray<Double> {
        guard let links else { return ContiguousArray(repeating: 0, count: graph.target.count) }
        if let regions {
            return ContiguousArray(
                (0..<nodeCount).flatMap { node in
                    graph.arcs(of: node).map { arc in
                        regions[node] == regions[Int(graph.target[arc])] ? 0 : 1
                    }
                }
            )
        }
        return ContiguousArray(graph.target.indices.map { links.price[links.link(ofArc: $0)] })
    }
}
