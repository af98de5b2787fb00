/// Links without self loops, at most one between two nodes: what an importer makes of a file's
/// edges.
struct SimpleLinks {
    /// In the order of their first mention.
    private(set) var links: [Topology.Link] = []
    private(set) var selfLoopCount = 0
    private(set) var parallelCount = 0
    /// Parallel links whose delays differ.
    private(set) var conflictCount = 0
    private var indexOf: [Pair: Int] = [:]

    mutating func reserveCapacity(_ count: Int) {
        links.reserveCapacity(count)
        indexOf.reserveCapacity(count)
    }

    func joins(_ a: Int, _ b: Int) -> Bool { indexOf[Pair(a, b)] != nil }

    /// Adds a link, or merges it into the one there is: the shorter delay and the greater bandwidth
    /// win, as a relay would use the better of two lines.
    mutating func add(_ link: Topology.Link) {
        guard link.a != link.b else {
            selfLoopCount += 1
            return
        }
        let index = indexOf[Pair(link.a, link.b), default: links.count]
        guard index < links.count else {
            indexOf[Pair(link.a, link.b)] = index
            links.append(link)
            return
        }
        parallelCount += 1
        let known = links[index]
        if known.delayMilliseconds != link.delayMilliseconds { conflictCount += 1 }
        links[index].delayMilliseconds = min(known.delayMilliseconds, link.delayMilliseconds)
        if let bandwidth = link.bandwidthBitsPerSecond {
            links[index].bandwidthBitsPerSecond = max(
                known.bandwidthBitsPerSecond ?? bandwidth,
                bandwidth
            )
        }
    }
}

enum LargestPart {
    /// A topology without the nodes outside its largest connected part (of equal parts, the one
    /// with the node that comes first in the file). Trees and segments must not have been added
    /// yet.
    static func of(_ topology: Topology) -> Topology {
        let nodes = topology.nodes
        let links = topology.links
        let parts = Components(nodeCount: nodes.count, links: links)
        guard parts.count > 1 else { return topology }
        let largest = parts.largest
        let kept = nodes.indices.filter { parts.label[$0] == largest }
        var newIndex = Array(repeating: 0, count: nodes.count)
        for (new, old) in kept.enumerated() { newIndex[old] = new }
        var part = topology
        part.nodes = kept.map { nodes[$0] }
        part.links = links.filter { parts.label[$0.a] == largest }.map { link in
            var link = link
            link.a = newIndex[link.a]
            link.b = newIndex[link.b]
            return link
        }
        let lost = nodes.indices.filter { parts.label[$0] != largest }.map {
            quoted(nodes[$0].id)
        }
        part.notes.append(noteOfLost(lost))
        return part
    }
}

/// What became of nodes that no link joins to the others.
private func noteOfLost(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    let rest = names.count > 5 ? " and \(names.count - 5) more" : ""
    return "\(counted(names.count, "node")) outside the largest connected part left out: "
        + "\(shown)\(rest)"
}

/// `1 node`, `2 nodes`.
func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}
