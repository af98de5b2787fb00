import NIOCore

/// The address part of `tcp://`: `host:port`, `[v6]:port`, `*:port`, `interface:port`; the port may be `*` or 0.
struct TCPAddress: Equatable {
    enum Host: Equatable {
        /// `*`: every IPv4 address of this machine.
        case any
        /// A literal, a DNS name, or an interface's name.
        case name(String)
    }

    var host: Host
    /// 0 = the kernel chooses.
    var port: Int

    init(_ endpoint: Endpoint) throws(EndpointError) {
        let text = endpoint.address
        func refuse(_ problem: String) -> EndpointError {
            EndpointError(endpoint: endpoint.description, problem: problem)
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw refuse(
                "it has no port; write tcp://\(text):5556, or tcp://\(text):* to let the system choose"
            )
        }
        let portText = text[text.index(after: colon)...]
        if portText == "*" {
            port = 0
        } else if let number = Int(portText), (0...65_535).contains(number) {
            port = number
        } else {
            throw refuse(
                "'\(portText)' is not a port; ports go from 0 to 65535, * lets the system choose"
            )
        }
        var hostText = text[..<colon]
        if hostText.hasPrefix("[") {
            guard hostText.hasSuffix("]") else { throw refuse("the bracket is not closed") }
            hostText = hostText.dropFirst().dropLast()
        } else if hostText.contains(":") {
            throw refuse("write an IPv6 address in brackets: tcp://[\(hostText)]:\(portText)")
        }
        guard !hostText.isEmpty else { throw refuse("it has no host; * means every interface") }
        host = hostText == "*" ? .any : .name(String(hostText))
    }

    /// The address of a connect, which needs a port to go to.
    static func dialled(_ endpoint: Endpoint) throws(EndpointError) -> TCPAddress {
        let address = try TCPAddress(endpoint)
        guard address.port != 0 else {
            throw EndpointError(
                endpoint: endpoint.description,
                problem: "* and 0 can be bound, not connected to; name the port"
            )
        }
        return address
    }

    /// The address to bind to; interface names stand for their first IPv4 address, else their first IPv6 one.
    func bindAddress(devices: [NIONetworkDevice]) throws -> SocketAddress {
        switch host {
        case .any:
            return try SocketAddress(ipAddress: "0.0.0.0", port: port)
        case .name(let name):
            if let literal = try? SocketAddress(ipAddress: name, port: port) { return literal }
            let ofInterface = devices.filter { $0.name == name }.compactMap(\.address)
            if let device = ofInterface.first(where: { $0.protocol == .inet }) ?? ofInterface.first,
                let ip = device.ipAddress
            {
                return try SocketAddress(ipAddress: ip, port: port)
            }
            return try SocketAddress.makeAddressResolvingHost(name, port: port)
        }
    }
}
