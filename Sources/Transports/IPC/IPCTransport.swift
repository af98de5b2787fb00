import Vocabulary
import Glibc
import NIOCore
import NIOPosix

/// ZMTP over Unix domain sockets (RFC 37); paths and Linux's abstract namespace.
struct IPCTransport: Transport {
    func listen(
        at endpoint: Endpoint,
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<any Listener> {
        do {
            var address = try IPCAddress(endpoint)
            if address == .any { address = .path(Self.temporaryPath()) }
            let descriptor = try Self.boundSocket(address, endpoint)
            let (resolved, cleanUp) = Self.describe(address)
            return ServerBootstrap.channels(on: loops, options: options, news: news) { channel in
                guard try Self.isAdmitted(channel, options.ipc) else {
                    return channel.close(promise: nil)
                }
                try ChannelStream.install(in: channel, options: options, owner: accept)
            }
            .withBoundSocket(descriptor)
            .map { channel in
                ChannelListener(endpoint: resolved, channel: channel, cleanUp: cleanUp)
            }
        } catch {
            return loops.home.makeFailedFuture(error)
        }
    }

    func checkDialled(_ endpoint: Endpoint) throws(EndpointError) {
        _ = try IPCAddress.dialled(endpoint)
    }

    func dial(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<Void> {
        do {
            let address = try IPCAddress.dialled(endpoint)
            let descriptor = try Self.connectedSocket(address, endpoint)
            return ClientBootstrap.stream(on: loop, options: options, attach: attach)
                .withConnectedSocket(descriptor)
                .map { _ in }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    /// Whether the kernel's word of who is at the other end will do.
    private static func isAdmitted(_ channel: any Channel, _ options: IPCOptions) throws -> Bool {
        guard options.isFiltering else { return true }
        guard let provider = channel as? any SocketOptionProvider else { return false }
        let asked: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(
            level: .init(rawValue: SOL_SOCKET),
            name: .init(rawValue: SO_PEERCRED)
        )
        // On the channel's loop it is there at once.
        var credentials: PeerCredentials?
        asked.assumeIsolated().whenSuccess { credentials = $0 }
        guard let credentials else { return false }
        return options.admits(
            userID: credentials.userID,
            groupID: credentials.groupID,
            processID: credentials.processID
        )
    }

    private static func describe(_ address: IPCAddress) -> (Endpoint, @Sendable () -> Void) {
        switch address {
        case .path(let path):
            (Endpoint(scheme: .ipc, address: path), removal(of: path))
        case .abstract(let name): (Endpoint(scheme: .ipc, address: "@" + name), {})
        case .any: (Endpoint(scheme: .ipc, address: "*"), {})
        }
    }

    /// Removes the file that was just bound, and no other: somebody may have deleted it and put another in its place. As long
    /// as the socket is open, the kernel gives the file's number to no other.
    private static func removal(of path: String) -> @Sendable () -> Void {
        var bound = stat()
        guard lstat(path, &bound) == 0 else { return {} }
        let (device, number) = (bound.st_dev, bound.st_ino)
        return {
            var present = stat()
            guard lstat(path, &present) == 0, present.st_dev == device, present.st_ino == number
            else { return }
            unlink(path)
        }
    }

    private static func temporaryPath() -> String {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let token = String(UInt64.random(in: .min ... .max), radix: 36)
        return "\(directory)/xylem-\(getpid())-\(token).ipc"
    }

    private static func boundSocket(
        _ address: IPCAddress,
        _ endpoint: Endpoint
    ) throws(EndpointError) -> CInt {
        if case .path(let path) = address { try removeStale(path, endpoint) }
        let descriptor = try makeSocket(endpoint)
        guard address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else {
            throw failure(closing: descriptor, endpoint)
        }
        return descriptor
    }

    /// A socket file nobody listens on is left over from a crash; one that answers belongs to a living program.
    private static func removeStale(_ path: String, _ endpoint: Endpoint) throws(EndpointError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw EndpointError(
                endpoint: endpoint.description,
                problem: "a file that is not a socket is there; remove it or choose another path"
            )
        }
        let probe = try makeSocket(endpoint)
        let answer = IPCAddress.path(path).withSocketAddress { connect(probe, $0, $1) }
        // Any other failure, such as a full queue of connects, comes from a program that lives.
        let isStale = answer != 0 && errno == ECONNREFUSED
        close(probe)
        guard isStale else {
            throw EndpointError(
                endpoint: endpoint.description,
                problem: "another program listens there; stop it or choose another path"
            )
        }
        unlink(path)
    }

    private static func connectedSocket(
        _ address: IPCAddress,
        _ endpoint: Endpoint
    ) throws(EndpointError) -> CInt {
        // Connecting a Unix socket never waits for a network: it succeeds or fails at once.
        let descriptor = try makeSocket(endpoint)
        guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 else {
            throw failure(closing: descriptor, endpoint)
        }
        return descriptor
    }

    private static func makeSocket(_ endpoint: Endpoint) throws(EndpointError) -> CInt {
        let type =
            CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw failure(closing: nil, endpoint) }
        return descriptor
    }

    private static func failure(closing descriptor: CInt?, _ endpoint: Endpoint) -> EndpointError {
        let error = IOError(errnoCode: errno, reason: "ipc")
        if let descriptor { close(descriptor) }
        return EndpointError(endpoint: endpoint.description, problem: error.explanation)
    }
}

/// The kernel's `struct ucred`, which the C library hides.
private struct PeerCredentials: Sendable {
    var processID: Int32 = 0
    var userID: UInt32 = 0
    var groupID: UInt32 = 0
}
