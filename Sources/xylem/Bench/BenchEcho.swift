import ZeroMQ

/// The end that sends back what it gets.
struct BenchEcho: Sendable {
    var pattern: BenchPattern
    var options: SocketOptions
    var count: Int
    /// Whether its task runs on its sockets' event loop.
    var isOnLoop: Bool

    /// Answers as many messages, and closes. PUB and SUB need an endpoint for each way.
    @concurrent func run(at endpoints: [String]) async throws {
        switch pattern {
        case .pubSub: try await publishBack(from: endpoints[0], to: endpoints[1])
        case .reqRep: try await reply(at: endpoints[0])
        case .pushPull, .dealerRouter:
            throw CommandError.failure("latency is measured with pub-sub and req-rep")
        }
    }

    @concurrent private func publishBack(from there: String, to back: String) async throws {
        let subscriber = Subscriber(options: options)
        try await withTaskExecutorPreference(isOnLoop ? subscriber.taskExecutor : nil) {
            try await subscriber.subscribe(to: "")
            try await subscriber.connect(there)
            let publisher = XPublisher(options: options)
            try await publisher.connect(back)
            _ = try await publisher.receive()
            for _ in 0..<count { publisher.send(try await subscriber.receive()) }
            await publisher.close()
            await subscriber.close()
        }
    }

    @concurrent private func reply(at endpoint: String) async throws {
        let replier = Replier(options: options)
        try await withTaskExecutorPreference(isOnLoop ? replier.taskExecutor : nil) {
            try await replier.connect(endpoint)
            for _ in 0..<count { try await replier.send(try await replier.receive()) }
            await replier.close()
        }
    }
}
