import Vocabulary

/// Where a relay listens, as far as a topology is concerned.
///
/// Other relays connect to what is written, so it names one host and one port: wildcards, interfaces and "any port" are for
/// sockets that nobody has to find. Where a node binds is its own business: there a wildcard or an interface is fine.
struct RelayAddress {
    /// What may be used once on one machine: `host:port`, or the whole text.
    let address: String

    /// Whom an endpoint is for.
    enum Use {
        /// Others connect to it.
        case advertised
        /// The node itself binds it, and others are told another one.
        case bound
    }

    /// Checks `tcp://host:port` or `ipc://path`.
    static func socket(
        _ text: String,
        for use: Use = .advertised
    ) -> Result<RelayAddress, ValueError> {
        let endpoint = try? Endpoint(text)
        switch endpoint?.scheme {
        case .tcp?:
            return hostAndPort(
                endpoint?.address ?? "",
                of: text,
                form: "tcp://10.0.0.1:6001",
                for: use
            )
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

    /// Checks `ws://host:port/path`, where a wildcard is fine: no relay connects to it.
    static func web(_ text: String) -> Result<RelayAddress, ValueError> {
        guard let endpoint = try? Endpoint(text), [.ws, .wss].contains(endpoint.scheme) else {
            return .failure(
                ValueError(
                    "\(quoted(text)) is no WebSocket endpoint; write ws://HOST:PORT/PATH or wss://HOST:PORT/PATH"
                )
            )
        }
        let place = String(endpoint.address.prefix { $0 != "/" })
        return hostAndPort(place, of: text, form: "ws://10.0.0.1:6080", for: .bound)
    }

    /// Checks `host:port`.
    static func control(
        _ text: String,
        example: String = "10.0.0.1:6003",
        for use: Use = .advertised
    ) -> Result<RelayAddress, ValueError> {
        hostAndPort(text, of: text, form: example, for: use)
    }

    private static func hostAndPort(
        _ place: String,
        of text: String,
        form: String,
        for use: Use
    ) -> Result<RelayAddress, ValueError> {
        do {
            let address = try TCPAddress(text: place)
            guard address.port > 0 else { return .failure(ValueError(badPort(of: text))) }
            let host = place[..<(place.lastIndex(of: ":") ?? place.endIndex)]
            if let reason = refusal(of: host, address.host, in: text, form: form, for: use) {
                return .failure(ValueError(reason))
            }
            return .success(RelayAddress(address: place.lowercased()))
        } catch {
            switch error {
            case .noPort:
                return .failure(ValueError("\(quoted(text)) has no port; write such as \(form)"))
            case .badPort: return .failure(ValueError(badPort(of: text)))
            case .bareV6, .openBracket, .noHost:
                return .failure(ValueError("\(quoted(text)) names no host; write such as \(form)"))
            }
        }
    }

    /// Why the host is none that others could use, or that could be bound.
    private static func refusal(
        of host: Substring,
        _ parsed: TCPAddress.Host,
        in text: String,
        form: String,
        for use: Use
    ) -> String? {
        if isWildcard(parsed) {
            guard use == .advertised else { return nil }
            return
                "\(quoted(text)) is a wildcard, and other nodes connect to it; name the host, give the node an "
                + "address, or write {bind: \(quoted(text)), advertise: \(quoted(form))}"
        }
        guard isHost(host) else { return "\(quoted(text)) names no host; write such as \(form)" }
        guard use == .advertised else { return nil }
        return interfaceRefusal(of: host).map {
            "\(quoted(text)) \($0), or write {bind: \(quoted(text)), advertise: \(quoted(form))}"
        }
    }

    /// Why others cannot connect to a host of that name: it is an interface's, or an address with the scope of one.
    static func interfaceRefusal(of host: some StringProtocol) -> String? {
        if host.hasPrefix("["), let sign = host.firstIndex(of: "%") {
            let scope = host[host.index(after: sign)...].prefix { $0 != "]" }
            return
                "has the scope \(quoted(scope)), an interface of one machine that means nothing to others; "
                + "use an address without scope"
        }
        guard InterfaceName.isLikely(host) else { return nil }
        return
            "names the interface \(quoted(host)), and others cannot connect to an interface's name; "
            + "use the host's name or address"
    }

    private static func isWildcard(_ host: TCPAddress.Host) -> Bool {
        switch host {
        case .any: true
        case .name(let name): name == "0.0.0.0" || name == "::"
        }
    }

    /// Whether `text` is a wildcard at some port: an endpoint, or `host:port`.
    static func isWildcard(_ text: String) -> Bool {
        let place = (try? Endpoint(text)).map { $0.scheme == .tcp ? $0.address : "" } ?? text
        return (try? TCPAddress(text: place)).map { isWildcard($0.host) } ?? false
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
            return NetworkAddress(text: inside.prefix { $0 != "%" })?.family == .v6
        }
        return !host.isEmpty
            && host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
    }
}

extension Validation {
    mutating func checkEndpoints(of node: Topology.Node, index: Int) {
        let places = [
            ("publishers", node.publishersEndpoint.map { RelayAddress.socket($0) }),
            ("subscribers", node.subscribersEndpoint.map { RelayAddress.socket($0) }),
            ("control", node.controlEndpoint.map { RelayAddress.control($0) }),
            ("websocket", node.websocket.map { RelayAddress.web($0) }),
        ]
        let binds = [
            ("publishers", node.bind.publishers.map { RelayAddress.socket($0, for: .bound) }),
            ("subscribers", node.bind.subscribers.map { RelayAddress.socket($0, for: .bound) }),
            ("control", node.bind.control.map { RelayAddress.control($0, for: .bound) }),
        ]
        // What this node binds apart from what others are told; other nodes may bind the same at home.
        var bound: [String: String] = [:]
        for case (let key, let place?) in places { check(place, key: key, of: node, index: index) }
        for (key, place) in binds { checkBind(place, key, of: node, &bound) }
    }

    private mutating func checkBind(
        _ result: Result<RelayAddress, ValueError>?,
        _ key: String,
        of node: Topology.Node,
        _ bound: inout [String: String]
    ) {
        guard let result else { return }
        switch result {
        case .failure(let refusal):
            mistakes.add("\(key) of node \(quoted(node.id)): \(refusal.reason)", at: node.position)
        case .success(let place):
            guard let other = bound.updateValue(key, forKey: place.address) else { return }
            mistakes.add(
                "\(key) and \(other) of node \(quoted(node.id)) both bind \(place.address)",
                at: node.position
            )
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
