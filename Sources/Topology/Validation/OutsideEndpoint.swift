import Vocabulary

/// An endpoint of somebody outside the trees whom a node connects to: a publisher that feeds it, or a subscriber that it
/// serves.
enum OutsideEndpoint {
    /// A socket that is bound there, by its address.
    case socket(String)
    case groups([GroupAddress])

    /// A publisher: a group, or a bound PUB.
    static func feed(_ text: String) -> Result<OutsideEndpoint, ValueError> {
        if (try? Endpoint(text))?.scheme.isMulticast == true {
            return GroupAddress.heard(at: text).map(OutsideEndpoint.groups)
        }
        return socket(
            text,
            examples: "tcp://10.0.0.5:5556, where a PUB is bound, or epgm://eth1;239.192.9.1:7600"
        )
    }

    /// A subscriber: a bound SUB. A group is served by an island.
    static func sink(_ text: String) -> Result<OutsideEndpoint, ValueError> {
        socket(text, examples: "tcp://10.0.0.9:5557, where a SUB is bound")
    }

    private static func socket(
        _ text: String,
        examples: String
    ) -> Result<OutsideEndpoint, ValueError> {
        let scheme = (try? Endpoint(text))?.scheme
        guard scheme == .tcp || scheme == .ipc else {
            return .failure(ValueError("\(quoted(text)) cannot be used; write such as \(examples)"))
        }
        return RelayAddress.socket(text).map { .socket($0.address) }
    }
}

/// Checks the feeds and sinks of all trees: at a node, usable, and not a part of the trees themselves.
struct OutsiderCheck {
    let topology: Topology
    /// The node that listens at an address.
    let endpointOwners: [String: Int]
    /// Which tree and segment a group belongs to.
    let groupOwners: [GroupAddress: String]
    var mistakes: Mistakes

    mutating func run() {
        for tree in topology.trees {
            for feed in tree.feeds {
                check(feed, of: tree, as: "feed", OutsideEndpoint.feed(feed.endpoint))
            }
            for sink in tree.sinks {
                check(sink, of: tree, as: "sink", OutsideEndpoint.sink(sink.endpoint))
            }
        }
    }

    private mutating func check(
        _ outsider: Topology.Feed,
        of tree: Topology.Tree,
        as what: String,
        _ endpoint: Result<OutsideEndpoint, ValueError>
    ) {
        guard topology.nodes.indices.contains(outsider.node) else {
            return mistakes.add(
                "a \(what) of tree \(quoted(tree.name)) is at no node",
                at: outsider.position
            )
        }
        switch endpoint {
        case .failure(let refusal):
            mistakes.add(
                "a \(what) of tree \(quoted(tree.name)): \(refusal.reason)",
                at: outsider.position
            )
        case .success(.socket(let address)):
            guard let owner = endpointOwners[address] else { return }
            mistakes.add(
                "the \(what) \(quoted(outsider.endpoint)) is an endpoint of node \(quoted(topology.nodes[owner].id)): "
                    + "messages would go round for ever; nodes of a tree need no \(what) to find each other",
                at: outsider.position
            )
        case .success(.groups(let groups)):
            for group in groups {
                guard let owner = groupOwners[group] else { continue }
                mistakes.add(
                    "the feed \(quoted(outsider.endpoint)) listens to the group of \(owner): "
                        + "its messages would go round for ever; use another group or port",
                    at: outsider.position
                )
            }
        }
    }
}
