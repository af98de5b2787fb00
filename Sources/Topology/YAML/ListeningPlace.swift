import Vocabulary

/// One of the three places where a node listens, as a topology file writes it.
///
///     publishers: tcp://10.0.0.1:6001          there others connect, and there it binds
///     publishers: 6001                         at the node's address
///     publishers: tcp://*:6001                 with an address: binds everywhere, and tells the address
///     publishers: "*"                          the same at the default port
///     publishers: {bind: tcp://*:6001, advertise: tcp://203.0.113.10:6001}
///     bind-address: 10.0.0.5                   where all of them bind, at their own ports
struct ListeningPlace {
    /// What is told, and what is bound when that is something else.
    struct Pair: Equatable {
        var advertise: String
        var bind: String?
    }

    let key: String
    let defaultPort: String
    /// `tcp://`, or nothing for `host:port`.
    let scheme: String
    /// The node's address, as it stands in an endpoint.
    var host: String?
    /// Where the node binds, likewise.
    var bindHost: String?

    /// What a node without the key has; `nil` = chosen at start.
    var byDefault: Pair? { host.map { pair(advertise: "\(scheme)\($0):\(defaultPort)") } }

    /// From `key: text`.
    func pair(_ text: String) -> Result<Pair, ValueError> {
        if host != nil, text == "*" || RelayAddress.isWildcard(text) {
            return pair(bind: text, advertise: nil)
        }
        return advertised(text).map { pair(advertise: $0) }
    }

    /// From `key: {bind: …, advertise: …}`, one of which may be absent.
    func pair(bind: String?, advertise: String?) -> Result<Pair, ValueError> {
        switch (bind, advertise) {
        case (nil, nil):
            return .failure(ValueError("it is empty; write {bind: …, advertise: …}"))
        case (nil, let advertise?):
            return advertised(advertise).map {
                // Whoever says what others are told has another address at home.
                Pair(advertise: $0, bind: moved($0, to: bindHost ?? "*"))
            }
        case (let bind?, let advertise):
            let port = advertise.flatMap(Self.port(of:)) ?? defaultPort
            return bound(bind == "*" ? "\(scheme)*:\(port)" : bind).flatMap { bind in
                (advertise.map(advertised) ?? told(of: bind)).map { told in
                    Pair(advertise: told, bind: bind == told ? nil : bind)
                }
            }
        }
    }

    private func pair(advertise: String) -> Pair {
        let bind = bindHost.flatMap { moved(advertise, to: $0) }
        return Pair(advertise: advertise, bind: bind == advertise ? nil : bind)
    }

    /// A whole endpoint, or a port of the node's address.
    private func advertised(_ text: String) -> Result<String, ValueError> {
        var endpoint = text
        if Int(text) != nil {
            guard let host else {
                return .failure(
                    ValueError("a port alone needs an address; else write \(scheme)HOST:\(text)")
                )
            }
            endpoint = "\(scheme)\(host):\(text)"
        }
        return checked(endpoint, for: .advertised)
    }

    /// A whole endpoint, or a port of where the node binds.
    private func bound(_ text: String) -> Result<String, ValueError> {
        checked(Int(text) == nil ? text : "\(scheme)\(bindHost ?? "*"):\(text)", for: .bound)
    }

    /// What others are told of a place that is bound: the same at the node's address.
    private func told(of bind: String) -> Result<String, ValueError> {
        guard let host else {
            let checked = checked(bind, for: .advertised)
            return checked.mapError { _ in
                ValueError(
                    "nobody can connect to \(quoted(bind)); say what others are told: "
                        + "{bind: \(quoted(bind)), advertise: \(quoted("\(scheme)HOST:PORT"))}, "
                        + "or give the node an address"
                )
            }
        }
        return checked(moved(bind, to: host) ?? bind, for: .advertised)
    }

    private func checked(_ text: String, for use: RelayAddress.Use) -> Result<String, ValueError> {
        let result =
            scheme.isEmpty
            ? RelayAddress.control(text, for: use) : RelayAddress.socket(text, for: use)
        return result.map { _ in text }
    }

    private static func port(of text: String) -> String? {
        if Int(text) != nil { return text }
        return text.lastIndex(of: ":").map { String(text[text.index(after: $0)...]) }
    }

    /// The same port at another host; `nil` for what has no port.
    private func moved(_ text: String, to host: String) -> String? {
        guard text.hasPrefix(scheme), let colon = text.lastIndex(of: ":") else { return nil }
        return "\(scheme)\(host)\(text[colon...])"
    }
}

extension ListeningPlace {
    /// A host that others connect to.
    static func host(_ text: String) -> Result<String, ValueError> {
        bracketed(text).flatMap { host in
            RelayAddress.interfaceRefusal(of: host).map {
                .failure(
                    ValueError("\(quoted(text)) \($0); an interface to bind is a bind-address")
                )
            } ?? .success(host)
        }
    }

    /// A host to bind, or `*` for all of this machine.
    static func bindHost(_ text: String) -> Result<String, ValueError> {
        text == "*" ? .success(text) : bracketed(text)
    }

    /// A host as it stands in an endpoint: an IPv6 address gets the brackets that it needs beside a port.
    private static func bracketed(_ text: String) -> Result<String, ValueError> {
        let host = text.contains(":") && !text.hasPrefix("[") ? "[\(text)]" : text
        guard RelayAddress.isHost(host) else {
            return .failure(
                ValueError(
                    "\(quoted(text)) is not a host; write a name or an IP address, without port"
                )
            )
        }
        return .success(host)
    }
}
