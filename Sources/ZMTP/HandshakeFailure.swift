/// Why a connection did not come about; the description is what an operator reads in the log.
public enum HandshakeFailure: Error, Equatable, Sendable {
    case notZMTP(firstOctet: UInt8)
    case unsupportedVersion(major: UInt8)
    case malformedGreeting
    case mechanismMismatch(local: String, peer: String)
    case malformedCommand(String)
    case incompatibleSocketType(local: SocketType, peer: String)
    /// The peer sent ERROR with this reason.
    case refused(reason: String)
    case timedOut

    /// A refusal worth telling the peer. A libzmq peer that reads ERROR does not try again, so only
    /// what trying again cannot mend is told.
    var farewell: [UInt8]? {
        switch self {
        case .incompatibleSocketType(let local, let peer):
            Command.errorFrame("\(peer) cannot talk to \(local.rawValue)")
        default:
            nil
        }
    }
}

extension HandshakeFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notZMTP(let octet):
            "the peer does not speak ZMTP 3 (its first octet is 0x\(String(octet, radix: 16)))"
        case .unsupportedVersion(let major):
            "the peer speaks ZMTP \(major == 0 ? 1 : Int(major) == 1 ? 2 : Int(major)).x; 3.0 or later is needed"
        case .malformedGreeting: "the peer's greeting is malformed"
        case .mechanismMismatch(let local, let peer):
            "the peer wants security mechanism \(peer), this socket uses \(local)"
        case .malformedCommand(let what): "malformed handshake: \(what)"
        case .incompatibleSocketType(let local, let peer):
            "a \(peer) socket cannot talk to a \(local.rawValue) socket"
        case .refused(let reason): "the peer refused: \(reason)"
        case .timedOut: "the handshake was not finished in time"
        }
    }
}
