import FlyingFox
import FlyingSocks
import Foundation
import struct NIOCore.IOError
import Synchronization
import Transports

/// Serves a relay's status over HTTP: `GET /status` gives `NodeStatus` as JSON.
///
/// FlyingFox ends when it cannot accept a connection, for want of descriptors for example. It is started again then, at the same
/// address.
public final class ControlServer: Sendable {
    /// The one that is running.
    private let server: RunningServer
    private let task: Task<Void, any Error>
    /// Where it listens, as `host:port`.
    public let address: String

    /// Listens at `host:port`; port 0 lets the system choose.
    public static func start(
        at address: String,
        status: @escaping @Sendable () async -> NodeStatus
    ) async throws -> ControlServer {
        var bound = try ControlAddress(address)
        let server = await makeServer(at: try bound.resolved(), status)
        let running = Task { try await server.run() }
        do {
            try await Self.awaitListening(server, running)
        } catch {
            running.cancel()
            throw ControlError(
                message: "cannot listen at control endpoint \(address): \(explanation(of: error))"
            )
        }
        switch await server.listeningAddress {
        case .ip4(_, let port), .ip6(_, let port): bound.port = port
        case .unix, nil: break
        }
        return ControlServer(server, running, bound, status)
    }

    private init(
        _ first: HTTPServer,
        _ running: Task<Void, any Error>,
        _ bound: ControlAddress,
        _ status: @escaping @Sendable () async -> NodeStatus
    ) {
        address = bound.description
        let server = RunningServer(first)
        self.server = server
        task = Task {
            await withTaskCancellationHandler {
                try? await running.value
            } onCancel: {
                running.cancel()
            }
            while true {
                try await Task.sleep(for: Self.restartWait)
                let next = await Self.makeServer(at: try bound.resolved(), status)
                server.set(next)
                try? await next.run()
            }
        }
    }

    public func stop() async {
        await server.get().stop()
        task.cancel()
    }

    private static func makeServer(
        at address: any SocketAddress,
        _ status: @escaping @Sendable () async -> NodeStatus
    ) async -> HTTPServer {
        let server = HTTPServer(address: address, logger: .disabled)
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

    /// Returns when the server listens, and fails at once when it has ended because it cannot.
    private static func awaitListening(
        _ server: HTTPServer,
        _ running: Task<Void, any Error>
    ) async throws {
        let (outcomes, outcome) = AsyncThrowingStream<Void, any Error>.makeStream()
        let ending = Task { outcome.finish(throwing: await running.result.failure) }
        let listening = Task {
            do {
                try await server.waitUntilListening(timeout: 5)
                outcome.yield()
            } catch {
                outcome.finish(throwing: error)
            }
        }
        defer {
            ending.cancel()
            listening.cancel()
        }
        for try await _ in outcomes { return }
    }

    private static func explanation(of error: any Error) -> String {
        guard case SocketError.failed(_, let code, _) = error else { return "\(error)" }
        return IOError(errnoCode: code, reason: "control").explanation
    }

    private static let restartWait = Duration.seconds(1)

    private final class RunningServer: Sendable {
        private let server: Mutex<HTTPServer>

        init(_ server: HTTPServer) {
            self.server = Mutex(server)
        }

        func get() -> HTTPServer { server.withLock { $0 } }
        func set(_ next: HTTPServer) { server.withLock { $0 = next } }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}

/// A control endpoint that cannot be used, with a message that says what to write instead.
public struct ControlError: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var description: String { message }
}
