import Glibc
import NIOCore
import NIOPosix
import Vocabulary

/// ZMTP on a socket that the process was given, bound and maybe listening: `fd://3` by number, `fd://quotes` by the name that
/// systemd passes. It is a socket of tcp or of ipc.
///
/// A copy of the descriptor is used, so that an unbind leaves the socket to whoever passed it, and it can be bound again.
struct DescriptorTransport: Transport {
    func listen(
        at endpoint: Endpoint,
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<any Listener> {
        do {
            let descriptor = try Self.descriptor(endpoint)
            let resolved = try Self.place(of: descriptor, endpoint)
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else {
                throw Self.refusal(endpoint, IOError(errnoCode: errno, reason: "dup").explanation)
            }
            return ServerBootstrap.streams(on: loops, options: options, news: news, accept: accept)
            {
                guard resolved.scheme == .tcp else { return }
                try TCPTuning(options: options, endpoint: resolved).apply(toConnection: $0)
            }
            .withBoundSocket(copy)
            .map { ChannelListener(endpoint: resolved, channel: $0) }
        } catch {
            return loops.home.makeFailedFuture(error)
        }
    }

    func checkDialled(_ endpoint: Endpoint) throws(EndpointError) {
        throw Self.refusal(endpoint, "a socket that was passed is bound; it cannot be connected")
    }

    func dial(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<Void> {
        loop.makeFailedFuture(
            Self.refusal(endpoint, "a socket that was passed is bound; it cannot be connected")
        )
    }

    private static func descriptor(_ endpoint: Endpoint) throws(EndpointError) -> CInt {
        let text = endpoint.address
        if let number = CInt(text), number >= 0 { return number }
        let passed = SocketActivation.ofThisProcess.sockets
        if let socket = passed.first(where: { $0.name == text }) { return socket.descriptor }
        throw refusal(
            endpoint,
            passed.isEmpty
                ? "'\(text)' is no number, and systemd has passed no sockets to this process"
                : "no socket of that name was passed; there are "
                    + passed.map { "\($0.name) (\($0.descriptor))" }.joined(separator: ", ")
        )
    }

    /// Where the socket is bound.
    private static func place(
        of descriptor: CInt,
        _ endpoint: Endpoint
    ) throws(EndpointError) -> Endpoint {
        var storage = sockaddr_storage()
        var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let outcome = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &byteCount)
            }
        }
        guard outcome == 0, isStream(descriptor) else {
            throw refusal(endpoint, "descriptor \(descriptor) is no stream socket")
        }
        let text: String?
        switch Int32(storage.ss_family) {
        case AF_INET, AF_INET6: text = address(in: storage)?.endpointText
        case AF_UNIX: return Endpoint(scheme: .ipc, address: path(in: storage, Int(byteCount)))
        default: text = nil
        }
        guard let text else {
            throw refusal(endpoint, "descriptor \(descriptor) is a socket of neither tcp nor ipc")
        }
        return Endpoint(scheme: .tcp, address: text)
    }

    private static func isStream(_ descriptor: CInt) -> Bool {
        var type: CInt = 0
        var byteCount = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &byteCount) == 0
            && type == CInt(SOCK_STREAM.rawValue)
    }

    private static func address(in storage: sockaddr_storage) -> SocketAddress? {
        withUnsafeBytes(of: storage) { octets in
            storage.ss_family == sa_family_t(AF_INET)
                ? SocketAddress(octets.loadUnaligned(as: sockaddr_in.self), host: "")
                : SocketAddress(octets.loadUnaligned(as: sockaddr_in6.self), host: "")
        }
    }

    /// Of the abstract namespace when it begins with a NUL.
    private static func path(in storage: sockaddr_storage, _ byteCount: Int) -> String {
        withUnsafeBytes(of: storage) { octets in
            let name = octets[
                MemoryLayout<sa_family_t>.size..<max(MemoryLayout<sa_family_t>.size, byteCount)
            ]
            return name.first == 0
                ? "@" + String(decoding: name.dropFirst(), as: UTF8.self)
                : String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func refusal(_ endpoint: Endpoint, _ problem: String) -> EndpointError {
        EndpointRefusal(endpoint: endpoint)(problem)
    }
}
