import FlyingFox
import FlyingSocks
import Foundation

/// Serves a relay's status over HTTP: `GET /status` gives `NodeStatus` as JSON.
public final class ControlServer: Sendable {
    private let server: HTTPServer
    private let task: Task<Void, any Error>
    /// Where it listens, as `host:port`.
    public let address: String

    /// Listens at `host:port`; port 0 lets the system choose.
    public static func start(
        at address: String,
        status: @escaping @Sendable () async -> NodeStatus
    ) async throws -> ControlServer {
        let parsed = try ControlAddress(address)
        let socket = try parsed.resolved()
        let server = HTTPServer(address: socket, logger: .disabled)
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
        let task = Task { try await server.run() }
        do {
            try await server.waitUntilListening(timeout: 5)
        } catch {
            task.cancel()
            throw ControlError(message: "cannot listen at control endpoint \(address): \(error)")
        }
        var bound = address
        switch await server.listeningAddress {
        case .ip4(_, let port): bound = "\(parsed.host):\(port)"
        case .ip6(_, let port): bound = "[\(parsed.host)]:\(port)"
        case .unix, nil: break
        }
        return ControlServer(server, task, bound)
    }

    private init(_ server: HTTPServer, _ task: Task<Void, any Error>, _ address: String) {
        self.server = server
        self.task = task
        self.address = address
    }

    public func stop() async {
        await server.stop()
        task.cancel()
    }
}

/// A control endpoint that cannot be used, with a message that says what to write instead.
public struct ControlError: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var description: String { message }
}
