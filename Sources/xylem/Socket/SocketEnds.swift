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

    /// Opens them all; resolved endpoints of listeners are told on standard error.
    func open(_ socket: Socket) async throws {
        for endpoint in binds {
            Diagnostics.write("listening at \(try await socket.bind(endpoint))")
        }
        for endpoint in connects { try await socket.connect(endpoint) }
    }
}
