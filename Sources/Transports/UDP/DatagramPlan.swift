import Glibc
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
    let group: SocketAddress?
    /// Of the group.
    private let device: NIONetworkDevice?

    init(_ endpoint: Endpoint, isBound: Bool) throws {
        let address = try DatagramAddress(endpoint)
        let refuse = EndpointRefusal(endpoint: endpoint)
        let port = address.place.port
        guard isBound || port != 0 else {
            throw refuse("* and 0 can be bound, not sent to; name the port")
        }
        device = try address.interface.map { try Self.device($0, refuse) }
        if let group = address.group {
            let place = try SocketAddress(ipAddress: group.description, port: port)
            self.group = place
            target = isBound ? nil : place
            // On Linux, a socket that is bound to the group hears that group alone.
            local = isBound ? place : try Self.anywhere(place.protocol)
            return
        }
        guard device == nil else {
            throw refuse("an interface is for groups; \(address.place.host) is none")
        }
        group = nil
        if isBound {
            target = nil
            local = try address.place.bindAddress(of: endpoint)
        } else {
            let place = try Self.resolve(address.place, refuse)
            target = place
            local = try Self.anywhere(place.protocol)
        }
    }

    func configure(_ channel: any Channel, _ options: DatagramOptions) throws {
        guard let group, let channelOptions = channel.syncOptions else { return }
        let isV4 = group.protocol == .inet
        let level: Int32 = isV4 ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6)
        func set(_ name: Int32, _ value: Int) throws {
            try channelOptions.setOption(
                ChannelOptions.Types.SocketOption(
                    level: .init(rawValue: level),
                    name: .init(rawValue: name)
                ),
                value: .init(value)
            )
        }
        try set(isV4 ? IP_MULTICAST_TTL : IPV6_MULTICAST_HOPS, options.hopCountMax)
        try set(isV4 ? IP_MULTICAST_LOOP : IPV6_MULTICAST_LOOP, options.isLoopedBack ? 1 : 0)
        guard let device else { return }
        if isV4 {
            var request = ip_mreqn()
            request.imr_ifindex = Int32(device.interfaceIndex)
            (channel as? any SocketOptionProvider)?.unsafeSetSocketOption(
                level: .init(rawValue: level),
                name: .init(rawValue: IP_MULTICAST_IF),
                value: request
            ).whenFailure { _ in }
        } else {
            try set(IPV6_MULTICAST_IF, device.interfaceIndex)
        }
    }

    /// Joins the group, of a port that receives from one. NIO would refuse the loopback interface, which says that it does not
    /// do multicast, and does.
    func join(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let group, target == nil, let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        let index = device?.interfaceIndex ?? 0
        let octets = group.ipAddress.flatMap { NetworkAddress(text: $0) }?.octets ?? []
        guard group.protocol == .inet else {
            var request = ipv6_mreq()
            withUnsafeMutableBytes(of: &request.ipv6mr_multiaddr) { $0.copyBytes(from: octets) }
            request.ipv6mr_interface = UInt32(index)
            return provider.unsafeSetSocketOption(
                level: .init(rawValue: Int32(IPPROTO_IPV6)),
                name: .init(rawValue: IPV6_JOIN_GROUP),
                value: request
            )
        }
        var request = ip_mreqn()
        withUnsafeMutableBytes(of: &request.imr_multiaddr) { $0.copyBytes(from: octets) }
        request.imr_ifindex = Int32(index)
        return provider.unsafeSetSocketOption(
            level: .init(rawValue: Int32(IPPROTO_IP)),
            name: .init(rawValue: IP_ADD_MEMBERSHIP),
            value: request
        )
    }

    private static func anywhere(
        _ family: NIOBSDSocket.ProtocolFamily
    ) throws -> SocketAddress {
        try SocketAddress(ipAddress: family == .inet ? "0.0.0.0" : "::", port: 0)
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
