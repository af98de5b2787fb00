/// A monitor's event in the numbers of libzmq (`zmq_socket_monitor`, `zmq_socket_monitor_versioned`), for tools that know those.
public struct LibzmqEvent: Equatable, Sendable {
    /// One bit for each kind of event.
    public enum Kind: UInt64, CaseIterable, Sendable {
        case connected = 0x1
        case connectDelayed = 0x2
        case connectRetried = 0x4
        case listening = 0x8
        case bindFailed = 0x10
        case accepted = 0x20
        case acceptFailed = 0x40
        case closed = 0x80
        case closeFailed = 0x100
        case disconnected = 0x200
        /// Never an event here: the sequence of events ends.
        case monitorStopped = 0x400
        case handshakeFailedNoDetail = 0x800
        case handshakeSucceeded = 0x1000
        case handshakeFailedProtocol = 0x2000
        case handshakeFailedAuth = 0x4000
        case pipesStats = 0x10000
    }

    public var kind: Kind
    /// By kind: milliseconds until a connect is retried; the protocol error (`ZMQ_PROTOCOL_ERROR_…`); ZAP's status code; the messages that wait in
    /// each direction, outgoing first. Zero where libzmq gives a descriptor or an `errno`.
    public var values: [UInt64]
    /// The addresses of both ends, where there is a connection; else the endpoint on its side.
    public var local: String
    public var remote: String

    public init(_ kind: Kind, values: [UInt64] = [0], local: String = "", remote: String = "") {
        self.kind = kind
        self.values = values
        self.local = local
        self.remote = remote
    }
}
