import Transports

/// What a caller can get wrong, or run out of. The code is open: more may come; the message says what to do.
public struct ZeroMQError: Error, Equatable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, RawRepresentable {
        public var rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The endpoint is malformed, in use, or not of this machine.
        public static let endpoint = Code(rawValue: "endpoint")
        /// The socket was closed.
        public static let closed = Code(rawValue: "closed")
        /// Unbind or disconnect of an endpoint the socket does not have.
        public static let notFound = Code(rawValue: "not-found")
        public static let timedOut = Code(rawValue: "timed-out")
        /// The task that waited was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    static let closed = ZeroMQError(.closed, "the socket is closed")
    static let cancelled = ZeroMQError(.cancelled, "the task was cancelled")

    init(_ error: EndpointError) {
        self.init(.endpoint, error.description)
    }

    static func wrap(_ error: any Error) -> ZeroMQError {
        switch error {
        case let error as ZeroMQError: error
        case let error as EndpointError: ZeroMQError(error)
        case is CancellationError: .cancelled
        default: .closed
        }
    }
}
