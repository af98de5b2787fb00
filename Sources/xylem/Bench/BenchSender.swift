import ZeroMQ

/// The end that sends all messages of a measurement.
struct BenchSender: Sendable {
    var pattern: BenchPattern
    var options: SocketOptions
    var size: Int
    var count: Int

    /// Sends them to `endpoint`, one call each, and closes.
    @concurrent func run(to endpoint: String) async throws {
        switch pattern {
        case .pubSub: try await publish(to: endpoint)
        case .pushPull: try await send(with: Pusher(options: options), to: endpoint)
        case .dealerRouter: try await send(with: Dealer(options: options), to: endpoint)
        case .reqRep: throw CommandError.failure("a REQ waits for each reply: measure its latency")
        }
    }

    private var message: Message { Message([UInt8](repeating: 0, count: size)) }

    private func publish(to endpoint: String) async throws {
        var options = options
        options.overflow = .block
        let publisher = XPublisher(options: options)
        try await publisher.connect(endpoint)
        // The subscription: what is sent before it arrives reaches nobody.
        _ = try await publisher.receive()
        let message = message
        for _ in 0..<count { try await publisher.sendWaiting(message) }
        await publisher.close()
    }

    private func send(with socket: some SendingSocket, to endpoint: String) async throws {
        try await socket.connect(endpoint)
        let message = message
        for _ in 0..<count { try await socket.send(message) }
        await socket.close()
    }
}
