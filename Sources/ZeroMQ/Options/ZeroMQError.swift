import Vocabulary
import NIOCore
import Transports

/// What a caller got wrong, or what ran out. Codes are open-ended: more may be added. The message says what to do.
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
        /// Nothing came, or nobody, within the time that was given.
        public static let timedOut = Code(rawValue: "timed-out")
        /// The task that waited was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
        /// The socket's pattern cannot do this: a SUB cannot send, for example.
        public static let unsupported = Code(rawValue: "unsupported")
        /// The message has no frame at the position that was asked for.
        public static let missingFrame = Code(rawValue: "missing-frame")
        /// Octets are not in the form that they should have.
        public static let malformed = Code(rawValue: "malformed")
        /// The message has another number of frames than the pattern's messages have.
        public static let multipart = Code(rawValue: "multipart")
        /// The message is longer than what carries it: a datagram, at `udp://` endpoints.
        public static let tooLong = Code(rawValue: "too-long")
        /// A group cannot be called that, or was not joined.
        public static let group = Code(rawValue: "group")
        /// No peer has the address that a message is for.
        public static let unroutable = Code(rawValue: "unroutable")
        /// The peer that was asked has gone without an answer.
        public static let peerLost = Code(rawValue: "peer-lost")
        /// A REQ or REP does something else first: a request is answered before the next.
        public static let busy = Code(rawValue: "busy")
        /// A REQ or REP has nothing to receive, or to answer.
        public static let idle = Code(rawValue: "idle")
        /// A socket's options contradict each other or the protocol.
        public static let option = Code(rawValue: "option")
        /// A failure without a code of its own; the message is the system's.
        public static let system = Code(rawValue: "system")
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
    static let multipart = ZeroMQError(
        .multipart,
        "a message of this socket has one frame; send several as one, or use a pattern with multipart messages"
    )
    static let unsupported = ZeroMQError(.unsupported, "a socket of this type does not do that")

    static let peerLost = ZeroMQError(
        .peerLost,
        "the peer that was asked has gone; whether it saw the request is not known"
    )

    init(_ error: EndpointError) {
        self.init(.endpoint, error.description)
    }

    static func wrap(_ error: any Error) -> ZeroMQError {
        switch error {
        case let error as ZeroMQError: error
        case let error as EndpointError: ZeroMQError(error)
        case is CancellationError: .cancelled
        // A listener that came after the close, and a loop that is shut down.
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, EventLoopError.shutdown:
            .closed
        case let error as IOError: ZeroMQError(.system, error.description)
        default: ZeroMQError(.system, String(describing: error))
        }
    }
}
