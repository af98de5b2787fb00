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
            return endpoint.scheme.isMulticast
                ? try await multicast.open(endpoint).get() : try await hub.bind(endpoint).get()
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
            guard !endpoint.scheme.isMulticast else {
                _ = try await multicast.open(endpoint).get()
                return
            }
            // First, so that what is sent right after finds the endpoint expected.
            if !hub.isDialling(endpoint) { try await engine.handleDial(1).get() }
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
            wasBound =
                endpoint.scheme.isMulticast
                ? try await multicast.close(endpoint, linger: linger).get()
                : try await hub.unbind(endpoint).get()
        } catch {
            throw ZeroMQError.wrap(error)
        }
        guard !wasBound else { return }
        let bound = hub.boundEndpoints.map(\.description).joined(separator: ", ")
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
            if endpoint.scheme.isMulticast {
                wasConnected = try await multicast.close(endpoint, linger: linger).get()
            } else {
                wasConnected = hub.disconnect(endpoint, linger: linger)
                if wasConnected { try await engine.handleDial(-1).get() }
            }
        } catch {
            throw ZeroMQError.wrap(error)
        }
        guard !wasConnected else { return }
        throw ZeroMQError(.notFound, "the socket is not connected to \(endpoint)")
    }

    private static func endpoint(_ text: String) throws(ZeroMQError) -> Endpoint {
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
