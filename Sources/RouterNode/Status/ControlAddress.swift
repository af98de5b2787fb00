import FlyingFox
import FlyingSocks
import Foundation
import NIOCore

/// The address of a control endpoint: `host:port` or `[v6]:port`; to be bound also `*:port` or `interface:port`.
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
        self.host = String(host)
        self.port = port
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The same address in numbers where a host could not be looked up: every interface, or the first address of one.
    func bound() throws(ControlError) -> ControlAddress {
        guard host != "*" else { return try ControlAddress("0.0.0.0:\(port)") }
        let ofInterface = ((try? System.enumerateDevices()) ?? []).filter { $0.name == host }
            .compactMap(\.address)
        let address = ofInterface.first { $0.protocol == .inet } ?? ofInterface.first
        guard let ip = address?.ipAddress else { return self }
        return try ControlAddress(ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)")
    }

    /// The socket address; a host name is resolved.
    func resolved() throws(ControlError) -> any FlyingSocks.SocketAddress {
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
