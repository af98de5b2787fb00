import Vocabulary

/// Where a relay listens, as far as a topology is concerned.
///
/// Other relays connect to what is written, so it names one host and one port: wildcards and "any port" are for sockets
/// that nobody has to find.
struct RelayAddress {
    /// What may be used once on one machine: `host:port`, or the whole text.
    let address: String

    /// Checks `tcp://host:port` or `ipc://path`.
    static func socket(_ text: String) -> Result<RelayAddress, ValueError> {
        let endpoint = try? Endpoint(text)
        switch endpoint?.scheme {
        case .tcp?:
            return hostAndPort(endpoint?.address ?? "", of: text, form: "tcp://10.0.0.1:6001")
        case .ipc? where endpoint?.address != "*":
            return .success(RelayAddress(address: text))
        default:
            return .failure(
                ValueError(
                    "\(quoted(text)) is not an endpoint; write tcp://HOST:PORT or ipc://PATH"
                )
            )
        }
    }

    /// Checks `host:port`.
    static func control(
        _ text: String,
        example: String = "10.0.0.1:6003"
    ) -> Result<RelayAddress, ValueError> {
        hostAndPort(text, of: text, form: example)
    }

    private static func hostAndPort(
        _ place: String,
        of text: String,
        form: String
    ) -> Result<RelayAddress, ValueError> {
        let refusal: String
        do {
            let address = try TCPAddress(text: place)
            guard address.port > 0 else { return .failure(ValueError(badPort(of: text))) }
            if case .name(let host) = address.host, host != "0.0.0.0", host != "::" {
                if isHost(place[..<(place.lastIndex(of: ":") ?? place.endIndex)]) {
                    return .success(RelayAddress(address: place.lowercased()))
                }
                refusal = "\(quoted(text)) names no host; write such as \(form)"
            } else {
                refusal =
                    "\(quoted(text)) is a wildcard; name the host, as other nodes connect to it"
            }
        } catch {
            switch error {
            case .noPort: refusal = "\(quoted(text)) has no port; write such as \(form)"
            case .badPort: refusal = badPort(of: text)
            case .bareV6, .openBracket, .noHost:
                refusal = "\(quoted(text)) names no host; write such as \(form)"
            }
        }
        return .failure(ValueError(refusal))
    }

    private static func badPort(of text: String) -> String {
        "the port of \(quoted(text)) must be a number from 1 to 65535; "
            + "leave the key out to have one chosen"
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
            check(RelayAddress.socket(text), key: key, of: node, index: index)
        }
        if let text = node.controlEndpoint {
            check(RelayAddress.control(text), key: "control", of: node, index: index)
        }
    }

    private mutating func check(
        _ result: Result<RelayAddress, ValueError>,
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
