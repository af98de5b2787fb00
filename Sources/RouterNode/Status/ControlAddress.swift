import FlyingFox
import FlyingSocks
import Foundation

/// The address of a control endpoint: `host:port`, `[v6]:port`, or `*:port` for every IPv4 address of this machine.
struct ControlAddress: CustomStringConvertible {
    let host: String
    var port: UInt16

    init(_ text: String) throws(ControlError) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]),
            colon > text.startIndex
        else {
            throw ControlError(
                message:
                    "'\(text)' is not a control endpoint; write host:port, such as 127.0.0.1:6003"
            )
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.host = host == "*" ? "0.0.0.0" : String(host)
        self.port = port
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The socket address; a host name is resolved.
    func resolved() throws(ControlError) -> any SocketAddress {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0, let first = list?.pointee, let address = first.ai_addr else {
            let reason = String(cString: gai_strerror(status))
            throw ControlError(
                message: "cannot find the host '\(host)' of a control endpoint: \(reason)"
            )
        }
        return first.ai_family == AF_INET6
            ? address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee }
            : address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee }
    }
}
