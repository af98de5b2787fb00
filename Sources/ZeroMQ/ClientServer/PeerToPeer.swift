import NIOCore
public import Vocabulary
import ZMTP

/// PEER: talks to any number of other PEERs, each by its routing id (RFC 51): a ROUTER among equals, for messages of one frame.
///
///     let peer = PeerToPeer()
///     let other = try await peer.connect(to: "tcp://other.local:5555")
///     try await peer.send("hello", to: other)
///     let answer = try await peer.receive()
public final class PeerToPeer: RoutedSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(type: .peer, options: options)
    }

    /// Connects to an endpoint and gives the routing id of the peer there (`zmq_connect_peer`), who may be sent to at once: what is sent before
    /// it answers waits, unless `options.isImmediate`. The id stays when the connection is lost and comes back.
    ///
    /// - Throws: `ZeroMQError`: as `connect`; `option` at a multicast endpoint, where nobody has an id.
    public func connect(to endpoint: String) async throws(ZeroMQError) -> RoutingID {
        try await connect(to: Self.endpoint(endpoint))
    }

    /// Connects to an endpoint and gives the routing id of the peer there.
    public func connect(to endpoint: Endpoint) async throws(ZeroMQError) -> RoutingID {
        let octets: [UInt8]
        do { octets = try await core.reserveNumber(of: endpoint).get() } catch {
            throw ZeroMQError.wrap(error)
        }
        do throws(ZeroMQError) {
            try await connect(endpoint)
        } catch {
            core.forget(endpoint)
            throw error
        }
        guard let routingID = octets.withUnsafeBytes({ RoutingID(octets: $0) }) else {
            preconditionFailure("a number that was made here is never zero")
        }
        return routingID
    }
}
