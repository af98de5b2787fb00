import ZeroMQ

/// The other end of a measurement: a process, or a task of this one.
enum BenchEnd {
    case process(BenchPeer)
    case task(Task<Void, any Error>)

    /// `onExit` is called when the process ends before `stop`: what waits for its messages must not wait for ever.
    static func process(
        _ arguments: [String],
        onExit: @escaping @Sendable () async -> Void
    ) throws -> BenchEnd {
        .process(try BenchPeer.start(arguments, onExit: onExit))
    }

    /// Runs `body`; what it throws because the other end has ended is told as what it is.
    func whileRunning<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as ZeroMQError where error.code == .closed {
            throw CommandError.failure("the other end of the measurement ended too early")
        }
    }

    /// It has done its part.
    func stop() {
        switch self {
        case .process(let peer): peer.stop()
        case .task(let task): task.cancel()
        }
    }
}
