import Vocabulary
import CDatagrams
import Glibc
import PGM

/// A descriptor for PGM packets: a UDP socket, or a raw one of IP protocol 113.
///
///     role        bound to                 hears                               sends
///     group       group:port, joined       the group, and no other             –
///     source      interface:port           NAKs sent to us                     to the group, hops as told
///     requests    interface, any port      nothing                             NAKs and SPMRs
///     host        interface, any port      nothing                             to this host only
///
/// Bound to the group, a socket gets what is sent to its group and nothing of other groups on the port (libzmq#2056).
struct DatagramSocket: ~Copyable {
    enum Carrier: Sendable {
        case udp, raw
    }

    enum Role {
        case group(NetworkAddress)
        case source
        case requests
        case host
    }

    /// How multicast packets are sent; unicast packets have the usual 64 hops.
    struct Sending {
        var hops: Int
        var isLoopbackEnabled: Bool
        var differentiatedServices: UInt8
        /// Packets larger than the interface takes may be sent in fragments.
        var allowsFragments: Bool
    }

    let descriptor: CInt
    /// What the kernel granted for receiving, as far as it was asked.
    private(set) var receiveByteCount = Self.receiveByteCountOfSystem

    init(
        _ role: Role,
        carrier: Carrier,
        interface: NetworkInterface,
        port: UInt16,
        refuse: EndpointRefusal
    ) throws(EndpointError) {
        let family = interface.address.kernelFamily
        let type = carrier == .udp ? SOCK_DGRAM : SOCK_RAW
        descriptor = socket(
            family,
            CInt(type.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue),
            carrier == .udp ? 0 : Self.protocolNumber
        )
        guard descriptor >= 0 else {
            throw refuse(Self.explain(errno, carrier))
        }
        let isV4 = interface.address.family == .v4
        set(SOL_SOCKET, SO_REUSEADDR, 1)
        // OpenPGM sets both options. Without them here libzmq could not bind to the port, and would abort.
        set(SOL_SOCKET, SO_REUSEPORT, 1)
        if isV4 {
            // Only groups that this socket has joined: by default Linux delivers those of every socket.
            set(Int32(IPPROTO_IP), 49, 0)  // IP_MULTICAST_ALL
        } else {
            set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
            set(Int32(IPPROTO_IPV6), 29, 0)  // IPV6_MULTICAST_ALL
        }
        try bind(role, interface: interface, port: port, carrier: carrier, refuse)
        if case .group(let group) = role { try join(group, interface, refuse) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Gives up ownership of the descriptor; the caller closes it.
    consuming func release() -> CInt {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    private func bind(
        _ role: Role,
        interface: NetworkInterface,
        port: UInt16,
        carrier: Carrier,
        _ refuse: EndpointRefusal
    ) throws(EndpointError) {
        let address: NetworkAddress
        let boundPort: UInt16
        switch role {
        case .group(let group): (address, boundPort) = (group, port)
        case .source: (address, boundPort) = (interface.address, port)
        case .requests, .host: (address, boundPort) = (interface.address, 0)
        }
        let kernel = KernelAddress(
            address,
            port: carrier == .udp ? boundPort : 0,
            interfaceIndex: interface.index
        )
        guard kernel.withPointer({ Glibc.bind(descriptor, $0, kernel.byteCount) }) == 0 else {
            let number = errno
            throw refuse(
                number == EADDRINUSE
                    ? "port \(port) is in use by a program that does not share it; stop it or choose another"
                    : Self.explain(number, carrier)
            )
        }
    }

    private func join(
        _ group: NetworkAddress,
        _ interface: NetworkInterface,
        _ refuse: EndpointRefusal
    ) throws(EndpointError) {
        let outcome: Int32
        switch group.family {
        case .v4:
            var request = ip_mreqn()
            request.imr_multiaddr = group.v4Address
            request.imr_ifindex = Int32(interface.index)
            outcome = set(Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, &request)
        case .v6:
            var request = ipv6_mreq()
            request.ipv6mr_multiaddr = group.v6Address
            request.ipv6mr_interface = interface.index
            outcome = withUnsafeBytes(of: &request) { bytes in
                setsockopt(
                    descriptor,
                    Int32(IPPROTO_IPV6),
                    IPV6_JOIN_GROUP,
                    bytes.baseAddress,
                    socklen_t(bytes.count)
                )
            }
        }
        guard outcome == 0 else {
            let number = errno
            throw refuse(
                number == ENOBUFS
                    ? "too many groups; raise net.ipv4.igmp_max_memberships"
                    : "\(interface.name) cannot join \(group): \(String(cString: strerror(number)))"
            )
        }
    }

    // MARK: - Options

    /// How packets leave through this interface.
    func configure(_ sending: Sending, through interface: NetworkInterface) {
        let fragments = sending.allowsFragments
        switch interface.address.family {
        case .v4:
            let level = Int32(IPPROTO_IP)
            var request = ip_mreqn()
            request.imr_ifindex = Int32(interface.index)
            set(level, IP_MULTICAST_IF, &request)
            set(level, IP_MULTICAST_TTL, Int32(sending.hops))
            set(level, IP_MULTICAST_LOOP, sending.isLoopbackEnabled ? 1 : 0)
            set(level, IP_TOS, Int32(sending.differentiatedServices) << 2)
            set(level, IP_TTL, Self.unicastHops)
            set(level, IP_MTU_DISCOVER, fragments ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO)
        case .v6:
            let level = Int32(IPPROTO_IPV6)
            set(level, IPV6_MULTICAST_IF, Int32(interface.index))
            set(level, IPV6_MULTICAST_HOPS, Int32(sending.hops))
            set(level, IPV6_MULTICAST_LOOP, sending.isLoopbackEnabled ? 1 : 0)
            set(level, IPV6_TCLASS, Int32(sending.differentiatedServices) << 2)
            set(level, IPV6_UNICAST_HOPS, Self.unicastHops)
            set(level, IPV6_MTU_DISCOVER, fragments ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO)
        }
    }

    /// Asks for buffers of that size, above the system's limit if this process may.
    mutating func requestBuffers(receive: Int, send: Int) {
        let receive = Int32(clamping: receive)
        let send = Int32(clamping: send)
        if set(SOL_SOCKET, SO_RCVBUFFORCE, receive) != 0 { set(SOL_SOCKET, SO_RCVBUF, receive) }
        if set(SOL_SOCKET, SO_SNDBUFFORCE, send) != 0 { set(SOL_SOCKET, SO_SNDBUF, send) }
        var granted: Int32 = 0
        var byteCount = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &granted, &byteCount)
        // The kernel doubles the size, to have room for its bookkeeping.
        receiveByteCount = Int(granted) / 2
    }

    /// Whether the kernel joins datagrams for us.
    func enableReceiveOffload() -> Bool { set(17, 104, 1) == 0 }  // SOL_UDP, UDP_GRO

    /// Drops in the kernel what this socket has no use for.
    func install(_ filter: SocketFilter) {
        filter.withProgram { program in
            _ = setsockopt(
                descriptor,
                SOL_SOCKET,
                SO_ATTACH_FILTER,
                program,
                socklen_t(MemoryLayout<sock_fprog>.size)
            )
        }
    }

    @discardableResult
    private func set(_ level: Int32, _ name: Int32, _ value: Int32) -> Int32 {
        var value = value
        return set(level, name, &value)
    }

    @discardableResult
    private func set<Value: BitwiseCopyable>(
        _ level: Int32,
        _ name: Int32,
        _ value: inout Value
    ) -> Int32 {
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Value>.size))
    }

    private static func explain(_ number: Int32, _ carrier: Carrier) -> String {
        switch number {
        case EPERM, EACCES:
            carrier == .raw
                ? "raw IP needs the right CAP_NET_RAW: run as root, "
                    + "or 'setcap cap_net_raw+ep' the program; or use epgm://, which needs no right"
                : "permission denied; ports below 1024 need more rights"
        case EADDRNOTAVAIL: "the interface lost its address"
        default: String(cString: strerror(number))
        }
    }

    static let protocolNumber: CInt = 113
    private static let receiveByteCountOfSystem = 212_992
    private static let unicastHops: Int32 = 64
}
