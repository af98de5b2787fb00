/// The address part of `tcp://`: `host:port`, `[v6]:port`, `*:port`, `interface:port`; the port may be `*` or 0.
package struct TCPAddress: Hashable, Sendable {
    package enum Host: Hashable, Sendable {
        /// `*`: every IPv4 address of this machine.
        case any
        /// A literal without brackets, a DNS name, or an interface's name.
        case name(String)
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

    package init(_ endpoint: Endpoint) throws(EndpointError) {
        do {
            try self.init(text: endpoint.address)
        } catch {
            throw EndpointRefusal(endpoint: endpoint)(Self.advice(error, endpoint.address))
        }
    }

    private static func advice(_ mistake: Mistake, _ text: String) -> String {
        switch mistake {
        case .noPort:
            "it has no port; write tcp://\(text):5556, or tcp://\(text):* to let the system choose"
        case .badPort(let port):
            "'\(port)' is not a port; ports go from 0 to 65535, * lets the system choose"
        case .openBracket: "the bracket is not closed"
        case .bareV6(let host, let port):
            "write an IPv6 address in brackets: tcp://[\(host)]:\(port)"
        case .noHost: "it has no host; * means every interface"
        }
    }

    /// The address of a connect, which needs a port to go to.
    package static func dialled(_ endpoint: Endpoint) throws(EndpointError) -> TCPAddress {
        let address = try TCPAddress(endpoint)
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
