import Testing

@testable import Topology
import Vocabulary

@Suite struct GoldenTests {
    @Test(arguments: [
        "yaml.txt", "graphml.txt", "tools.txt", "gml.txt", "edges.txt", "tables.txt", "json.txt",
        "dot.txt", "others.txt", "foreign.txt",
    ])
    func outcomes(file: String) throws {
        try GoldenFile(file).check { item in
            do throws(TopologyError) {
                return Self.summary(of: try TopologyReader.read(item.input, file: item.file))
            } catch {
                return error.description
            }
        }
    }

    /// A topology in lines: what the cases that are accepted look at.
    static func summary(of topology: Topology) -> String {
        func id(_ index: Int) -> String { topology.nodes[index].id }
        var lines = ["topology \(topology.name)"]
        if topology.epoch != 1 { lines[0] += " epoch=\(topology.epoch)" }
        for node in topology.nodes {
            var words = ["node \(node.id)"]
            if node.label != node.id { words.append("label=\(node.label)") }
            let endpoints = [
                ("publishers", node.publishersEndpoint), ("subscribers", node.subscribersEndpoint),
                ("control", node.controlEndpoint), ("region", node.region),
                ("overflow", node.overflow?.rawValue), ("stall", node.stall?.description),
                ("publishers-bind", node.bind.publishers),
                ("subscribers-bind", node.bind.subscribers), ("control-bind", node.bind.control),
            ]
            words += endpoints.compactMap { key, value in value.map { "\(key)=\($0)" } }
            if let count = node.maxChildren { words.append("max-children=\(count)") }
            if let uplink = node.uplinkBitsPerSecond { words.append("uplink=\(uplink)") }
            if let place = node.coordinates {
                words.append("at=\(place.latitude),\(place.longitude)")
            }
            if node.weight != 1 { words.append("weight=\(node.weight)") }
            lines.append(words.joined(separator: " "))
        }
        for link in topology.links {
            // Six digits: more differ between C libraries.
            let delay = (link.delayMilliseconds * 1e6).rounded() / 1e6
            var line = "link \(id(link.a)) \(id(link.b)) \(delay)ms"
            if let bandwidth = link.bandwidthBitsPerSecond { line += " bandwidth=\(bandwidth)" }
            if link.cost != 1 { line += " cost=\(link.cost)" }
            lines.append(line)
        }
        for segment in topology.segments {
            lines.append(
                "segment \(segment.name) \(segment.group) \(segment.interface ?? "-") "
                    + segment.members.map(id).joined(separator: " ")
                    + extras(of: segment, id)
            )
        }
        for tree in topology.trees {
            var line = "tree \(tree.name) root=\(tree.root.map(id) ?? "auto") topics=\(tree.topics)"
            line += " \(tree.objective) \(tree.mode) hop=\(tree.hopDelayMilliseconds)ms"
            switch tree.fanOut {
            case .auto: break
            case .unlimited: line += " fan-out=unlimited"
            case .atMost(let count): line += " fan-out=\(count)"
            }
            if tree.delayBound != .default { line += " delay-bound=\(tree.delayBound.text)" }
            if let rate = tree.rateBitsPerSecond { line += " rate=\(rate)" }
            if let overflow = tree.overflow { line += " overflow=\(overflow.rawValue)" }
            if let stall = tree.stall { line += " stall=\(stall)" }
            line += tree.fixedParents.map { " \(id($0.child))<-\(id($0.parent))" }.joined()
            line += tree.feeds.map { " \(id($0.node))<=\($0.endpoint)" }.joined()
            line += tree.sinks.map { " \(id($0.node))=>\($0.endpoint)" }.joined()
            lines.append(line)
        }
        return (lines + topology.notes.map { "note \($0)" }).joined(separator: "\n")
    }

    private static func extras(of segment: Topology.Segment, _ id: (Int) -> String) -> String {
        var words: [String] = []
        if segment.multicast != .auto { words.append("\(segment.multicast)") }
        if segment.transport != .epgm { words.append("\(segment.transport)") }
        if segment.subscriberCount > 0 { words.append("subscribers=\(segment.subscriberCount)") }
        if let rate = segment.rateBitsPerSecond { words.append("rate=\(rate)") }
        words += segment.treeGroups.map { "\($0.tree)=\($0.group)" }
        words += segment.memberInterfaces.map { "\(id($0.member))@\($0.interface)" }
        return words.map { " " + $0 }.joined()
    }
}
