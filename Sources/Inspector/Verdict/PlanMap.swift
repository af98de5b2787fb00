import Dissection
import TreeBuilder

/// Which node of a plan an address belongs to.
struct PlanMap {
    enum Side { case subscribers, publishers }

    struct Endpoint {
        var node: String
        var side: Side
        /// `nil` for `*` and for names, which only the port tells.
        var address: IPAddress?
        var port: UInt16
    }

    /// The group of an island: who sends to it, in which tree.
    struct Island {
        var tree: Int
        var head: String
        var members: [String]
        var group: IPAddress
        var port: UInt16
    }

    let plan: Plan
    private var endpoints: [Endpoint] = []
    private var islands: [Island] = []
    /// Addresses that belong to one node alone.
    private var nodes: [IPAddress: String] = [:]
    private var shared: Set<IPAddress> = []

    init(_ plan: Plan) {
        self.plan = plan
        for node in plan.nodes {
            add(node.publishersEndpoint, bind: node.publishersBind, of: node.id, .publishers)
            add(node.subscribersEndpoint, bind: node.subscribersBind, of: node.id, .subscribers)
        }
        for (index, tree) in plan.trees.enumerated() {
            for island in tree.islands { add(island, of: index) }
        }
    }

    private mutating func add(_ island: IslandPlan, of tree: Int) {
        guard let head = island.head, let group = island.group,
            let (host, port) = Self.hostAndPort(group), let address = IPAddress(host)
        else { return }
        islands.append(
            Island(
                tree: tree,
                head: head,
                members: island.members,
                group: address,
                port: port
            )
        )
    }

    /// What others connect to; and behind NAT, where a capture shows it, what the node binds.
    private mutating func add(_ told: String?, bind: String?, of node: String, _ side: Side) {
        add(told, of: node, side)
        if bind != told { add(bind, of: node, side) }
    }

    private mutating func add(_ text: String?, of node: String, _ side: Side) {
        guard let text, let (host, port) = Self.hostAndPort(text) else { return }
        let address = IPAddress(host)
        endpoints.append(Endpoint(node: node, side: side, address: address, port: port))
        guard let address else { return }
        if let known = nodes[address], known != node { shared.insert(address) }
        nodes[address] = node
    }

    /// `tcp://10.0.0.1:6001`, `tcp://[::1]:6001`, `239.192.1.1:7500`.
    static func hostAndPort(_ text: String) -> (host: String, port: UInt16)? {
        var rest = text[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        guard let colon = rest.lastIndex(of: ":"),
            let port = UInt16(rest[rest.index(after: colon)...]), port > 0
        else { return nil }
        var host = rest[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        return (String(host), port)
    }

    /// The endpoint that somebody listens at. A port alone decides only when no other node has it, or at the tap's own node.
    func endpoint(at address: SocketAddress, tap: String?) -> Endpoint? {
        if let exact = endpoints.first(where: {
            $0.address == address.address && $0.port == address.port
        }) {
            return exact
        }
        let ofPort = endpoints.filter { $0.port == address.port && $0.address == nil }
        if ofPort.count == 1 { return ofPort[0] }
        return ofPort.first { $0.node == tap }
    }

    /// The one node that has this address.
    func node(at address: IPAddress) -> String? {
        shared.contains(address) ? nil : nodes[address]
    }

    func island(_ group: IPAddress, port: UInt16) -> Island? {
        islands.first { $0.group == group && $0.port == port }
    }

    /// The tree a topic belongs to: the longest prefix wins. `nil` when none, or when it cannot be told.
    func tree(of topic: TopicPrefix) -> Int? {
        var best: (tree: Int, byteCount: Int)?
        for (index, tree) in plan.trees.enumerated() {
            for prefix in tree.topics where topic.matches(prefix.utf8) != .no {
                if best == nil || prefix.utf8.count > (best?.byteCount ?? 0) {
                    best = (index, prefix.utf8.count)
                }
            }
        }
        return best?.tree
    }
}
