import Vocabulary

/// Writes a lab for containerlab: a container for each node, a pair of interfaces for each link.
///
/// What a node and a link have besides stands in `labels` and `vars`, which containerlab leaves to its
/// users. Its names are of letters, digits, `_`, `.` and `-`; a node whose id is not has it in the label
/// `xylem-id`. How to give the links their delays, once the lab runs, is told in comments.
struct ContainerlabWriter {
    private let graph: AttributedGraph
    private var nameOf: [String: String] = [:]
    private var names: Set<String> = []
    private(set) var text = ""
    private(set) var notes: [String] = []

    init(_ graph: AttributedGraph, of topology: Topology) {
        self.graph = graph
        for node in graph.nodes {
            let name = Self.name(node.ids[0], besides: names)
            names.insert(name)
            nameOf[node.ids[0]] = name
        }
        let lab = Self.name(graph.name, besides: [])
        text = "name: \(FlowValue.scalar(lab))\n\ntopology:\n"
        text += "  defaults: {kind: linux, image: \"\(Self.image)\"}\n"
        writeNodes()
        let commands = writeLinks(lab: lab)
        if !commands.isEmpty {
            text += "\n# The delay of each link, in each direction, once the lab runs:\n" + commands
        }
        addNotes(topology)
    }

    private static let image = "alpine:3"

    private mutating func writeNodes() {
        text += "  nodes:\n"
        var changed: [String] = []
        for node in graph.nodes {
            let id = node.ids[0]
            let name = nameOf[id] ?? id
            var pairs: [TopologyFields.Pair] = []
            var labels: [TopologyFields.Pair] = []
            for attribute in node.attributes {
                switch attribute.name {
                case "kind", "image": pairs.append((attribute.name, .text(attribute.text)))
                case "label" where attribute.text == id: continue
                default: labels.append((attribute.name, .text(attribute.text)))
                }
            }
            if name != id {
                changed.append(id)
                labels.append((ContainerlabReader.idLabel, .text(id)))
            }
            if !labels.isEmpty { pairs.append(("labels", .mapping(labels))) }
            let value = pairs.isEmpty ? "" : " " + FlowValue.mapping(pairs).text
            text += "    \(FlowValue.scalar(name)):\(value)\n"
        }
        if !changed.isEmpty {
            let list = changed.prefix(5).map { quoted($0) }.joined(separator: ", ")
            notes.append(
                "\(counted(changed.count, "node")) named anew, with the id in the label "
                    + "\(ContainerlabReader.idLabel): \(list)\(changed.count > 5 ? " and more" : "")"
            )
        }
    }

    /// The commands that give the links their delays.
    private mutating func writeLinks(lab: String) -> String {
        guard !graph.links.isEmpty else { return "" }
        var commands = ""
        var interfaces = Interfaces(graph, nameOf)
        text += "  links:\n"
        for (number, link) in graph.links.enumerated() {
            let ends = link.ids.map { nameOf[$0] ?? $0 }
            let ports = interfaces.pair(ofLink: number)
            let endpoints = zip(ends, ports).map { FlowValue.text("\($0):\($1)") }
            var pairs: [TopologyFields.Pair] = [("endpoints", .list(endpoints))]
            let values = link.attributes.filter { !Interfaces.keys.contains($0.name) }
            let vars = values.map { attribute in
                let isDelay = attribute.name == "delay"
                return (attribute.name, FlowValue.text(attribute.text + (isDelay ? "ms" : "")))
            }
            if !vars.isEmpty { pairs.append(("vars", .mapping(vars))) }
            text += "    - \(FlowValue.mapping(pairs).text)\n"
            guard let delay = values.first(where: { $0.name == "delay" })?.text, delay != "0" else {
                continue
            }
            for (end, port) in zip(ends, ports) {
                commands += "# containerlab tools netem set -n clab-\(lab)-\(end) -i \(port) "
                commands += "--delay \(delay)ms\n"
            }
        }
        return commands
    }

    private mutating func addNotes(_ topology: Topology) {
        notes.append("the image \(Self.image) of the nodes is a placeholder")
        var lost: [String] = []
        if !TopologyFields(topology: topology).hasPlainTree {
            let trees = topology.trees.map { quoted($0.name) }
            lost.append(
                "\(counted(trees.count, "tree")) (\(trees.prefix(5).joined(separator: ", ")))"
            )
        }
        if !topology.segments.isEmpty {
            let segments = topology.segments.map { quoted($0.name) }
            lost.append(
                "\(counted(segments.count, "segment")) (\(segments.prefix(5).joined(separator: ", ")))"
            )
        }
        if topology.epoch != 1 { lost.append("the epoch") }
        if topology.security != .none { lost.append("the security") }
        let attributes = topology.attributes.network.map { quoted($0.name) }
        if !attributes.isEmpty {
            lost.append(
                "\(counted(attributes.count, "attribute")) of the network "
                    + "(\(attributes.prefix(5).joined(separator: ", ")))"
            )
        }
        if !lost.isEmpty { notes.append("a lab has no place for " + lost.joined(separator: ", ")) }
    }

    /// The text in letters, digits, `_`, `.` and `-`, and no other's name.
    private static func name(_ text: String, besides names: Set<String>) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            let isKept =
                scalar.isASCII && scalar.properties.isAlphabetic
                || "0123456789_.-".unicodeScalars.contains(scalar)
            name.unicodeScalars.append(isKept ? scalar : "-")
        }
        if name.first.map({ !$0.isLetter && !$0.isNumber }) ?? true { name = "n" + name }
        var candidate = name
        var number = 2
        while names.contains(candidate) {
            candidate = "\(name)-\(number)"
            number += 1
        }
        return candidate
    }

    /// The interfaces of the links' ends: those of the lab it came from, else `eth1`, `eth2` … of each node.
    private struct Interfaces {
        static let keys = ["source interface", "target interface"]

        private let graph: AttributedGraph
        private var used: Set<String> = []
        private var next: [String: Int] = [:]

        init(_ graph: AttributedGraph, _ nameOf: [String: String]) {
            self.graph = graph
            for link in graph.links {
                for (id, port) in zip(link.ids, Self.told(link)) {
                    if let port { used.insert(id + "\n" + port) }
                }
            }
        }

        mutating func pair(ofLink number: Int) -> [String] {
            let link = graph.links[number]
            return zip(link.ids, Self.told(link)).map { id, port in port ?? free(id) }
        }

        private static func told(_ link: AttributedGraph.Item) -> [String?] {
            keys.map { key in link.attributes.first { $0.name == key }?.text }
        }

        private mutating func free(_ id: String) -> String {
            var number = next[id, default: 1]
            while used.contains("\(id)\neth\(number)") { number += 1 }
            next[id] = number + 1
            return "eth\(number)"
        }
    }
}
