/// What two sides of a WebSocket may agree on: the sub-protocols of RFC 45 and RFC 39.
public enum WebSocketProtocol: Equatable, Sendable {
    /// ZWS 2.0 with a security mechanism: `ZWS2.0/NULL`.
    case mechanism(String)
    /// ZWS 2.0 without one: both sides say their routing ids.
    case bare
    /// ZWS 1.0: the same, and the request says the client's socket type: `GET /?type=SUB`.
    case version1

    public init?(name: String) {
        switch name {
        case "ZWS2.0": self = .bare
        case "ZWS1.0": self = .version1
        default:
            guard name.hasPrefix("ZWS2.0/") else { return nil }
            self = .mechanism(String(name.dropFirst(7)))
        }
    }

    /// As it stands in `Sec-WebSocket-Protocol`.
    public var name: String {
        switch self {
        case .mechanism(let mechanism): "ZWS2.0/\(mechanism)"
        case .bare: "ZWS2.0"
        case .version1: "ZWS1.0"
        }
    }

    /// What a socket can agree on, the best first. Only without authentication can the mechanism be left out. ZWS 1.0 needs the
    /// client's type.
    public static func offers(
        mechanism: String,
        isAuthenticating: Bool,
        isTypeKnown: Bool
    ) -> [WebSocketProtocol] {
        guard mechanism == "NULL", !isAuthenticating else { return [.mechanism(mechanism)] }
        return [.mechanism(mechanism), .bare] + (isTypeKnown ? [.version1] : [])
    }

    /// How a session begins; `clientType` is what a client of ZWS 1.0 has said.
    public func opening(clientType: SocketType?) -> Carriage.Opening {
        switch self {
        case .mechanism: .mechanism
        case .bare: .routingID(peer: nil)
        case .version1: .routingID(peer: clientType)
        }
    }
}
