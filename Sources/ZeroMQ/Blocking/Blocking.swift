import DataPlane
import NIOCore
public import Vocabulary

/// A socket for programs without async: its calls block the thread that makes them.
///
///     let tasks = Blocking(Pusher())
///     try tasks.bind("tcp://*:5557")
///     try tasks.send("a task", timeout: .seconds(1))
///     tasks.close()
///
/// It is the same socket on the same core: any number of threads may use it at once, and tasks beside them. A call ends with what it is for,
/// with its time-out, or with the close of the socket, by `ZeroMQError.closed`, whatever thread closes it. A time-out of zero waits for
/// nothing, and none at all waits without end (`ZMQ_RCVTIMEO`, `ZMQ_SNDTIMEO`: 0 and -1).
///
/// Not for tasks and event loops, whose threads others need: the compiler refuses it in async functions.
public struct Blocking<Base: Socket>: Sendable {
    /// The socket, for all that does not wait: options, events, statistics.
    public let socket: Base

    public init(_ socket: Base) {
        self.socket = socket
    }

    /// Sends what waits, for as long as the linger allows, and closes everything. Threads that are blocked in a call of this socket end at
    /// once (`zmq_close` and `zmq_ctx_term` in one).
    @available(*, noasync)
    public func close() {
        _ = try? wait(for: socket.end())
    }

    /// Runs what only tasks can do, and blocks until it is over.
    ///
    ///     let other = try peer.run { try await $0.connect(to: "tcp://other.local:5555") }
    @available(*, noasync)
    public func run<Result: Sendable>(
        _ body: @escaping @Sendable (Base) async throws -> Result
    ) throws -> Result {
        let promise = socket.home.makePromise(of: Result.self)
        let socket = socket
        promise.completeWithTask { try await body(socket) }
        checkThread()
        return try promise.futureResult.wait()
    }
}

/// Where the socket listens and whom it connects to: as the socket's own calls.
extension Blocking {
    /// Listens at the endpoint, and returns it with wildcards resolved.
    @available(*, noasync)
    @discardableResult
    public func bind(_ endpoint: String) throws(ZeroMQError) -> Endpoint {
        try bind(Socket.endpoint(endpoint))
    }

    /// Listens at the endpoint, and returns it with wildcards resolved.
    @available(*, noasync)
    @discardableResult
    public func bind(_ endpoint: Endpoint) throws(ZeroMQError) -> Endpoint {
        try wait(for: socket.startBind(endpoint))
    }

    /// Connects to the endpoint and keeps the connection up. Returns at once: whether anybody answers there is seen later.
    @available(*, noasync)
    public func connect(_ endpoint: String) throws(ZeroMQError) {
        try connect(Socket.endpoint(endpoint))
    }

    /// Connects to the endpoint and keeps the connection up. Returns at once: whether anybody answers there is seen later.
    @available(*, noasync)
    public func connect(_ endpoint: Endpoint) throws(ZeroMQError) {
        try wait(for: socket.startConnect(endpoint))
    }

    /// Stops listening at a resolved endpoint; accepted connections stay.
    @available(*, noasync)
    public func unbind(_ endpoint: Endpoint) throws(ZeroMQError) {
        try wait(for: socket.startUnbind(endpoint))
    }

    /// Stops connecting to the endpoint and closes its connection.
    @available(*, noasync)
    public func disconnect(_ endpoint: Endpoint) throws(ZeroMQError) {
        try wait(for: socket.startDisconnect(endpoint))
    }
}

extension Blocking {
    func wait<Value: Sendable>(for future: EventLoopFuture<Value>) throws(ZeroMQError) -> Value {
        checkThread()
        do { return try future.wait() } catch { throw ZeroMQError.wrap(error) }
    }

    /// The same for tasks' work that throws nothing but `ZeroMQError`.
    func wait<Value: Sendable>(
        for body: @escaping @Sendable (Base) async throws(ZeroMQError) -> Value
    ) throws(ZeroMQError) -> Value {
        do {
            return try run { socket in try await body(socket) }
        } catch {
            throw ZeroMQError.wrap(error)
        }
    }

    /// What has arrived, once there is something; `nil` when the time is up.
    func take(
        wantsNotes: Bool = false,
        timeout: Duration?
    ) throws(ZeroMQError) -> Mailbox.Item? {
        checkThread()
        switch socket.engine.take(wantsNotes: wantsNotes, timeout: timeout) {
        case .item(let item): return item
        case .timedOut: return nil
        case .cancelled: throw .cancelled
        case .closed: throw .closed
        case nil: throw .unsupported
        }
    }

    func append(_ message: ByteBuffer, timeout: Duration?) throws(ZeroMQError) {
        checkThread()
        switch socket.engine.append(message, timeout: timeout) {
        case .queued: return
        case .full: throw ZeroMQError(.timedOut, "there was no room for the message in time")
        case .closed: throw .closed
        case .multipart: throw .multipart
        case .unsupported: throw .unsupported
        }
    }

    private func checkThread() {
        precondition(
            !socket.home.inEventLoop,
            "this thread is the socket's event loop: it would wait for itself"
        )
    }
}
