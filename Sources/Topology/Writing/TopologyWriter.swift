/// Writes topologies in formats of this field, so that reading the file gives the topology back.
public enum TopologyWriter {
    /// The formats that are written.
    public enum Target: String, Sendable, CaseIterable {
        /// Xylem's own.
        case yaml
        case graphml
        case dot
        case containerlab
        /// Node-link JSON, as networkx and D3 have it.
        case json
    }

    public struct Output: Equatable, Sendable {
        /// UTF-8 text that ends with a line feed.
        public var text: String
        /// What the format has no place for, and what was changed for its sake, one sentence each.
        public var notes: [String]
    }

    /// The file of a sound topology.
    ///
    /// All formats keep ids, labels, places, weights, delays, bandwidths, costs and further attributes. All but containerlab keep
    /// the rest, too: graph formats in the attribute `xylem`.
    public static func output(_ topology: Topology, as target: Target) -> Output {
        var (topology, notes) = withoutLongNames(topology)
        topology.notes = []
        switch target {
        case .yaml:
            let text = YAMLWriter.text(of: topology)
            return Output(text: text, notes: notes + sizeNotes(text))
        case .graphml:
            let graph = AttributedGraph(topology)
            let writer = GraphMLWriter(graph)
            return Output(text: writer.text, notes: notes + graph.notes + writer.notes)
        case .dot:
            let graph = AttributedGraph(topology)
            return Output(text: DOTWriter.text(of: graph), notes: notes + graph.notes)
        case .json:
            let graph = AttributedGraph(topology)
            return Output(text: NodeLinkWriter.text(of: graph), notes: notes + graph.notes)
        case .containerlab:
            let graph = AttributedGraph(topology)
            let writer = ContainerlabWriter(graph, of: topology)
            return Output(
                text: writer.text,
                notes: notes + graph.notes + writer.notes + sizeNotes(writer.text)
            )
        }
    }

    /// YAML takes much memory to read, so less of it is read than of graphs.
    private static func sizeNotes(_ yaml: String) -> [String] {
        let (count, countMax) = (yaml.utf8.count, TopologyFormat.yaml.byteCountMax)
        guard count > countMax else { return [] }
        return [
            "\(count) bytes of YAML are more than are read again (\(countMax)); graphml, dot and json "
                + "have more room"
        ]
    }

    /// The longest name of an attribute, in bytes: keys of YAML end at 1,024 characters.
    private static let nameByteCountMax = 255

    private static func withoutLongNames(_ topology: Topology) -> (Topology, notes: [String]) {
        var topology = topology
        var count = 0
        func checked(_ list: [TopologyAttribute]) -> [TopologyAttribute] {
            let kept = list.filter { !$0.name.isEmpty && $0.name.utf8.count <= nameByteCountMax }
            count += list.count - kept.count
            return kept
        }
        topology.attributes.network = checked(topology.attributes.network)
        topology.attributes.nodes = topology.attributes.nodes.map(checked)
        topology.attributes.links = topology.attributes.links.map(checked)
        guard count > 0 else { return (topology, []) }
        return (
            topology,
            [
                "\(counted(count, "attribute")) with no name, or one of over "
                    + "\(nameByteCountMax) bytes, left out"
            ]
        )
    }
}
