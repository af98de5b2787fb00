package import Vocabulary
import PGM

/// An endpoint, resolved on this machine: its address, the interface it names, and the options of the socket. Sources and
/// receivers are made from it.
package struct MulticastLink: Sendable {
    package let endpoint: Endpoint
    package let address: MulticastAddress
    package let interface: NetworkInterface
    package let options: MulticastOptions
    /// The largest IP packet.
    package let packetByteCountMax: Int
    let carrier: DatagramSocket.Carrier

    package init(_ endpoint: Endpoint, options: MulticastOptions) throws(EndpointError) {
        self.endpoint = endpoint
        self.options = options
        if let problem = options.problem { throw EndpointRefusal(endpoint: endpoint)(problem) }
        address = try MulticastAddress(endpoint)
        interface = try NetworkInterface(address, of: endpoint)
        carrier = endpoint.scheme == .pgm ? .raw : .udp
        packetByteCountMax =
            options.packetByteCountMax
            ?? min(interface.packetByteCountMax, Self.packetByteCountMaxOfLibzmq)
    }

    var refuse: EndpointRefusal { EndpointRefusal(endpoint: endpoint) }

    var isV4: Bool { interface.address.family == .v4 }

    /// Octets of the headers of IP and UDP.
    var overheadByteCount: Int {
        MulticastOptions.overheadByteCount(isUDP: carrier == .udp, isV4: isV4)
    }

    /// `group:port`.
    func text(of group: NetworkAddress) -> String { "\(group.endpointText):\(address.port)" }

    func kernelAddress(_ target: NetworkAddress) -> KernelAddress {
        KernelAddress(
            target,
            port: carrier == .udp ? address.port : 0,
            interfaceIndex: interface.index
        )
    }

    func makeSocket(_ role: DatagramSocket.Role) throws(EndpointError) -> DatagramSocket {
        let socket = try DatagramSocket(
            role,
            carrier: carrier,
            interface: interface,
            port: address.port,
            refuse: refuse
        )
        var hops = options.hops
        switch role {
        case .source, .group: break
        // RFC 3208 §13.5: a request for SPMs is multicast to this network only.
        case .requests: hops = 1
        case .host: hops = 0
        }
        socket.configure(
            DatagramSocket.Sending(
                hops: hops,
                isLoopbackEnabled: options.isLoopbackEnabled,
                differentiatedServices: options.differentiatedServices,
                allowsFragments: packetByteCountMax > interface.packetByteCountMax
            ),
            through: interface
        )
        return socket
    }

    private static let packetByteCountMaxOfLibzmq = 1_500
}
