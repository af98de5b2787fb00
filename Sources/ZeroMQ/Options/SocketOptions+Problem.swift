import ZMTP

extension SocketOptions {
    /// What an option cannot be; `nil` when all is well. Options often come from somebody's configuration, so that a wrong one is an error
    /// of `bind` and `connect`, not the end of the process.
    var problem: String? {
        if routingID.count > 255 {
            return "the routing id has \(routingID.count) octets; it has at most 255"
        }
        if reconnectInitial <= .zero || reconnectMaximum <= .zero {
            return
                "reconnectInitial and reconnectMaximum are positive: a wait of zero would be a busy loop"
        }
        if let messageByteCountMax, messageByteCountMax < 0 {
            return "the largest message has \(messageByteCountMax) octets; nil is without bound"
        }
        if backlog < 1 { return "the backlog is at least 1, not \(backlog)" }
        return tcp.problem ?? socksProxy?.problem ?? securityProblem
    }

    private var securityProblem: String? {
        switch security {
        case .plain(let user, let password):
            guard user.utf8.count > 255 || password.utf8.count > 255 else { return nil }
            return "PLAIN's names and passwords have at most 255 octets"
        case .plainServer where authenticator == nil:
            return "a PLAIN server needs an authenticator, which knows the passwords"
        case .null, .plainServer, .curve, .curveServer: return nil
        }
    }
}
