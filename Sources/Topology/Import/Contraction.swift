/// Turns a graph in which some nodes have no coordinates into a network with delays.
///
/// Maps of real networks hold nodes that are not sites: a cloud, a cable landing, "many more". They
/// have no coordinates, so no delay to anywhere. What they mean is that their neighbours are
/// connected:
///
///     A ── ? ── B          A ─────── B
///          │        ─▶      ╲      ╱
///          C                   C
///
/// 1. Self loops are dropped and parallel edges merged.
/// 2. Each maximal connected group of nodes without coordinates is deleted, and all pairs of nodes
///    that neighboured it are joined. A node all of whose links state their delay stays: it is a
///    site whose place is not needed.
/// 3. A link's delay is its own if the file states one, else that of a straight fibre between its
///    ends; 0 between nodes at one place.
///
/// In a file without any coordinates all nodes stay, and a link without a delay counts 1 ms.
struct Contraction {
    struct Site {
        var node: Topology.Node
        /// Has coordinates, or needs none.
        var isLocated: Bool

        init(node: Topology.Node) {
            self.node = node
            isLocated = node.coordinates != nil
        }
    }

    struct Edge {
        let a: Int
        let b: Int
        /// Milliseconds, if the file states it.
        let delay: Double?
        let bandwidth: Double?
        let cost: Double
        let position: SourcePosition
    }

    private let sites: [Site]
    private let edges: [Edge]
    private let hasPlaces: Bool

    init(sites: [Site], edges: [Edge]) {
        hasPlaces = sites.contains(where: \.isLocated)
        var isDelayKnown = Array(repeating: false, count: sites.count)
        for edge in edges where edge.a != edge.b {
            isDelayKnown[edge.a] = true
            isDelayKnown[edge.b] = true
        }
        for edge in edges where edge.delay == nil {
            isDelayKnown[edge.a] = false
            isDelayKnown[edge.b] = false
        }
        var sites = sites
        for index in sites.indices where isDelayKnown[index] { sites[index].isLocated = true }
        self.sites = sites
        self.edges = edges
    }

    /// The network: nodes and links, no trees, named nothing yet; perhaps in pieces.
    func topology(file: String) throws(TopologyError) -> Topology {
        var links = SimpleLinks()
        links.reserveCapacity(edges.count)
        for edge in edges where !hasPlaces || (sites[edge.a].isLocated && sites[edge.b].isLocated) {
            links.add(
                Topology.Link(
                    a: edge.a,
                    b: edge.b,
                    delayMilliseconds: delay(of: edge),
                    bandwidthBitsPerSecond: edge.bandwidth,
                    cost: edge.cost,
                    position: edge.position
                )
            )
        }
        var notes: [String] = []
        if links.selfLoopCount > 0 {
            notes.append("\(counted(links.selfLoopCount, "self loop")) dropped")
        }
        if links.parallelCount > 0 {
            notes.append("\(counted(links.parallelCount, "parallel edge")) merged")
        }
        if !hasPlaces {
            if edges.contains(where: { $0.delay == nil }) {
                notes.append("no coordinates in this file; links without a delay count 1 ms")
            }
            return Topology(name: "", nodes: sites.map(\.node), links: links.links, notes: notes)
        }
        try joinNeighbours(into: &links, file: file)

        let kept = sites.indices.filter { sites[$0].isLocated }
        if kept.count < sites.count {
            notes.append(
                "\(counted(sites.count - kept.count, "node")) without coordinates "
                    + "replaced by links between the neighbours"
            )
        }
        var newIndex = Array(repeating: 0, count: sites.count)
        for (new, old) in kept.enumerated() { newIndex[old] = new }
        let renumbered = links.links.map { link in
            var link = link
            link.a = newIndex[link.a]
            link.b = newIndex[link.b]
            return link
        }
        return Topology(
            name: "",
            nodes: kept.map { sites[$0].node },
            links: renumbered,
            notes: notes
        )
    }

    private func delay(of edge: Edge) -> Double {
        if let delay = edge.delay { return delay }
        return hasPlaces ? distance(edge.a, edge.b) : Topology.Link.delayMillisecondsDefault
    }

    private func distance(_ a: Int, _ b: Int) -> Double {
        guard let here = sites[a].node.coordinates, let there = sites[b].node.coordinates else {
            return 0
        }
        return here.delayMilliseconds(to: there)
    }

    /// Step 2. The neighbours of a group are joined in the order of the file.
    private func joinNeighbours(into links: inout SimpleLinks, file: String) throws(TopologyError) {
        let inner = edges.filter { !sites[$0.a].isLocated && !sites[$0.b].isLocated }
        let groups = Components(nodeCount: sites.count, edges: inner.lazy.map { ($0.a, $0.b) })
        var neighbours: [[Int]] = Array(repeating: [], count: groups.count)
        for edge in edges where sites[edge.a].isLocated != sites[edge.b].isLocated {
            let (site, cloud) = sites[edge.a].isLocated ? (edge.a, edge.b) : (edge.b, edge.a)
            neighbours[groups.label[cloud]].append(site)
        }
        var pairCount = 0
        for members in neighbours where members.count > 1 {
            let group = Set(members).sorted()
            // A cloud of n neighbours makes n²/2 links: a small file could ask for all memory there
            // is.
            pairCount += group.count * (group.count - 1) / 2
            guard pairCount <= Topology.linkCountMax else {
                throw TopologyError(
                    file: file,
                    message:
                        "nodes without coordinates have \(group.count) neighbours to be joined; "
                        + "give them Latitude and Longitude, or remove them"
                )
            }
            for (rank, a) in group.enumerated() {
                for b in group[(rank + 1)...] where !links.joins(a, b) {
                    links.add(Topology.Link(a: a, b: b, delayMilliseconds: distance(a, b)))
                }
            }
        }
    }
}
