import NIOCore
import Vocabulary

extension TCPAddress {
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
