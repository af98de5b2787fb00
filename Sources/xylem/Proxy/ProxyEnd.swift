import ArgumentParser
import ZeroMQ

/// One side of a proxy: `router@tcp://*:5559`, a socket type and an endpoint to listen at, or with `connect:` before it to connect to.
struct ProxyEnd: ExpressibleByArgument, Sendable {
    var kind: SocketKind
    var connects: Bool
    var endpoint: String

    init?(argument: String) {
        let parts = argument.split(separator: "@", maxSplits: 1)
        guard parts.count == 2, let kind = SocketKind(argument: String(parts[0])) else {
            return nil
        }
        self.kind = kind
        connects = parts[1].hasPrefix(Self.connectPrefix)
        endpoint = String(connects ? parts[1].dropFirst(Self.connectPrefix.count) : parts[1])
    }

    /// A socket at that endpoint; where it listens is told on standard error.
    func open(
        as role: String,
        _ options: (ProxyEnd) throws -> SocketOptions
    ) async throws -> Socket {
        let shell = kind.make(try options(self))
        try await shell.subscribe?([[]])
        let events = shell.socket.events
        Task {
            await AttachmentNotices(connects: connects ? [endpoint] : [], isBinding: !connects)
                .watch(events)
        }
        if connects {
            try await shell.socket.connect(endpoint)
        } else {
            Diagnostics.write("\(role) listening at \(try await shell.socket.bind(endpoint))")
        }
        return shell.socket
    }

    private static let connectPrefix = "connect:"
}
