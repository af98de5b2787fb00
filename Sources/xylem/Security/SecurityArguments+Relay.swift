import RouterNode
import Transports
import ZeroMQ

extension SecurityArguments {
    /// For a relay, which is a server where it listens and a client where it connects.
    func relay() throws(CommandError) -> RelaySecurity {
        var security = RelaySecurity()
        security.authenticator = try authenticator()
        // One pair for both.
        let keys = try keys()
        if plainUsers != nil { security.listening = .plain }
        if curveServer { security.listening = .curve(keys: keys) }
        if let plain { security.dialling = .plain(user: plain.user, password: plain.password) }
        if let serverKey {
            security.dialling = .curve(keys: keys, servers: try Self.serverKeys(serverKey))
        }
        return security
    }

    /// One key for all, or a folder of certificates that are called as the nodes are.
    private static func serverKeys(
        _ text: String
    ) throws(CommandError) -> RelaySecurity.ServerKeys {
        guard CurvePublicKey(text) == nil, let names = try? CertificateFolder.names(text) else {
            return RelaySecurity.ServerKeys(ofOthers: try key(text))
        }
        var keys: [String: CurvePublicKey] = [:]
        for name in names { keys[name] = try certificate(text + "/" + name).publicKey }
        return RelaySecurity.ServerKeys(ofNodes: keys)
    }
}
