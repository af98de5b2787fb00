import Glibc
import NIOCore
import Vocabulary

extension DatagramPlan {
    /// A socket with its options set, bound, and in the group if it is to receive from one; the caller closes it.
    func makeSocket(_ options: TransportOptions) throws(IOError) -> CInt {
        let kind = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(
            isV4 ? AF_INET : AF_INET6,
            kind | CInt(SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do throws(IOError) {
            try configure(descriptor, options)
            let bound = local.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
            guard bound == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
            if let group, target == nil { try join(group, descriptor) }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private var isV4: Bool { local.protocol == .inet }

    private func configure(_ descriptor: CInt, _ options: TransportOptions) throws(IOError) {
        if let byteCount = options.kernelSendByteCount {
            try set(descriptor, SOL_SOCKET, SO_SNDBUF, Int32(clamping: byteCount))
        }
        if let byteCount = options.kernelReceiveByteCount {
            try set(descriptor, SOL_SOCKET, SO_RCVBUF, Int32(clamping: byteCount))
        }
        let level = Int32(isV4 ? IPPROTO_IP : IPPROTO_IPV6)
        if let dscp = options.datagrams.dscp {
            try set(descriptor, level, isV4 ? IP_TOS : IPV6_TCLASS, Int32(dscp << 2))
        }
        if let device = options.datagrams.device {
            var name: (UInt64, UInt64) = (0, 0)
            withUnsafeMutableBytes(of: &name) { $0.copyBytes(from: device.utf8.prefix(15)) }
            try set(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name)
        }
        guard group != nil else { return }
        // A group's port is shared by all who listen to it.
        try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        // Only the group of this socket, at its interface: by default Linux delivers those of every socket.
        try set(descriptor, level, isV4 ? Self.multicastAll : Self.multicastAll6, 0)
        let hops = Int32(options.datagrams.hopCountMax)
        try set(descriptor, level, isV4 ? IP_MULTICAST_TTL : IPV6_MULTICAST_HOPS, hops)
        let loops: Int32 = options.datagrams.isLoopedBack ? 1 : 0
        try set(descriptor, level, isV4 ? IP_MULTICAST_LOOP : IPV6_MULTICAST_LOOP, loops)
        guard interfaceIndex > 0 else { return }
        guard isV4 else {
            return try set(descriptor, level, IPV6_MULTICAST_IF, Int32(interfaceIndex))
        }
        var request = ip_mreqn()
        request.imr_ifindex = Int32(interfaceIndex)
        try set(descriptor, level, IP_MULTICAST_IF, request)
    }

    private func join(_ group: NetworkAddress, _ descriptor: CInt) throws(IOError) {
        switch group.family {
        case .v4:
            var request = ip_mreqn()
            request.imr_multiaddr = group.v4Address
            request.imr_ifindex = Int32(interfaceIndex)
            try set(descriptor, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, request)
        case .v6:
            var request = ipv6_mreq()
            request.ipv6mr_multiaddr = group.v6Address
            request.ipv6mr_interface = UInt32(interfaceIndex)
            try set(descriptor, Int32(IPPROTO_IPV6), IPV6_JOIN_GROUP, request)
        }
    }

    private func set<Value>(
        _ descriptor: CInt,
        _ level: Int32,
        _ name: Int32,
        _ value: Value
    ) throws(IOError) {
        let outcome = withUnsafeBytes(of: value) {
            setsockopt(descriptor, level, name, $0.baseAddress, socklen_t($0.count))
        }
        guard outcome == 0 else { throw IOError(errnoCode: errno, reason: "setsockopt") }
    }

    /// IP_MULTICAST_ALL and IPV6_MULTICAST_ALL, which the C library does not show.
    private static let multicastAll: Int32 = 49
    private static let multicastAll6: Int32 = 29
}
