package import Transports
package import ZMTP

extension AsyncStream<SocketEvent> {
    /// The next event that `isWanted` accepts; those before it are passed over.
    package func next(
        _ awaited: String,
        _ limit: Duration = .seconds(30),
        where isWanted: @escaping @Sendable (SocketEvent) -> Bool
    ) async throws -> SocketEvent {
        try await within(awaited, limit) {
            for await event in self where isWanted(event) { return event }
            throw TimedOut(awaited: "\(awaited) before the events ended")
        }
    }

    /// The reason of the next disconnection.
    package func nextDisconnect(_ limit: Duration = .seconds(30)) async throws -> DisconnectReason {
        let event = try await next("disconnected event", limit) {
            if case .disconnected = $0 { true } else { false }
        }
        guard case .disconnected(_, let reason) = event else {
            throw TimedOut(awaited: "reason")
        }
        return reason
    }

    /// Waits for `count` finished handshakes.
    package func nextEstablished(count: Int = 1) async throws {
        for _ in 0..<count {
            _ = try await next("established event") {
                if case .established = $0 { true } else { false }
            }
        }
    }
}
