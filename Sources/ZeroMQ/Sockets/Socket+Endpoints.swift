import NIOCore
import Transports
public import Vocabulary

/// Where a socket listens and whom it connects to. Every call takes the endpoint as libzmq's text, or as a value.
extension Socket {
    /// Listens at the endpoint, and returns it with wildcards resolved.
    ///
    /// - Throws: `ZeroMQError`: `endpoint` for one that cannot be used, `option` for socket options out of range.
    @discardableResult
    public func bind(_ endpoint: String) async throws(ZeroMQError) -> Endpoint {
        try await bind(Self.endpoint(endpoint))
    }

    /// Listens at the endpoint, and returns it with wildcards resolved.
    @discardableResult
    public func bind(_ endpoint: Endpoint) async throws(ZeroMQError) -> Endpoint {
        do { return try await startBind(endpoint).get() } catch { throw ZeroMQError.wrap(error) }
    }

    /// Connects to the endpoint and keeps the connection up, retrying with back-off whenever it is lost.
    ///
    /// - Throws: `ZeroMQError`: `endpoint` for one that cannot be used, `option` for socket options out of range.
    public func connect(_ endpoint: String) async throws(ZeroMQError) {
        try await connect(Self.endpoint(endpoint))
    }

    /// Connects to the endpoint and keeps the connection up, retrying with back-off whenever it is lost.
    public func connect(_ endpoint: Endpoint) async throws(ZeroMQError) {
        do { try await startConnect(endpoint).get() } catch { throw ZeroMQError.wrap(error) }
    }

    /// Stops listening at a resolved endpoint; accepted connections stay.
    public func unbind(_ endpoint: String) async throws(ZeroMQError) {
        try await unbind(Self.endpoint(endpoint))
    }

    /// Stops listening at a resolved endpoint; accepted connections stay.
    public func unbind(_ endpoint: Endpoint) async throws(ZeroMQError) {
        do { try await startUnbind(endpoint).get() } catch { throw ZeroMQError.wrap(error) }
    }

    /// Stops connecting to the endpoint and closes its connection.
    public func disconnect(_ endpoint: String) async throws(ZeroMQError) {
        try await disconnect(Self.endpoint(endpoint))
    }

    /// Stops connecting to the endpoint and closes its connection.
    public func disconnect(_ endpoint: Endpoint) async throws(ZeroMQError) {
        do { try await startDisconnect(endpoint).get() } catch { throw ZeroMQError.wrap(error) }
    }

    static func endpoint(_ text: String) throws(ZeroMQError) -> Endpoint {
        do throws(EndpointError) {
            return try Endpoint(text)
        } catch {
            throw ZeroMQError(error)
        }
    }
}

/// The same for whoever waits in another way; the futures fail with anything that `ZeroMQError.wrap` takes.
extension Socket {
    func startBind(_ endpoint: Endpoint) -> EventLoopFuture<Endpoint> {
        if let refusal { return home.makeFailedFuture(refusal) }
        return openPort(endpoint, isBound: true) ?? hub.bind(endpoint)
    }

    func startConnect(_ endpoint: Endpoint) -> EventLoopFuture<Void> {
        if let refusal { return home.makeFailedFuture(refusal) }
        if let opened = openPort(endpoint, isBound: false) { return opened.map { _ in } }
        let (hub, engine) = (hub, engine)
        guard !hub.isDialling(endpoint) else {
            return home.submit { try Self.dial(endpoint, by: hub) }
        }
        // First, so that what is sent right after finds the endpoint expected.
        return engine.handleDial(endpoint, 1).flatMapThrowing {
            do {
                try Self.dial(endpoint, by: hub)
            } catch {
                _ = engine.handleDial(endpoint, -1)
                throw error
            }
        }
    }

    private static func dial(_ endpoint: Endpoint, by hub: ConnectionHub) throws {
        guard try hub.connect(endpoint) else { throw ZeroMQError.closed }
    }

    func startUnbind(_ endpoint: Endpoint) -> EventLoopFuture<Void> {
        let (hub, home, ports) = (hub, home, engine.datagrams)
        return (closePort(endpoint, wasBound: true) ?? hub.unbind(endpoint)).flatMap { wasBound in
            guard !wasBound else { return home.makeSucceededVoidFuture() }
            let bound = ports?.boundEndpoints ?? home.makeSucceededFuture([])
            return bound.flatMapThrowing { bound in
                let bound = (hub.boundEndpoints + bound).map(\.description).joined(separator: ", ")
                throw ZeroMQError(
                    .notFound,
                    "the socket is not bound to \(endpoint); it is bound to \(bound.isEmpty ? "nothing" : bound)"
                )
            }
        }
    }

    func startDisconnect(_ endpoint: Endpoint) -> EventLoopFuture<Void> {
        let wasConnected: EventLoopFuture<Bool>
        if let closed = closePort(endpoint, wasBound: false) {
            wasConnected = closed
        } else if hub.disconnect(endpoint, linger: linger) {
            wasConnected = engine.handleDial(endpoint, -1).map { true }
        } else {
            wasConnected = home.makeSucceededFuture(false)
        }
        return wasConnected.flatMapThrowing { wasConnected in
            guard !wasConnected else { return }
            throw ZeroMQError(.notFound, "the socket is not connected to \(endpoint)")
        }
    }

    /// Opens an endpoint that has no connections; `nil` for one that has.
    private func openPort(_ endpoint: Endpoint, isBound: Bool) -> EventLoopFuture<Endpoint>? {
        if endpoint.scheme.isMulticast { return multicast.open(endpoint) }
        if endpoint.scheme == .udp, let ports = engine.datagrams {
            return ports.open(endpoint, isBound: isBound)
        }
        guard engine.type == .dgram else { return nil }
        return home.makeFailedFuture(
            EndpointError(
                endpoint: endpoint.description,
                problem: "a DGRAM sends and receives datagrams; use udp"
            )
        )
    }

    /// Whether there was such an endpoint; `nil` for one that has connections.
    private func closePort(_ endpoint: Endpoint, wasBound: Bool) -> EventLoopFuture<Bool>? {
        if endpoint.scheme.isMulticast { return multicast.close(endpoint, linger: linger) }
        guard endpoint.scheme == .udp else { return nil }
        return engine.datagrams?.close(endpoint, wasBound: wasBound)
    }

    private var refusal: ZeroMQError? { optionProblem.map { ZeroMQError(.option, $0) } }
}
