import Transports
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
        return tcp.problem ?? datagrams.problem ?? socksProxy?.problem ?? securityProblem
    }

    private var securityProblem: String? {
        switch security {
        case .plain(let user, let password):
            guard user.utf8.count > 255 || password.utf8.count > 255 else { return nil }
            return "PLAIN's names and passwords have at most 255 octets"
        case .plainServer where authenticator == nil:
            return "a PLAIN server needs an authenticator, which knows the passwords"
        case .gssapi, .gssapiServer: return GSSAPI.problem
        case .null, .plainServer, .curve, .curveServer, .nullOrCurveServer: return nil
        }
    }

    /// What an option cannot be at a socket of that type.
    func problem(of type: SocketType) -> String? {
        let messages: [(name: String, message: Message?, types: [SocketType])] = [
            ("helloMessage", helloMessage, [.dealer, .router, .client, .server, .peer]),
            ("disconnectMessage", disconnectMessage, [.router, .server, .peer]),
            ("hiccupMessage", hiccupMessage, [.dealer, .client, .peer]),
        ]
        for case (let name, let message?, let types) in messages {
            guard types.contains(type) else { return Self.refusal(of: name, type, types) }
            if [.client, .server, .peer].contains(type), message.count != 1 {
                return "the \(name) of \(type.withArticle) has one frame, not \(message.count)"
            }
        }
        if publish.isManual, type != .xpub {
            return Self.refusal(of: "publish.isManual", type, [.xpub])
        }
        if publish.sendsToLast, !publish.isManual {
            return "publish.sendsToLast needs publish.isManual, because it is about what is granted"
        }
        if publish.welcomeMessage != nil, type != .pub, type != .xpub {
            return Self.refusal(of: "publish.welcomeMessage", type, [.pub, .xpub])
        }
        if invertsMatching, ![.pub, .xpub, .sub].contains(type) {
            return Self.refusal(of: "invertsMatching", type, [.pub, .xpub, .sub])
        }
        let conflating: [SocketType] = [.pub, .sub, .push, .pull, .dealer]
        if conflates, !conflating.contains(type) {
            return Self.refusal(of: "conflates", type, conflating)
        }
        return nil
    }

    private static func refusal(
        of name: String,
        _ type: SocketType,
        _ types: [SocketType]
    ) -> String {
        let words = types.map(\.rawValue).joined(separator: ", ")
        return "\(name) is an option of \(words), not of \(type.rawValue)"
    }
}
