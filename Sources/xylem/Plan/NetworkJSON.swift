import Topology

/// A network as it was read, whatever its format: what `tools/lab` builds. The JSON keys are the property names.
struct NetworkJSON: Encodable {
    struct Node: Encodable {
        var id: String
        var label: String
    }

    struct Link: Encodable {
        /// Ids.
        var a: String
        var b: String
        var delayMs: Double
        /// Absent when unknown.
        var bandwidthBps: Double?
    }

    struct Segment: Encodable {
        var name: String
        var group: String
        /// Absent = the system's choice.
        var interface: String?
        var interfaces: [Interface]
        /// Ids.
        var members: [String]
    }

    struct Interface: Codable {
        /// An id.
        var node: String
        var interface: String
    }

    var name: String
    var nodes: [Node]
    var links: [Link]
    var segments: [Segment]
    /// What was taken from the file and what was changed on the way in, one sentence each.
    var notes: [String]

    init(_ topology: Topology) {
        func id(_ index: Int) -> String { topology.nodes[index].id }
        name = topology.name
        nodes = topology.nodes.map { Node(id: $0.id, label: $0.label) }
        links = topology.links.map {
            Link(
                a: id($0.a),
                b: id($0.b),
                delayMs: $0.delayMilliseconds,
                bandwidthBps: $0.bandwidthBitsPerSecond
            )
        }
        notes = topology.notes
        segments = topology.segments.map { segment in
            Segment(
                name: segment.name,
                group: segment.group,
                interface: segment.interface,
                interfaces: segment.memberInterfaces.map {
                    Interface(node: id($0.member), interface: $0.interface)
                },
                members: segment.members.map(id)
            )
        }
    }
}
