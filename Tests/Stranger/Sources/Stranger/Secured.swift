import RouterNode
import TreeBuilder
import ZeroMQ

/// Keys, rules and verdicts, with the products alone.
enum Secured {
    static func options(folder: String) throws -> SocketOptions {
        let keys = try CurveCertificate(file: folder + "/own_secret").keys ?? .random()
        let rules = AccessRules {
            $0.keys = .folder(folder)
            $0.passwords = .check { user, password in user == password }
            $0.deniedAddresses = [AddressBlock("10.0.0.0/8")].compactMap { $0 }
        }
        let access = try AccessControl(rules) { (error: AccessError) in print(error) }
        return SocketOptions {
            $0.security = .curveServer(keys: keys)
            $0.authenticator = access
            $0.domain = "weather"
        }
    }

    static func client(of key: String) -> SocketOptions? {
        CurvePublicKey(key).map { key in
            SocketOptions { $0.security = Security.curve(serverKey: key, keys: .random()) }
        }
    }

    static let closure = ClosureAuthenticator { (peer: PeerIntroduction) in
        switch peer.proof {
        case .none: AuthenticationVerdict.tryLater
        case .plain(let user, _): .admitted(Admission(userID: user, metadata: Metadata()))
        case .curve(let key): key.octets.first == 0 ? .denied : .failed
        case .gssapi(let principal): .admitted(userID: principal)
        }
    }

    static func handle() async throws {
        let handler = Replier()
        try await handler.bind(ZAP.endpoint)
        try await handler.serveAuthentication(closure)
    }

    static func judge(_ frames: [[UInt8]]) throws(ZAPError) -> [[UInt8]] {
        let request = try ZAPRequest(frames: frames)
        let isGood = request.question.mechanism == "NULL"
        return ZAPReply(
            requestID: request.requestID,
            verdict: isGood ? .admitted(userID: nil) : .denied
        ).frames
    }

    static func certificate(named name: String) -> (String, String?) {
        let certificate = CurveCertificate(.random(), metadata: [("name", name)])
        return (certificate.publicText, certificate.secretText)
    }

    static func secure(_ configuration: inout RelayConfiguration, keys: CurveKeyPair) {
        configuration.security.listening = .curve(keys: keys)
        configuration.security.dialling = .curve(
            keys: keys,
            servers: RelaySecurity.ServerKeys(ofNodes: ["oslo": keys.publicKey])
        )
        configuration.security.authenticator = ClosureAuthenticator { _ in .denied }
    }

    static func restrict(_ configuration: inout RelayConfiguration) throws {
        var list = AccessList(otherwise: AccessList.Permission(subscribe: ["public."]))
        list.rules.append(
            AccessList.Rule(
                addresses: [AddressBlock("10.0.0.0/8")].compactMap(\.self),
                permission: AccessList.Permission(publish: ["a."])
            )
        )
        configuration.access = .list(list)
        configuration.access = AccessSource.file(try AccessFile("access.yaml"))
        configuration.seats[0].access = list
    }

    static func follow(
        _ plan: Plan,
        _ configuration: inout RelayConfiguration,
        keys: CurveKeyPair
    ) throws {
        var plan = plan
        plan.security = SecurityProfile.all
        plan.nodes[0].allow = AllowedKeys.any
        try FleetSecurity(of: "oslo", in: plan, keys: keys).apply(to: &configuration)
    }

    static func text(_ octets: [UInt8]) -> String? {
        Z85.decode(Z85.encode(octets)).map { "\($0)" }
    }
}
