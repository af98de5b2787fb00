import Vocabulary
import DataPlane
import NIOCore
import Synchronization
public import Transports
import Wire
import ZMTP

/// What every socket type can do. Endpoints are libzmq's: `tcp://host:port`, `ipc://path`, `inproc://name`,
/// `udp://host:port`, `epgm://interface;group:port` and `pgm://interface;group:port`; a socket may bind and connect as many as it likes, in
/// any order. For multicast, binding and connecting are the same. A socket that is released closes itself and honours its
/// linger.
public class Socket: @unchecked Sendable {
    // Only constants here and in the subclasses; what changes is behind the core's loop or a mutex.
    let home: any EventLoop
    /// Where the socket's own I/O runs. A task that prefers this executor sends and receives without switching threads,
    /// which halves a round trip; it must not block or compute for long, because the I/O waits meanwhile. Sockets created
    /// by such a task share the event loop.
    ///
    ///     try await withTaskExecutorPreference(subscriber.taskExecutor) {
    ///         for await message in subscriber.messages { publisher.send(answer(to: message)) }
    ///     }
    public let taskExecutor: any TaskExecutor
    let monitor = SocketMonitor()
    let directory = PeerDirectory()
    let hub: ConnectionHub
    /// What every interface to this socket is built on; subclasses know its concrete type.
    package let engine: any SocketCore
    /// The engine's, at hand.
    let inbox: Mailbox?
    let outlet: SendQueue?
    private let takesAnyMessage: Bool
    let multicast: MulticastEndpoints
    let linger: Duration?
    /// What is wrong with the options: an error of `bind` and `connect`.
    let optionProblem: String?
    /// The close under way or done.
    private let ending = Mutex<EventLoopFuture<Void>?>(nil)

    init(core: any SocketCore, options: SocketOptions) {
        engine = core
        inbox = core.inbox
        outlet = core.outlet
        takesAnyMessage = core.takesAnyMessage
        home = core.home
        taskExecutor = LoopTaskExecutor(loop: home)
        linger = options.linger
        optionProblem = options.problem ?? options.problem(of: core.type)
        var transport = options.transport
        transport.reads = core.expectsBulkReads ? .bursts : .requests
        let (monitor, directory, logger) = (monitor, directory, options.logger)
        // The core keeps this one with its multicast links: it must not keep the core.
        let observe: @Sendable (SocketEvent) -> Void = { event in
            directory.handle(event)
            if let logger { SocketLog.write(event, to: logger) }
            monitor.publish(event)
        }
        core.datagrams?.setObserver(observe)
        multicast = MulticastEndpoints(
            home: home,
            options: options.multicast,
            security: options.security,
            host: core,
            observe: observe
        )
        hub = ConnectionHub(
            loops: LoopSet(home: home),
            options: options.connection(core.type),
            transport: transport,
            backOff: options.backOff,
            reconnectStop: options.reconnectStop,
            handler: core,
            observe: { event in
                if case .gaveUp(let endpoint, _) = event { _ = core.handleDial(endpoint, -1) }
                observe(event)
            }
        )
    }

    @usableFromInline
    func takeMessage() -> Message? { inbox?.tryTakeItem(wantsNotes: false).flatMap { Message($0) } }

    /// The oldest message, as soon as there is one; `nil` when the socket is closed, or the task cancelled.
    func takeMessageLater() async -> Message? {
        await inbox?.takeItem(wantsNotes: false).item.flatMap { Message($0) }
    }

    /// A message that costs nothing; at least every 64 messages there is none, and a task looks whether it is cancelled.
    @usableFromInline
    func takeMessageAhead() -> Message? { inbox?.tryTakeAhead().flatMap { Message($0) } }

    /// `engine.tryAppend`, without asking the engine what does not change.
    func offer(_ message: ByteBuffer) -> AppendOutcome {
        guard takesAnyMessage, let outlet else { return engine.tryAppend(message) }
        switch outlet.append(message) {
        case .queued: return .queued
        case .queuedFirst:
            home.execute { [engine] in engine.drainOutlet() }
            return .queued
        case .full: return .full
        case .closed: return .closed
        }
    }

    deinit {
        _ = end()
    }

    /// What happens to endpoints and connections, from the moment this is called; it ends with the socket. `SocketEvent.libzmq` gives an event
    /// libzmq's number.
    public var events: AsyncStream<SocketEvent> { monitor.makeStream() }

    /// Peers that were disconnected because they exceeded one of `SocketOptions.peerLimits`.
    public func limitDisconnectCount() async -> Int {
        (try? await engine.countLimitDisconnects().get()) ?? 0
    }

    /// Sends what waits, for as long as the linger allows, and closes everything.
    public func close() async {
        try? await end().get()
    }

    /// Runs once only: after a close, the event loop may be shut down before the socket is released.
    func end() -> EventLoopFuture<Void> {
        ending.withLock { ending in
            if let ending { return ending }
            let future = beginEnd()
            ending = future
            return future
        }
    }

    private func beginEnd() -> EventLoopFuture<Void> {
        let (hub, multicast, engine, monitor) = (hub, multicast, engine, monitor)
        let deadline = linger.map { NIODeadline.now() + .nanoseconds($0.nanoseconds) }
        let isSettled = home.makePromise(of: Void.self)
        engine.finish().cascade(to: isSettled)
        // A subscriber that takes nothing may keep the queue from settling, but not for longer than the linger.
        let timer = deadline.map { home.scheduleTask(deadline: $0) { isSettled.succeed() } }
        return isSettled.futureResult
            .flatMap {
                timer?.cancel()
                let left = deadline.map {
                    Duration.nanoseconds(max(0, ($0 - NIODeadline.now()).nanoseconds))
                }
                let ports = engine.datagrams?.close() ?? hub.loops.home.makeSucceededVoidFuture()
                return hub.close(linger: left).and(multicast.close(linger: left)).and(ports)
                    .map { _ in }
            }
            .always { _ in
                // Kept alive until here: when a socket is released without a close, nothing else may hold them.
                withExtendedLifetime((hub, engine)) { monitor.finish() }
            }
    }
}

/// Runs `body` with the socket and closes the socket afterwards, whether it throws or not.
public func withSocket<S: Socket, Result>(
    _ socket: S,
    _ body: (S) async throws -> Result
) async rethrows -> Result {
    do {
        let result = try await body(socket)
        await socket.close()
        return result
    } catch {
        await socket.close()
        throw error
    }
}
