import NIOCore
import NIOPosix
import Vocabulary

/// The addresses behind a `udp://` endpoint.
struct DatagramPlan: Sendable {
    /// Where the socket is bound.
    let local: SocketAddress
    /// Where it sends to; `nil` = it is bound to receive.
    let target: SocketAddress?
    /// The group that it receives from or sends to.
    let group: NetworkAddress?
    /// The index of the group's interface; 0 = the system's choice.
    let interfaceIndex: Int

    init(_ endpoint: Endpoint, isBound: Bool) throws {
        let address = try DatagramAddress(endpoint)
        let refuse = EndpointRefusal(endpoint: endpoint)
        let port = address.place.port
        guard isBound || port != 0 else {
            throw refuse("* and 0 can be bound, not sent to; name the port")
        }
        interfaceIndex =
            try address.interface.map { try Self.device($0, refuse).interfaceIndex } ?? 0
        group = address.group
        if let group {
            let place = try Self.place(of: group, port, interfaceIndex, refuse)
            target = isBound ? nil : place
            // On Linux, a socket that is bound to the group hears that group alone.
            local = isBound ? place : try Self.anywhere(place.protocol)
            return
        }
        guard interfaceIndex == 0 else {
            throw refuse("an interface is for groups; \(address.place.host) is none")
        }
        if isBound {
            target = nil
            local = try address.place.bindAddress(of: endpoint)
        } else {
            let place = try Self.resolve(address.place, refuse)
            target = place
            local = try Self.anywhere(place.protocol)
        }
    }

    private static func anywhere(
        _ family: NIOBSDSocket.ProtocolFamily
    ) throws -> SocketAddress {
        try SocketAddress(ipAddress: family == .inet ? "0.0.0.0" : "::", port: 0)
    }

    private static func place(
        of group: NetworkAddress,
        _ port: Int,
        _ interfaceIndex: Int,
        _ refuse: EndpointRefusal
    ) throws -> SocketAddress {
        let place = try SocketAddress(ipAddress: group.description, port: port)
        guard group.needsScope, case .v6(let v6) = place else { return place }
        guard interfaceIndex > 0 else {
            throw refuse(
                "\(group) is a group of each link; name the interface, as in "
                    + "udp://\(LocalInterfaces.example);[\(group)]:\(port)"
            )
        }
        var storage = v6.address
        storage.scope = UInt32(interfaceIndex)
        return SocketAddress(storage, host: "")
    }

    private static func resolve(
        _ place: TCPAddress,
        _ refuse: EndpointRefusal
    ) throws -> SocketAddress {
        guard case .name(let name) = place.host else {
            return try SocketAddress(ipAddress: "127.0.0.1", port: place.port)
        }
        if let literal = try TCPAddress.Host.literal(name, place.port, refuse) { return literal }
        guard let found = try? SocketAddress.makeAddressResolvingHost(name, port: place.port) else {
            throw refuse("the name \(name) cannot be resolved")
        }
        return found
    }

    private static func device(
        _ text: String,
        _ refuse: EndpointRefusal
    ) throws -> NIONetworkDevice {
        let found = LocalInterfaces.devices.first {
            $0.name == text || $0.address?.ipAddress == text
        }
        guard let found else {
            throw refuse("this machine has no interface '\(text)'; " + LocalInterfaces.known)
        }
        return found
    }
}
