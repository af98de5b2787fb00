/// The text of a place where a relay listens, as far as a topology is concerned.
///
/// Other relays connect to what is written, so it names one host and one port: wildcards and "any
/// port" are for sockets that nobody has to find.
struct Endpoint {
    /// What may be used once on one machine: `host:port`, or the whole text.
    let address: String

    /// Checks `tcp://host:port` or `ipc://path`.
    static func socket(_ text: String) -> Result<Endpoint, Refusal> {
        if text.hasPrefix("tcp://") {
            return hostAndPort(
                text.dropFirst("tcp://".count),
                of: text,
                form: "tcp://10.0.0.1:6001"
            )
        }
        if text.hasPrefix("ipc://"), text.count > "ipc://".count, !text.hasSuffix("://*") {
            return .success(Endpoint(address: text))
        }
        return .failure(
            Refusal("\(quoted(text)) is not an endpoint; write tcp://HOST:PORT or ipc://PATH")
        )
    }

    /// Checks `host:port`.
    static func control(
        _ text: String,
        example: String = "10.0.0.1:6003"
    ) -> Result<Endpoint, Refusal> {
        hostAndPort(text[...], of: text, form: example)
    }

    private static func hostAndPort(
        _ rest: Substring,
        of text: String,
        form: String
    ) -> Result<Endpoint, Refusal> {
        guard let colon = rest.lastIndex(of: ":") else {
            return .failure(Refusal("\(quoted(text)) has no port; write such as \(form)"))
        }
        let (host, port) = (rest[..<colon], rest[rest.index(after: colon)...])
        guard isPort(port) else {
            return .failure(
                Refusal(
                    "the port of \(quoted(text)) must be a number from 1 to 65535; "
                        + "leave the key out to have one chosen"
                )
            )
        }
        if host == "*" || host == "0.0.0.0" || host == "[::]" {
            return .failure(
                Refusal(
                    "\(quoted(text)) is a wildcard; name the host, as other nodes connect to it"
                )
            )
        }
        guard isHost(host) else {
            return .failure(Refusal("\(quoted(text)) names no host; write such as \(form)"))
        }
        return .success(Endpoint(address: rest.lowercased()))
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard (1...5).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return false
        }
        return Int(text).map { (1...65_535).contains($0) } ?? false
    }

    /// A name, an IPv4 address, or an IPv6 address in brackets. Whether it resolves is seen when it
    /// is used.
    static func isHost(_ host: some StringProtocol) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inside = host.dropFirst().dropLast()
            return inside.contains(":")
                && inside.allSatisfy {
                    $0.isASCII && ($0.isHexDigit || ":.%".contains($0) || $0.isLetter)
                }
        }
        return !host.isEmpty
            && host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
    }
}

extension Validation {
    mutating func checkEndpoints(of node: Topology.Node, index: Int) {
        let sockets = [
            ("publishers", node.publishersEndpoint), ("subscribers", node.subscribersEndpoint),
        ]
        for case (let key, let text?) in sockets {
            check(Endpoint.socket(text), key: key, of: node, index: index)
        }
        if let text = node.controlEndpoint {
            check(Endpoint.control(text), key: "control", of: node, index: index)
        }
    }

    private mutating func check(
        _ result: Result<Endpoint, Refusal>,
        key: String,
        of node: Topology.Node,
        index: Int
    ) {
        switch result {
        case .failure(let refusal):
            mistakes.add("\(key) of node \(quoted(node.id)): \(refusal.reason)", at: node.position)
        case .success(let endpoint):
            guard let owner = endpointOwners[endpoint.address] else {
                endpointOwners[endpoint.address] = index
                return
            }
            let user = owner == index ? "another key of this node" : "node \(id(owner))"
            mistakes.add(
                "\(key) of node \(quoted(node.id)) is \(endpoint.address), which \(user) uses"
                    + "\(line(of: topology.nodes[owner].position)); give each its own port",
                at: node.position
            )
        }
    }
}
