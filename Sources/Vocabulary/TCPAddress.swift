/// The address part of `tcp://`: `host:port`, `[v6]:port`, `*:port`, `interface:port`; the port may be `*` or 0.
///
/// A connect may name the address that it comes from before the one that it goes to, as libzmq writes it:
///
///     tcp://192.168.1.17:0;192.168.1.1:5555      from an address, by a port of the system's choice
///     tcp://eth0:6000;192.168.1.1:5555           from an interface's address and that port
package struct TCPAddress: Hashable, Sendable {
    package enum Host: Hashable, Sendable, CustomStringConvertible {
        /// `*`: every IPv4 address of this machine.
        case any
        /// A literal without brackets, a DNS name, or an interface's name.
        case name(String)

        package var description: String {
            switch self {
            case .any: "*"
            case .name(let name): name
            }
        }

        /// Whether only this machine gets there.
        package var isLoopback: Bool {
            guard case .name(let name) = self else { return false }
            return name == "localhost" || NetworkAddress(text: name)?.isLoopback == true
        }
    }

    /// Where a connect comes from.
    package struct Source: Hashable, Sendable {
        package var host: Host
        /// 0 = the kernel chooses.
        package var port: Int
    }

    /// What is wrong with a text. What to write instead depends on who asks: a socket may use a wildcard, a relay may not.
    package enum Mistake: Error, Equatable {
        case noPort
        case badPort(String)
        case openBracket
        /// An IPv6 address without brackets.
        case bareV6(host: String, port: String)
        case noHost
    }

    package var host: Host
    /// 0 = the kernel chooses.
    package var port: Int
    /// Only of a connect; `nil` = as the system's routes say.
    package var source: Source?

    package init(text: some StringProtocol) throws(Mistake) {
        guard let colon = text.lastIndex(of: ":") else { throw .noPort }
        let portText = String(text[text.index(after: colon)...])
        if portText == "*" {
            port = 0
        } else if portText.utf8.first?.isDigit == true, let number = UInt16(portText) {
            port = Int(number)
        } else {
            throw .badPort(portText)
        }
        var name = String(text[..<colon])
        if name.hasPrefix("[") {
            guard name.hasSuffix("]") else { throw .openBracket }
            name = String(name.dropFirst().dropLast())
        } else if name.contains(":") {
            throw .bareV6(host: name, port: portText)
        }
        guard !name.isEmpty else { throw .noHost }
        host = name == "*" ? .any : .name(name)
    }

    /// The address of a bind.
    package init(_ endpoint: Endpoint) throws(EndpointError) {
        let parts = endpoint.address.split(separator: ";", omittingEmptySubsequences: false)
        guard parts.count == 1 else {
            throw EndpointRefusal(endpoint: endpoint)(
                "an address to come from is for connecting; to bind, write \(endpoint.scheme.rawValue)://\(parts[0])"
            )
        }
        self = try Self.parsed(parts[0], of: endpoint)
    }

    private static func parsed(
        _ text: Substring,
        of endpoint: Endpoint
    ) throws(EndpointError) -> TCPAddress {
        do {
            return try TCPAddress(text: text)
        } catch {
            throw EndpointRefusal(endpoint: endpoint)(
                advice(error, String(text), endpoint.scheme.rawValue)
            )
        }
    }

    private static func advice(_ mistake: Mistake, _ text: String, _ scheme: String) -> String {
        switch mistake {
        case .noPort:
            "it has no port; write \(scheme)://\(text):5556, or \(scheme)://\(text):* to let the system choose"
        case .badPort(let port):
            "'\(port)' is not a port; ports go from 0 to 65535, * lets the system choose"
        case .openBracket: "the bracket is not closed"
        case .bareV6(let host, let port):
            "write an IPv6 address in brackets: \(scheme)://[\(host)]:\(port)"
        case .noHost: "it has no host; * means every interface"
        }
    }

    /// The address of a connect, which needs a port to go to, and may say where it comes from.
    package static func dialled(_ endpoint: Endpoint) throws(EndpointError) -> TCPAddress {
        let parts = endpoint.address.split(separator: ";", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            throw EndpointRefusal(endpoint: endpoint)(
                "it has \(parts.count) parts; write \(endpoint.scheme.rawValue)://host:port, or \(endpoint.scheme.rawValue)://from:0;host:port to say where it comes from"
            )
        }
        var address = try parsed(parts[parts.count - 1], of: endpoint)
        if parts.count == 2 {
            let source = try parsed(parts[0], of: endpoint)
            address.source = Source(host: source.host, port: source.port)
        }
        guard address.port != 0 else {
            throw EndpointRefusal(endpoint: endpoint)(
                "* and 0 can be bound, not connected to; name the port"
            )
        }
        return address
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
