import FlyingFox
import FlyingSocks
import Foundation
public import Logging
import NIOCore
import Synchronization
import Transports

/// Serves a relay's status over HTTP: `GET /status` gives `NodeStatus` as JSON.
///
/// A failure of its socket (no descriptor left for an accept) ends FlyingFox's server; it is started again.
public final class ControlServer: Sendable {
    private struct State {
        var server: HTTPServer
        var isStopped = false
    }

    private let state: Mutex<State>
    private let socket: any FlyingSocks.SocketAddress
    private let idleMax: Duration
    private let logger: Logger?
    private let status: @Sendable () async -> NodeStatus
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
        logger: Logger? = nil,
        status: @escaping @Sendable () async -> NodeStatus
    ) async throws -> ControlServer {
        let bind = try ControlAddress(place.bind).bound()
        let told = try place.advertise.map { text throws(ControlError) in try ControlAddress(text) }
        let server = await makeServer(try bind.resolved(), idleMax, status)
        let task = Task { try await server.run() }
        let listening = Task { try await server.waitUntilListening(timeout: 5) }
        Task { if case .failure = await task.result { listening.cancel() } }
        if case .failure(let error) = await listening.result {
            task.cancel()
            throw await refusal(of: place.bind, task.result, error)
        }
        var bound = bind
        switch await server.listeningAddress {
        case .ip4(_, let port), .ip6(_, let port): bound.port = port
        case .unix, nil: break
        }
        var shown = try told ?? ControlAddress(place.bind)
        if shown.port == 0 { shown.port = bound.port }
        let control = ControlServer(
            server,
            socket: try bound.resolved(),
            idleMax: idleMax,
            logger: logger,
            address: shown.description,
            status: status
        )
        Task { await control.keepRunning(after: task) }
        return control
    }

    private init(
        _ server: HTTPServer,
        socket: any FlyingSocks.SocketAddress,
        idleMax: Duration,
        logger: Logger?,
        address: String,
        status: @escaping @Sendable () async -> NodeStatus
    ) {
        state = Mutex(State(server: server))
        self.socket = socket
        self.idleMax = idleMax
        self.logger = logger
        self.address = address
        self.status = status
    }

    public func stop() async {
        let server = state.withLock { state in
            state.isStopped = true
            return state.server
        }
        await server.stop()
    }

    /// Why nothing could be bound.
    private static func refusal(
        of place: String,
        _ result: Result<Void, any Error>,
        _ error: any Error
    ) -> ControlError {
        var reason = "\(error)"
        if case .failure(let failure) = result {
            reason = "\(failure)"
            if case .failed(_, let code, _)? = failure as? SocketError {
                reason = IOError(errnoCode: code, reason: "bind").explanation
            }
        }
        return ControlError(message: "cannot listen at control endpoint \(place): \(reason)")
    }

    private static func makeServer(
        _ socket: any FlyingSocks.SocketAddress,
        _ idleMax: Duration,
        _ status: @escaping @Sendable () async -> NodeStatus
    ) async -> HTTPServer {
        let server = HTTPServer(config: makeConfiguration(socket, idleMax))
        await server.appendRoute("GET /status") { _ in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let body = try await encoder.encode(status())
            return HTTPResponse(
                statusCode: .ok,
                headers: [.contentType: "application/json"],
                body: body
            )
        }
        return server
    }

    private static func makeConfiguration(
        _ socket: some FlyingSocks.SocketAddress,
        _ idleMax: Duration
    ) -> HTTPServer.Configuration {
        HTTPServer.Configuration(
            address: socket,
            pool: ControlPool(idleMax: idleMax),
            logger: .disabled
        )
    }

    private func keepRunning(after first: Task<Void, any Error>) async {
        var failure: (any Error)?
        do { try await first.value } catch { failure = error }
        while let error = failure, !state.withLock({ $0.isStopped }) {
            logger?.warning("the control endpoint \(address) failed: \(error); opening it again")
            try? await Task.sleep(for: Self.pause)
            let server = await Self.makeServer(socket, idleMax, status)
            let isStopped = state.withLock { state in
                state.server = server
                return state.isStopped
            }
            guard !isStopped else { return }
            failure = nil
            do { try await server.run() } catch { failure = error }
        }
    }

    /// Whatever has run out is not back at once.
    private static let pause = Duration.seconds(2)
}

/// A control endpoint that cannot be used, with a message that says what to write instead.
public struct ControlError: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var description: String { message }
}
