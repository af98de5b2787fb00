/// The address part of `udp://`: `host:port`, or `interface;group:port`.
///
///     udp://192.168.1.7:5556              to one place
///     udp://eth0;239.192.1.1:5556         to a group, by that interface
///     udp://*:5556                        to receive: what comes to this machine
package struct DatagramAddress: Hashable, Sendable {
    /// Where datagrams go, or, to receive, come to.
    package var place: TCPAddress
    /// The name or the address of the interface of a group; `nil` = the system's choice.
    package var interface: String?

    package init(_ endpoint: Endpoint) throws(EndpointError) {
        let parts = endpoint.address.split(separator: ";", omittingEmptySubsequences: false)
        let refuse = EndpointRefusal(endpoint: endpoint)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw refuse("write udp://host:port, or udp://interface;group:port")
        }
        do {
            place = try TCPAddress(text: parts[parts.count - 1])
        } catch {
            throw refuse("it needs a host and a port, as in udp://239.192.1.1:5556")
        }
        if parts.count == 2 { interface = parts[0] == "*" ? nil : String(parts[0]) }
    }

    /// The group, if it is one.
    package var group: NetworkAddress? {
        guard case .name(let name) = place.host, let address = NetworkAddress(text: name),
            address.isMulticast
        else { return nil }
        return address
    }
}
