import NIOCore
import Synchronization
import ZMTP

/// Passes on what one socket receives to another one, and what that one receives back (`zmq_proxy`, `zmq_proxy_steerable`).
///
///     let (frontend, backend) = (Router(), Dealer())
///     try await frontend.bind("tcp://*:5559")
///     try await backend.bind("tcp://*:5560")
///     let proxy = try Proxy(between: frontend, and: backend)
///     try await proxy.run()
///
/// Messages are not taken apart: whole runs of them go from queue to queue. When one side has no room nothing is taken from the other, so
/// that its senders wait. While a proxy runs nobody else may send or receive with its sockets; to end it does not close them.
public final class Proxy: Sendable {
    private let forward: ProxyPump?
    private let backward: ProxyPump?
    private let end: End

    /// What a proxy has passed on.
    public struct Statistics: Equatable, Sendable {
        /// From the frontend to the backend.
        public var forward: TrafficTotal
        /// From the backend to the frontend.
        public var backward: TrafficTotal
    }

    /// A proxy between two sockets; it begins with `run`.
    ///
    /// - Parameters:
    ///   - frontend: receives, or sends, or both.
    ///   - backend: does the other, or both.
    ///   - capture: is sent everything that goes either way, and misses what it has no room for: a PUB, DEALER, PUSH or PAIR.
    /// - Throws: `ZeroMQError.unsupported` when nothing can go between the two, or not as it is: a REQ or REP is among them, whose lockstep is for
    ///   programs, a type that addresses its peers beside the message, or one whose messages have one frame where others come.
    public init(
        between frontend: Socket,
        and backend: Socket,
        capture: Socket? = nil
    ) throws(ZeroMQError) {
        let end = End()
        func pump(_ source: Socket, _ target: Socket) throws(ZeroMQError) -> ProxyPump? {
            guard source.engine.inbox != nil, target.engine.outlet != nil else { return nil }
            try MessageForm.check(from: source.engine.type, to: target.engine.type)
            return ProxyPump(from: source.engine, to: target.engine, capture: capture?.engine) {
                end.reach()
            }
        }
        self.end = end
        forward = try pump(frontend, backend)
        backward = try pump(backend, frontend)
        guard forward != nil || backward != nil else {
            throw ZeroMQError(
                .unsupported,
                "nothing can go between \(frontend.engine.type.withArticle) and \(backend.engine.type.withArticle): one has to receive what the other sends"
            )
        }
    }

    /// What has been passed on so far.
    public var statistics: Statistics {
        Statistics(
            forward: forward?.total ?? TrafficTotal(),
            backward: backward?.total ?? TrafficTotal()
        )
    }

    /// Passes on messages until `terminate`, until one of the sockets is closed, or the task is cancelled.
    public func run() async throws(ZeroMQError) {
        guard end.begin() else { throw ZeroMQError(.busy, "a proxy runs once") }
        let pumps = [forward, backward].compactMap(\.self)
        for pump in pumps { pump.start() }
        await withTaskCancellationHandler {
            await end.wait()
        } onCancel: {
            end.reach()
        }
        for pump in pumps { try? await pump.stop().get() }
        if Task.isCancelled { throw .cancelled }
    }

    /// Passes nothing on until `resume`; what comes waits, and then the senders do.
    public func pause() { setPaused(true) }

    public func resume() { setPaused(false) }

    private func setPaused(_ isPaused: Bool) {
        forward?.setPaused(isPaused)
        backward?.setPaused(isPaused)
    }

    /// Ends `run`.
    public func terminate() { end.reach() }
}

/// The end of a run, once.
private final class End: Sendable {
    private struct State {
        var hasBegun = false
        var isReached = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Whether this is the beginning.
    func begin() -> Bool {
        state.withLock { state in
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
    }

    func reach() {
        state.withLock { state in
            state.isReached = true
            return state.waiter.take()
        }?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if !state.isReached { state.waiter = continuation }
                return state.isReached
            }
            if isReached { continuation.resume() }
        }
    }
}
