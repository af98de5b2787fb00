import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Transports
import Wire

/// Serves a relay's status over HTTP: `GET /status` gives `NodeStatus` as JSON.
///
/// It has a thread of its own: a slow client of it cannot delay a message. When the process has no descriptor left, accepting
/// pauses and goes on.
public final class ControlServer: Sendable {
    private let group: any EventLoopGroup
    private let channel: any Channel
    /// Where others find it, as `host:port`.
    public let address: String

    /// Listens at `host:port`; port 0 lets the system choose.
    public static func start(
        at address: String,
        status: @escaping @Sendable () async -> NodeStatus
    ) async throws -> ControlServer {
        try await start(at: .init(bind: address), status: status)
    }

    /// Listens at a place, and tells what others connect to. A connection that is silent for `idleMax` is closed.
    public static func start(
        at place: RelayConfiguration.Place,
        idleMax: Duration = .seconds(15),
        status: @escaping @Sendable () async -> NodeStatus
    ) async throws -> ControlServer {
        let bind = try ControlAddress(place.bind).bound()
        var shown = try ControlAddress(place.advertise ?? place.bind)
        let group = SharedEventLoops.makeGroup(count: 1)
        do {
            let channel = try await listen(at: try bind.resolved(), group, idleMax, status).get()
            if shown.port == 0, let port = channel.localAddress?.port { shown.port = UInt16(port) }
            return ControlServer(group, channel, shown.description)
        } catch {
            try? await group.shutdownGracefully()
            throw refusal(of: place.bind, error)
        }
    }

    private init(
        _ group: any EventLoopGroup,
        _ channel: any Channel,
        _ address: String
    ) {
        self.group = group
        self.channel = channel
        self.address = address
    }

    public func stop() async {
        try? await channel.close().get()
        // Connections that are still open end with their loop.
        try? await group.shutdownGracefully()
    }

    /// Why nothing could be bound.
    private static func refusal(of place: String, _ error: any Error) -> ControlError {
        if let error = error as? ControlError { return error }
        let reason = (error as? IOError)?.explanation ?? "\(error)"
        return ControlError(message: "cannot listen at control endpoint \(place): \(reason)")
    }

    private static func listen(
        at address: SocketAddress,
        _ group: any EventLoopGroup,
        _ idleMax: Duration,
        _ status: @escaping @Sendable () async -> NodeStatus
    ) -> EventLoopFuture<any Channel> {
        let connections = OpenConnections(limit: connectionCountMax)
        return PlainChannels.listen(at: address, group: group) { channel in
            connections.append(channel)
            return channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.configureHTTPServerPipeline()
                try pipeline.addHandlers([
                    NIOHTTPServerRequestAggregator(maxContentLength: bodyByteCountMax),
                    IdleStateHandler(allTimeout: .nanoseconds(idleMax.nanoseconds)),
                    StatusResponder(status: status),
                ])
            }
        }
    }

    /// A request has no body worth reading.
    private static let bodyByteCountMax = 64 << 10
    private static let connectionCountMax = 64
}

/// The connections that are open. Descriptors are what subscribers need, too: of more than a few, the one that waits
/// longest goes. Who asks for the status asks at once.
private final class OpenConnections: Sendable {
    /// The longest waiting first.
    private let channels = Mutex<[any Channel]>([])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func append(_ channel: any Channel) {
        let surplus = channels.withLock { channels in
            channels.append(channel)
            return channels.count > limit ? channels.removeFirst() : nil
        }
        surplus?.close(promise: nil)
        channel.closeFuture.whenComplete { _ in
            self.channels.withLock { channels in channels.removeAll { $0 === channel } }
        }
    }
}

/// A control endpoint that cannot be used, with a message that says what to write instead.
public struct ControlError: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var description: String { message }
}
