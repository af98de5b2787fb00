import Vocabulary
package import NIOCore
package import Transports
import ZMTP

/// What a socket core does with a multicast endpoint; every call comes on the core's loop.
package protocol MulticastHost: AnyObject, Sendable {
    /// Starts sending or listening at the endpoint.
    func openMulticast(
        _ link: MulticastLink,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) throws(EndpointError)
    /// Closes the endpoint; what is queued is sent for `linger` at most. `nil`: there is no such endpoint.
    func closeMulticast(_ endpoint: Endpoint, linger: Duration?) -> EventLoopFuture<Void>?
    /// Closes all of them.
    func closeMulticast(linger: Duration?) -> EventLoopFuture<Void>
}

/// The multicast endpoints of a socket. Binding and connecting mean the same: there is nobody to connect to.
struct MulticastEndpoints: Sendable {
    let home: any EventLoop
    let options: MulticastOptions
    let security: Security
    let host: any MulticastHost
    let observe: @Sendable (SocketEvent) -> Void

    func open(_ endpoint: Endpoint) -> EventLoopFuture<Endpoint> {
        home.submit {
            guard case .null = security else { throw Self.refusal(of: endpoint) }
            let link = try MulticastLink(endpoint, options: options)
            try host.openMulticast(link, observe: observe)
            return endpoint
        }
    }

    /// What must be secret must not leave in the clear because of where it leaves.
    private static func refusal(of endpoint: Endpoint) -> EndpointError {
        EndpointError(
            endpoint: endpoint.description,
            problem:
                "PLAIN and CURVE are for connections, and multicast has none; use another socket, and a seal (MulticastOptions.seal)"
        )
    }

    func close(_ endpoint: Endpoint, linger: Duration?) -> EventLoopFuture<Bool> {
        home.submit { host.closeMulticast(endpoint, linger: linger) != nil }
    }

    func close(linger: Duration?) -> EventLoopFuture<Void> {
        home.flatSubmit { host.closeMulticast(linger: linger) }
    }
}
