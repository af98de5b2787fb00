import Glibc
import NIOCore
import NIOPosix
import Vocabulary

/// ZMTP between a virtual machine and its host (Linux `vsock(7)`).
struct VsockTransport: Transport {
    func listen(
        at endpoint: Endpoint,
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<any Listener> {
        let address: VsockAddress
        do {
            let place = try VsockPlace(endpoint)
            address = VsockAddress(
                cid: place.contextID.map { .init(rawValue: $0) } ?? .any,
                port: .init(rawValue: place.port)
            )
        } catch {
            return loops.home.makeFailedFuture(error)
        }
        return ServerBootstrap.streams(on: loops, options: options, news: news, accept: accept)
            .bind(to: address)
            .flatMapErrorThrowing { throw Self.explain($0, endpoint) }
            .map { ChannelListener(endpoint: endpoint, channel: $0) }
    }

    func checkDialled(_ endpoint: Endpoint) throws(EndpointError) {
        _ = try VsockPlace.dialled(endpoint)
    }

    func dial(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<Void> {
        let address: VsockAddress
        do {
            let place = try VsockPlace.dialled(endpoint)
            address = VsockAddress(
                cid: .init(rawValue: place.contextID ?? 0),
                port: .init(rawValue: place.port)
            )
        } catch {
            return loop.makeFailedFuture(error)
        }
        return ClientBootstrap.stream(on: loop, options: options, attach: attach)
            .connect(to: address)
            .flatMapErrorThrowing { throw Self.explain($0, endpoint) }
            .map { _ in }
    }

    private static func explain(_ error: any Error, _ endpoint: Endpoint) -> any Error {
        guard let failure = error as? IOError else { return error }
        let isMissing = [EAFNOSUPPORT, ENODEV, EPROTONOSUPPORT].contains(failure.errnoCode)
        return EndpointRefusal(endpoint: endpoint)(
            isMissing
                ? "this machine has no vsock; load the kernel's module (vsock_loopback for cid 1)"
                : failure.explanation
        )
    }
}
