package import NIOCore
import NIOPosix
import Vocabulary

/// What stands for one address of a socket.
extension TCPAddress.Host {
    /// The address with that port where no look-up is needed: a literal, or the address of one of this machine's interfaces, of
    /// its addresses the first of IPv4, else the first of IPv6. `nil` for what may be a host's name.
    func socketAddress(
        port: Int,
        preferred family: NIOBSDSocket.ProtocolFamily = .inet,
        refuse: EndpointRefusal
    ) throws -> SocketAddress? {
        guard case .name(let name) = self else {
            return try SocketAddress(ipAddress: family == .inet ? "0.0.0.0" : "::", port: port)
        }
        if let literal = try Self.literal(name, port, refuse) { return literal }
        let ofInterface = LocalInterfaces.devices.filter { $0.name == name }.compactMap(\.address)
        var device = ofInterface.first { $0.protocol == family } ?? ofInterface.first
        device?.port = port
        return device
    }

    /// A number; one of IPv6 may name its interface: `fe80::1%eth0`. `nil` for a name.
    static func literal(
        _ name: String,
        _ port: Int,
        _ refuse: EndpointRefusal
    ) throws -> SocketAddress? {
        let parts = name.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let number = NetworkAddress(text: parts[0]) else { return nil }
        guard parts.count == 2 else {
            guard !number.isLinkLocal else {
                throw refuse(
                    "a link-local address is one on each link; name the interface, as in [\(name)%"
                        + "\(LocalInterfaces.example)]; " + LocalInterfaces.known
                )
            }
            return try SocketAddress(ipAddress: name, port: port)
        }
        let scope = String(parts[1])
        let index = sockaddr_in6.scope(named: scope)
        guard number.family == .v6, index > 0 else {
            throw refuse("this machine has no interface '\(scope)'; " + LocalInterfaces.known)
        }
        var address = try SocketAddress(ipAddress: String(parts[0]), port: port)
        if case .v6(let v6) = address {
            var storage = v6.address
            storage.scope = index
            address = SocketAddress(storage, host: "")
        }
        return address
    }
}

extension TCPAddress {
    /// Where a connect goes to, if that is a number, and where it comes from.
    func dialAddresses(
        of endpoint: Endpoint
    ) throws -> (target: SocketAddress?, source: SocketAddress?) {
        let refuse = EndpointRefusal(endpoint: endpoint)
        var target: SocketAddress?
        switch host {
        // Connecting to the wildcard means this machine, as libzmq's users expect.
        case .any: target = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        case .name(let name): target = try Host.literal(name, port, refuse)
        }
        guard let source else { return (target, nil) }
        let family = target?.protocol ?? .inet
        guard
            let origin = try source.host.socketAddress(
                port: source.port,
                preferred: family,
                refuse: refuse
            )
        else {
            throw refuse(
                "'\(source.host)' is neither an address nor an interface to come from; "
                    + LocalInterfaces.known
            )
        }
        guard origin.protocol == family || target == nil else {
            throw refuse("it comes from one family of addresses and goes to another")
        }
        return (target, origin)
    }

    /// The address to bind to.
    func bindAddress(
        of endpoint: Endpoint,
        tcp: TCPOptions = TCPOptions()
    ) throws -> SocketAddress {
        let refuse = EndpointRefusal(endpoint: endpoint)
        if host == .any, tcp.isDualStack == true {
            return try SocketAddress(ipAddress: "::", port: port)
        }
        if let known = try host.socketAddress(port: port, refuse: refuse) { return known }
        guard case .name(let name) = host,
            let resolved = try? SocketAddress.makeAddressResolvingHost(name, port: port)
        else {
            throw refuse(
                "'\(host)' is neither an interface nor the name of a host; " + LocalInterfaces.known
            )
        }
        return resolved
    }
}

/// The interfaces of this machine, for messages.
enum LocalInterfaces {
    static var devices: [NIONetworkDevice] { (try? System.enumerateDevices()) ?? [] }

    /// `there are lo (127.0.0.1, ::1), eth0 (10.0.0.7)`
    static var known: String {
        var names: [String] = []
        var addresses: [String: [String]] = [:]
        for device in devices {
            guard let ip = device.address?.ipAddress else { continue }
            if addresses[device.name] == nil { names.append(device.name) }
            addresses[device.name, default: []].append(ip)
        }
        guard !names.isEmpty else { return "it has none with an address" }
        return "there are "
            + names.map { "\($0) (\((addresses[$0] ?? []).joined(separator: ", ")))" }
            .joined(separator: ", ")
    }

    /// One that a link-local address may be on.
    static var example: String {
        devices.first { !($0.address?.ipAddress?.hasPrefix("127.") ?? true) && $0.name != "lo" }?
            .name
            ?? "lo"
    }
}

extension SocketAddress {
    /// A number and a port, as `endpointText` gives them; `nil` for anything else.
    package init?(endpointText text: String) {
        let refuse = EndpointRefusal(endpoint: Endpoint(scheme: .udp, address: text))
        guard let place = try? TCPAddress(text: text), place.port > 0,
            case .name(let name) = place.host,
            let address = try? TCPAddress.Host.literal(name, place.port, refuse)
        else { return nil }
        self = address
    }

    /// As it stands in an endpoint: IPv6 in brackets, with the interface of a link-local one.
    package var endpointText: String? {
        guard let ip = ipAddress, let port else { return nil }
        guard case .v6(let v6) = self else { return "\(ip):\(port)" }
        let scope = v6.address.scope
        return "[\(ip)\(scope == 0 ? "" : "%" + sockaddr_in6.name(ofScope: scope))]:\(port)"
    }
}
