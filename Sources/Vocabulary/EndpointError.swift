/// An endpoint that cannot be used, and what to write instead.
public struct EndpointError: Error, Equatable, Sendable, CustomStringConvertible {
    public var endpoint: String
    public var problem: String

    public init(endpoint: String, problem: String) {
        self.endpoint = endpoint
        self.problem = problem
    }

    public var description: String { "cannot use endpoint '\(endpoint)': \(problem)" }
}

/// Makes errors about one endpoint.
package struct EndpointRefusal: Sendable {
    package let endpoint: Endpoint

    package init(endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    package func callAsFunction(_ problem: String) -> EndpointError {
        EndpointError(endpoint: endpoint.description, problem: problem)
    }
}
