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
        try checkOptions()
        do {
            if let opened = try await openPort(endpoint, isBound: true) { return opened }
            return try await hub.bind(endpoint).get()
        } catch {
            throw ZeroMQError.wrap(error)
        }
    }

    /// Connects to the endpoint and keeps the connection up, retrying with back-off whenever it is lost.
    ///
    /// - Throws: `ZeroMQError`: `endpoint` for one that cannot be used, `option` for socket options out of range.
    public func connect(_ endpoint: String) async throws(ZeroMQError) {
        try await connect(Self.endpoint(endpoint))
    }

    /// Connects to the endpoint and keeps the connection up, retrying with back-off whenever it is lost.
    public func connect(_ endpoint: Endpoint) async throws(ZeroMQError) {
        try checkOptions()
        let isOpen: Bool
        do {
            guard try await openPort(endpoint, isBound: false) == nil else { return }
            // First, so that what is sent right after finds the endpoint expected.
            if !hub.isDialling(endpoint) { try await engine.handleDial(endpoint, 1).get() }
            isOpen = try hub.connect(endpoint)
        } catch {
            throw ZeroMQError.wrap(error)
        }
        guard isOpen else { throw .closed }
    }

    /// Stops listening at a resolved endpoint; accepted connections stay.
    public func unbind(_ endpoint: String) async throws(ZeroMQError) {
        try await unbind(Self.endpoint(endpoint))
    }

    /// Stops listening at a resolved endpoint; accepted connections stay.
    public func unbind(_ endpoint: Endpoint) async throws(ZeroMQError) {
        let wasBound: Bool
        do {
            if let wasOpen = try await closePort(endpoint, wasBound: true) {
                wasBound = wasOpen
            } else {
                wasBound = try await hub.unbind(endpoint).get()
            }
        } catch {
            throw ZeroMQError.wrap(error)
        }
        guard !wasBound else { return }
        let ports = try? await engine.datagrams?.boundEndpoints.get()
        let bound = (hub.boundEndpoints + (ports ?? [])).map(\.description)
            .joined(separator: ", ")
        throw ZeroMQError(
            .notFound,
            "the socket is not bound to \(endpoint); it is bound to \(bound.isEmpty ? "nothing" : bound)"
        )
    }

    /// Stops connecting to the endpoint and closes its connection.
    public func disconnect(_ endpoint: String) async throws(ZeroMQError) {
        try await disconnect(Self.endpoint(endpoint))
    }

    /// Stops connecting to the endpoint and closes its connection.
    public func disconnect(_ endpoint: Endpoint) async throws(ZeroMQError) {
        let wasConnected: Bool
        do {
            if let wasOpen = try await closePort(endpoint, wasBound: false) {
                wasConnected = wasOpen
            } else {
                wasConnected = hub.disconnect(endpoint, linger: linger)
                if wasConnected { try await engine.handleDial(endpoint, -1).get() }
            }
        } catch {
            throw ZeroMQError.wrap(error)
        }
        guard !wasConnected else { return }
        throw ZeroMQError(.notFound, "the socket is not connected to \(endpoint)")
    }

    /// Opens an endpoint that has no connections; `nil` for one that has.
    private func openPort(_ endpoint: Endpoint, isBound: Bool) async throws -> Endpoint? {
        if endpoint.scheme.isMulticast { return try await multicast.open(endpoint).get() }
        if endpoint.scheme == .udp, let ports = engine.datagrams {
            return try await ports.open(endpoint, isBound: isBound).get()
        }
        guard engine.type != .dgram else {
            throw EndpointError(
                endpoint: endpoint.description,
                problem: "a DGRAM sends and receives datagrams; use udp"
            )
        }
        return nil
    }

    /// Whether there was such an endpoint; `nil` for one that has connections.
    private func closePort(_ endpoint: Endpoint, wasBound: Bool) async throws -> Bool? {
        if endpoint.scheme.isMulticast {
            return try await multicast.close(endpoint, linger: linger).get()
        }
        guard endpoint.scheme == .udp else { return nil }
        return try await engine.datagrams?.close(endpoint, wasBound: wasBound).get()
    }

    static func endpoint(_ text: String) throws(ZeroMQError) -> Endpoint {
        do throws(EndpointError) {
            return try Endpoint(text)
        } catch {
            throw ZeroMQError(error)
        }
    }

    private func checkOptions() throws(ZeroMQError) {
        if let optionProblem { throw ZeroMQError(.option, optionProblem) }
    }
}
