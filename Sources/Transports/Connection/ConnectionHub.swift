package import Vocabulary
package import NIOCore
import Synchronization
package import ZMTP

/// The endpoints and connections of one socket.
///
/// Binds and connects in any number and order; tells `handler` who has come and gone, and `observe` of every change of
/// state. Traffic goes from each connection straight to `handler`. Endpoints are looked after on the home loop; accepted
/// connections live on the group's loops.
package final class ConnectionHub: Sendable {
    private struct State {
        var listeners: [any Listener] = []
        var diallers: [Dialler] = []
        var connections: [UInt64: Connection] = [:]
        /// One for each loop that has connections.
        var clocks: [(loop: ObjectIdentifier, lease: ClockLease)] = []
        var options: ConnectionOptions
        var acceptPauseCount = 0
        var isClosed = false
        var allClosed: EventLoopPromise<Void>?

        mutating func clock(of loop: any EventLoop) -> DeadlineClock {
            let id = ObjectIdentifier(loop)
            if let known = clocks.first(where: { $0.loop == id }) { return known.lease.clock }
            let lease = ClockLease(loop: loop)
            clocks.append((id, lease))
            return lease.clock
        }
    }

    package let loops: LoopSet
    private let transport: TransportOptions
    private let backOff: BackOff
    private let reconnectStop: ReconnectStop
    private let state: Mutex<State>
    private let handler: any ConnectionHandler
    private let observe: @Sendable (SocketEvent) -> Void

    package init(
        loops: LoopSet,
        options: ConnectionOptions,
        transport: TransportOptions,
        backOff: BackOff,
        reconnectStop: ReconnectStop = [],
        handler: any ConnectionHandler,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) {
        self.loops = loops
        state = Mutex(State(options: options))
        var transport = transport
        transport.handshakeTimeout = options.session.handshakeTimeout
        transport.messageByteCountMax = options.session.messageByteCountMax
        transport.mechanism = options.session.security.mechanismName
        transport.isAuthenticating = options.session.asksAuthenticator
        self.transport = transport
        self.backOff = backOff
        self.reconnectStop = reconnectStop
        self.handler = handler
        self.observe = observe
    }

    /// The resolved endpoints that are bound now.
    package var boundEndpoints: [Endpoint] {
        state.withLock { $0.listeners.map(\.endpoint) }
    }

    /// Every connection there is, oldest first.
    package var connections: [Connection] {
        state.withLock { $0.connections.values.sorted { $0.id < $1.id } }
    }

    /// Starts to listen; the future gives the endpoint with wildcards resolved, or an `EndpointError`.
    package func bind(_ endpoint: Endpoint) -> EventLoopFuture<Endpoint> {
        guard let scheme = endpoint.scheme.transport else {
            return loops.home.makeFailedFuture(Self.refusal(of: endpoint))
        }
        let resolved = Mutex(endpoint)
        return scheme.listen(at: endpoint, on: loops, options: transport) { news in
            self.handle(news, of: resolved.withLock { $0 })
        } accept: { stream in
            self.adopt(stream, from: nil)
        }
        .flatMapErrorThrowing { error in
            self.observe(.bindFailed(endpoint, reason: Self.problem(error)))
            throw error
        }
        .flatMapThrowing { listener in
            resolved.withLock { $0 = listener.endpoint }
            let isClosed = self.state.withLock { state in
                if !state.isClosed { state.listeners.append(listener) }
                return state.isClosed
            }
            guard !isClosed else {
                _ = listener.close()
                throw ChannelError.ioOnClosedChannel
            }
            self.observe(.listening(listener.endpoint))
            return listener.endpoint
        }
    }

    private func handle(_ news: AcceptNews, of endpoint: Endpoint) {
        switch news {
        case .paused(let pause, let isNews):
            state.withLock { $0.acceptPauseCount += 1 }
            if isNews { observe(.acceptPaused(endpoint, pause)) }
        case .failed(let reason): observe(.acceptFailed(endpoint, reason: reason))
        case .resumed(let isNews):
            if isNews { observe(.acceptResumed(endpoint)) }
        }
    }

    /// What peers of the wrong kind are told from now on.
    package func setAdvice(_ advice: String) {
        state.withLock { $0.options.session.local.advice = advice }
    }

    /// How often listeners have paused because something ran out that a connection needs.
    package var acceptPauseCount: Int { state.withLock { $0.acceptPauseCount } }

    /// Starts to keep a connection up. A second connect to the same endpoint changes nothing: a publisher must
    /// not reach a subscriber twice (libzmq#788). `false` when the hub is closed.
    @discardableResult
    package func connect(_ endpoint: Endpoint) throws(EndpointError) -> Bool {
        guard let scheme = endpoint.scheme.transport else { throw Self.refusal(of: endpoint) }
        try scheme.checkDialled(endpoint)
        let dialler = Dialler(
            endpoint: endpoint,
            loop: loops.home,
            options: transport,
            backOff: backOff,
            reconnectStop: reconnectStop,
            adopt: { self.adopt($0, from: $1) },
            onDial: { self.observe(.dialling(endpoint)) },
            onFailure: { self.handleFailure(of: endpoint, $0, wait: $1) }
        )
        let (isOpen, isNew) = state.withLock { state in
            let isNew =
                !state.isClosed && !state.diallers.contains { $0.endpoint == endpoint }
            if isNew { state.diallers.append(dialler) }
            return (!state.isClosed, isNew)
        }
        if isNew { loops.home.execute { dialler.dial() } }
        return isOpen
    }

    /// `wait` is `nil` when it is not tried again; then the endpoint is dialled no more, and may be connected to anew.
    private func handleFailure(of endpoint: Endpoint, _ reason: String, wait: Duration?) {
        guard let wait else {
            state.withLock { $0.diallers.removeAll { $0.endpoint == endpoint } }
            return observe(.gaveUp(endpoint, reason: reason))
        }
        observe(.retrying(endpoint, reason: reason, wait: wait))
    }

    /// Whether the endpoint is dialled already.
    package func isDialling(_ endpoint: Endpoint) -> Bool {
        state.withLock { $0.diallers.contains { $0.endpoint == endpoint } }
    }

    /// Stops listening; connections that were accepted there stay. `false` when it was not bound.
    package func unbind(_ endpoint: Endpoint) -> EventLoopFuture<Bool> {
        let listener = state.withLock { state -> (any Listener)? in
            guard let index = state.listeners.firstIndex(where: { $0.endpoint == endpoint }) else {
                return nil
            }
            return state.listeners.remove(at: index)
        }
        guard let listener else { return loops.home.makeSucceededFuture(false) }
        return close(listener).map {
            self.observe(.stoppedListening(endpoint))
            return true
        }
    }

    private func close(_ listener: any Listener) -> EventLoopFuture<Void> {
        listener.close().flatMapErrorThrowing { error in
            self.observe(.closeFailed(listener.endpoint, reason: Self.problem(error)))
            throw error
        }
    }

    private static func problem(_ error: any Error) -> String {
        switch error {
        case let error as EndpointError: error.problem
        case let error as IOError: error.explanation
        default: "\(error)"
        }
    }

    /// What has passed between this side and each peer, oldest connection first.
    package func statistics() -> EventLoopFuture<[PeerStatistics]> {
        let parts = connections.map { connection in
            connection.loop.submit { connection.statistics }
        }
        return EventLoopFuture.whenAllSucceed(parts, on: loops.home).map { $0.compactMap(\.self) }
    }

    /// Stops connecting to the endpoint and closes its connection. `false` when there is none.
    package func disconnect(_ endpoint: Endpoint, linger: Duration?) -> Bool {
        let dialler = state.withLock { state -> Dialler? in
            guard let index = state.diallers.firstIndex(where: { $0.endpoint == endpoint }) else {
                return nil
            }
            return state.diallers.remove(at: index)
        }
        guard let dialler else { return false }
        loops.home.execute { dialler.stop(linger: linger) }
        return true
    }

    /// Stops listening and dialling and closes every connection; what waits to be sent is sent first, for `linger`
    /// at most (`nil` = as long as it takes). Calling it again waits for the same end.
    package func close(linger: Duration?) -> EventLoopFuture<Void> {
        let promise = loops.home.makePromise(of: Void.self)
        let (taken, isFirst) = state.withLock { state -> (State, Bool) in
            let before = state
            state.isClosed = true
            state.listeners = []
            state.diallers = []
            if let allClosed = state.allClosed {
                allClosed.futureResult.cascade(to: promise)
            } else if !before.isClosed, !state.connections.isEmpty {
                state.allClosed = promise
            } else {
                promise.succeed()
            }
            return (before, !before.isClosed)
        }
        guard isFirst else { return promise.futureResult }
        for dialler in taken.diallers { loops.home.execute { dialler.stop(linger: linger) } }
        for connection in taken.connections.values {
            connection.loop.execute { connection.finish(linger: linger) }
        }
        let listenersClosed = taken.listeners.map { close($0) }
        return EventLoopFuture.andAllComplete(listenersClosed, on: loops.home)
            .flatMap { promise.futureResult }
    }

    private static func refusal(of endpoint: Endpoint) -> EndpointError {
        EndpointError(
            endpoint: endpoint.description,
            problem:
                "this socket has connections, and \(endpoint.scheme.rawValue) has none; "
                + "use tcp, ipc, inproc, ws or wss"
        )
    }

    private func adopt(_ stream: any ByteStream, from dialler: Dialler?) -> any ByteStreamOwner {
        let (options, clock) = state.withLock { ($0.options, $0.clock(of: stream.loop)) }
        return Connection(
            id: Self.nextID.wrappingAdd(1, ordering: .relaxed).newValue,
            stream: stream,
            options: options,
            clock: clock,
            dialler: dialler,
            keeper: self,
            handler: handler
        )
    }

    private static let nextID = Atomic<UInt64>(0)
}

// MARK: - From the connections

extension ConnectionHub: ConnectionKeeper {
    func keep(_ connection: Connection) -> Bool {
        let isWelcome = connection.dialler?.handleOpen(connection) ?? true
        let isKept = state.withLock { state in
            guard isWelcome, !state.isClosed else { return false }
            state.connections[connection.id] = connection
            return true
        }
        guard isKept else { return false }
        observe(.opened(peer: connection.ends, isDialled: connection.dialler != nil))
        return true
    }

    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        connection.dialler?.handleEstablished()
        observe(.established(peer: connection.ends, peer))
        handler.connectionDidEstablish(connection, peer: peer)
    }

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        let (wasKept, allClosed) = state.withLock { state in
            let wasKept = state.connections.removeValue(forKey: connection.id) != nil
            let isLast = state.isClosed && state.connections.isEmpty
            return (wasKept, isLast ? state.allClosed : nil)
        }
        if wasKept {
            observe(.disconnected(peer: connection.ends, reason))
            handler.connectionDidClose(connection, reason: reason)
        }
        connection.dialler?.handleClose(connection, reason: reason)
        allClosed?.succeed()
    }
}
