extension Topology {
    /// What a file says beyond what is known here: a name and a text.
    public struct Attribute: Equatable, Sendable {
        public var name: String
        public var text: String

        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// What a file says of its network, nodes and links beyond what is known here, in the file's order. It means nothing to
    /// the builder, and goes along from one file to another.
    public struct Attributes: Equatable, Sendable {
        public var network: [Attribute] = []
        /// By the number of the node; empty = no node has any.
        public var nodes: [[Attribute]] = []
        /// By the number of the link; empty = no link has any.
        public var links: [[Attribute]] = []

        public init() {}

        public var isEmpty: Bool { network.isEmpty && nodes.isEmpty && links.isEmpty }

        func ofNode(_ index: Int) -> [Attribute] { nodes.isEmpty ? [] : nodes[index] }
        func ofLink(_ index: Int) -> [Attribute] { links.isEmpty ? [] : links[index] }
    }
}
