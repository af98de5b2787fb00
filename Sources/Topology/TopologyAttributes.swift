/// What a file says beyond what is known here: a name and a text.
public struct TopologyAttribute: Equatable, Sendable {
    public var name: String
    public var text: String

    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// What a file says of its network, nodes and links beyond what is known here, in the file's order. It means nothing to the
/// builder, and goes along from one file to another.
public struct TopologyAttributes: Equatable, Sendable {
    public var network: [TopologyAttribute] = []
    /// By the number of the node; empty = no node has any.
    public var nodes: [[TopologyAttribute]] = []
    /// By the number of the link; empty = no link has any.
    public var links: [[TopologyAttribute]] = []

    public init() {}

    public var isEmpty: Bool { network.isEmpty && nodes.isEmpty && links.isEmpty }

    func ofNode(_ index: Int) -> [TopologyAttribute] { nodes.isEmpty ? [] : nodes[index] }
    func ofLink(_ index: Int) -> [TopologyAttribute] { links.isEmpty ? [] : links[index] }
}
