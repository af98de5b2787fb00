/// Where a socket binds or connects: `scheme://address`, as libzmq writes it.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    public var scheme: Scheme
    /// What follows `://`; its form is the transport's.
    public var address: String

    public enum Scheme: String, Sendable, CaseIterable {
        case tcp, ipc, inproc
        /// WebSockets, and WebSockets over TLS.
        case ws, wss
        /// Between a virtual machine and its host.
        case vsock
        /// A listening socket that the process was started with.
        case fd
        /// Datagrams, without connections.
        case udp
        /// PGM over raw IP, and over UDP.
        case pgm, epgm

        /// Whether it is one of the schemes of PGM.
        public var isMulticast: Bool { self == .pgm || self == .epgm }
    }

    public init(scheme: Scheme, address: String) {
        self.scheme = scheme
        self.address = address
    }

    public init(_ text: String) throws(EndpointError) {
        guard let separator = text.firstRange(of: "://") else {
            throw EndpointError(
                endpoint: text,
                problem: "it has no scheme; write for example tcp://127.0.0.1:5556"
            )
        }
        let word = String(text[..<separator.lowerBound])
        guard let scheme = Scheme(rawValue: word) else {
            if let reason = Self.foreign[word] {
                throw EndpointError(endpoint: text, problem: reason)
            }
            let known = Scheme.allCases.map(\.rawValue).joined(separator: ", ")
            throw EndpointError(
                endpoint: text,
                problem: "the transport '\(word)' is not known; use one of \(known)"
            )
        }
        let address = String(text[separator.upperBound...])
        guard !address.isEmpty else {
            throw EndpointError(endpoint: text, problem: "nothing follows \(word)://")
        }
        self.init(scheme: scheme, address: address)
    }

    /// Transports of libzmq that are not here.
    private static let foreign = [
        "tipc": "TIPC is not spoken here; use tcp, or ipc on one machine",
        "vmci":
            "VMCI is VMware's and needs its library; use vsock, which VMware's guests have, too",
        "norm": "NORM is not spoken here; for reliable multicast use epgm or pgm",
    ]

    /// What tells it from another endpoint of the same program, whatever address the program is reached by: `port 6001` where
    /// there are ports, else the endpoint.
    package var placeText: String {
        guard !scheme.isMulticast, let port else { return description }
        return "port \(port)"
    }

    public var description: String { "\(scheme.rawValue)://\(address)" }
}
