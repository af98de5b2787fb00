import FlyingFox
import FlyingSocks
import Foundation

/// Asks relays for their status.
public enum ControlClient {
    /// The status of the relay with that control endpoint (`host:port`).
    public static func status(
        at address: String,
        timeout: Duration = .seconds(3)
    ) async throws(ControlError) -> NodeStatus {
        let socket = try ControlAddress(address).resolved()
        do {
            return try await withThrowingTaskGroup(of: NodeStatus?.self) { group in
                group.addTask { try await request(socket) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return nil
                }
                defer { group.cancelAll() }
                guard let status = try await group.next() ?? nil else {
                    throw ControlError(message: "no answer from \(address) within \(timeout)")
                }
                return status
            }
        } catch let error as ControlError {
            throw error
        } catch is DecodingError {
            throw ControlError(message: "what answers at \(address) is not a relay")
        } catch {
            throw ControlError(message: "nobody answers at \(address)")
        }
    }

    private static func request(_ socket: some SocketAddress) async throws -> NodeStatus {
        var client = HTTPClient()
        let response = try await client.sendHTTPRequest(
            HTTPRequest(
                method: .GET,
                version: .http11,
                path: "/status",
                query: [],
                headers: [.connection: "close"],
                body: Data()
            ),
            to: socket
        )
        return try await JSONDecoder().decode(NodeStatus.self, from: response.bodyData)
    }
}
