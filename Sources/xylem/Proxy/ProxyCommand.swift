import ArgumentParser
import ZeroMQ

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Pass messages on between two sockets of any types.",
        discussion: """
            Each side is a socket type, @, and an endpoint to listen at; connect: before the endpoint connects to it. When one side has no \
            room nothing is taken from the other, so that its senders wait. For publish-subscribe trees use 'xylem node' and 'xylem up'.

            xylem proxy router@tcp://*:5559 dealer@tcp://*:5560
            xylem proxy pull@tcp://*:5557 push@connect:tcp://127.0.0.1:5558
            xylem proxy router@tcp://*:5559 dealer@tcp://*:5560 --capture pub@ipc:///tmp/seen --control rep@tcp://127.0.0.1:5561
            echo STATISTICS | xylem socket req --connect tcp://127.0.0.1:5561

            The security options and those of wss:// hold for all sides: one that listens is a server (--plain-users, --curve-server, --allow), one \
            that connects is a client (--plain, --server-key). CURVE on one side and nothing on the other is a proxy that encrypts:

            xylem proxy router@tcp://*:5559 dealer@connect:ipc:///run/work --certificate p_secret --curve-server --allow keys

            The control socket takes PAUSE, RESUME, TERMINATE and STATISTICS, as zmq_proxy_steerable does: the answer to the last has eight \
            numbers of 64 bits, messages and octets in and out of the frontend, then of the backend; to the others it is empty.
            """
    )

    @Argument(help: ArgumentHelp("The side where clients are.", valueName: "type@endpoint"))
    var frontend: ProxyEnd
    @Argument(help: ArgumentHelp("The other side.", valueName: "type@endpoint"))
    var backend: ProxyEnd
    @Option(
        help: ArgumentHelp(
            "Send a copy of everything there: a pub, push, dealer or pair.",
            valueName: "type@endpoint"
        )
    )
    var capture: ProxyEnd?
    @Option(
        help: ArgumentHelp(
            "Take commands there: a rep, pair, pull or sub.",
            valueName: "type@endpoint"
        )
    )
    var control: ProxyEnd?
    @OptionGroup(title: "Security options") var security: SecurityArguments
    @OptionGroup(title: "Options for wss:// endpoints") var tls: TLSArguments
    @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "10s"))
    var limit: DurationArgument?

    func validate() throws {
        if let capture, ![.pub, .push, .dealer, .pair].contains(capture.kind) {
            throw ValidationError(
                "--capture is a pub, push, dealer or pair, not \(capture.kind.withArticle)"
            )
        }
        if let control, ![.rep, .pair, .pull, .sub].contains(control.kind) {
            throw ValidationError(
                "--control is a rep, pair, pull or sub, not \(control.kind.withArticle)"
            )
        }
        let ends = [frontend, backend, capture, control].compactMap(\.self)
        do {
            try security.check(
                anyConnects: ends.contains(where: \.connects),
                anyListens: ends.contains { !$0.connects }
            )
        } catch {
            throw ValidationError(error.message)
        }
    }

    func run() async throws {
        let interruption = await Interruption()
        let front = try await frontend.open(as: "frontend", options)
        let back = try await backend.open(as: "backend", options)
        let copy = try await capture?.open(as: "capture", options)
        let proxy = try Proxy(between: front, and: back, capture: copy)
        let steering = try await steer(proxy)
        _ = try await interruption.run(for: limit?.duration) { try await proxy.run() }
        steering?.task.cancel()
        _ = await interruption.wait(atMost: Self.farewellTime) {
            for socket in [front, back, copy, steering?.socket] { await socket?.close() }
        }
        Diagnostics.write(Self.summary(proxy.statistics))
    }

    /// All on one event loop: what is passed on changes no thread.
    private func options(_ end: ProxyEnd) throws(CommandError) -> SocketOptions {
        var options = SocketOptions()
        try security.apply(to: &options, connects: end.connects)
        options.tls = tls.options
        return options
    }

    /// Takes commands until the task is cancelled.
    private func steer(
        _ proxy: Proxy
    ) async throws -> (socket: Socket, task: Task<Void, any Error>)? {
        guard let control else { return nil }
        let shell = control.kind.make(try options(control))
        try await shell.subscribe?([[]])
        if control.connects {
            try await shell.socket.connect(control.endpoint)
        } else {
            let endpoint = try await shell.socket.bind(control.endpoint)
            Diagnostics.write("control listening at \(endpoint)")
        }
        guard let receive = shell.receive else { return nil }
        let task = Task {
            while true {
                let answer = proxy.obey(try await receive())
                try await shell.send?(answer)
            }
        }
        return (shell.socket, task)
    }

    private static func summary(_ statistics: Proxy.Statistics) -> String {
        "passed on \(Figures.exact(statistics.forward.messageCount, "message")) from the frontend, "
            + "\(Figures.exact(statistics.backward.messageCount)) from the backend"
    }

    private static let farewellTime = Duration.seconds(2)
}
