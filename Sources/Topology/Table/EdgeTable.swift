/// A large network in columns: the names of its nodes, and its links with their delays; nothing else is known of it.
///
/// A `Topology` takes some 300 bytes for a node and 64 for a link, most of them for what a large file does not say. Here a node
/// takes its name and 12 bytes, a link 16.
public struct EdgeTable: Sendable, Equatable {
    public var name: String
    public var nodes: NameTable
    /// By link, the numbers of its ends; no link has one node at both.
    public var a: ContiguousArray<UInt32>
    public var b: ContiguousArray<UInt32>
    /// By link, in milliseconds.
    public var delay: ContiguousArray<Double>
    /// What was taken from the file and changed on the way in, one sentence each.
    public var notes: [String]

    public init(name: String) {
        self.name = name
        nodes = NameTable()
        a = []
        b = []
        delay = []
        notes = []
    }

    public var nodeCount: Int { nodes.count }
    public var linkCount: Int { a.count }

    /// Whether links join all nodes.
    public var isConnected: Bool {
        guard nodeCount > 0 else { return false }
        var above = ContiguousArray<UInt32>(unsafeUninitializedCapacity: nodeCount) {
            buffer,
            count in
            for node in buffer.indices { buffer[node] = UInt32(node) }
            count = nodeCount
        }
        // Union-find with path halving.
        var partCount = nodeCount
        above.withUnsafeMutableBufferPointer { above in
            func root(_ node: UInt32) -> UInt32 {
                var node = node
                while above[Int(node)] != node {
                    above[Int(node)] = above[Int(above[Int(node)])]
                    node = above[Int(node)]
                }
                return node
            }
            for link in 0..<linkCount {
                let (x, y) = (root(a[link]), root(b[link]))
                guard x != y else { continue }
                above[Int(max(x, y))] = min(x, y)
                partCount -= 1
            }
        }
        return partCount == 1
    }

    /// The same as a topology, with one tree that has all defaults.
    public func topology() -> Topology {
        Topology(
            name: name,
            nodes: (0..<nodeCount).map { Topology.Node(id: nodes[$0]) },
            links: (0..<linkCount).map {
                Topology.Link(a: Int(a[$0]), b: Int(b[$0]), delayMilliseconds: delay[$0])
            },
            trees: [Topology.Tree(name: name)],
            notes: notes
        )
    }
}
