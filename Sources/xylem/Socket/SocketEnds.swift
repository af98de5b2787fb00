import ArgumentParser
import ZeroMQ

/// Where a socket of the command line listens and whom it connects to.
struct SocketEnds: ParsableArguments {
    @Option(
        name: .customLong("bind"),
        help: ArgumentHelp("Listen there; repeat it for more.", valueName: "endpoint")
    )
    var binds: [String] = []
    @Option(
        name: .customLong("connect"),
        help: ArgumentHelp("Connect to that; repeat it for more.", valueName: "endpoint")
    )
    var connects: [String] = []

    func validate() throws {
        guard !binds.isEmpty || !connects.isEmpty else {
            throw ValidationError("say where: --bind ENDPOINT, --connect ENDPOINT, or both")
        }
    }

    /// Whether any of them has connections, so that it is known who listens there; datagrams and multicast have none.
    var hasConnections: Bool {
        (binds + connects).contains { text in
            guard let scheme = (try? Endpoint(text))?.scheme else { return true }
            return scheme != .udp && !scheme.isMulticast
        }
    }

    /// Opens them all; resolved endpoints of listeners, and what peers are called, are told on standard error.
    func open(_ shell: ShellSocket) async throws {
        for endpoint in binds {
            Diagnostics.write("listening at \(try await shell.socket.bind(endpoint))")
        }
        for endpoint in connects {
            guard let name = try await shell.connect(endpoint) else { continue }
            Diagnostics.write("\(endpoint) is \(name)")
        }
    }
}
