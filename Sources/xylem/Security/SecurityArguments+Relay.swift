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

    /// These arguments for a node whose keys are in a folder with those of its fleet.
    func inFleet(_ folder: String, node: String) -> SecurityArguments {
        var arguments = self
        arguments.certificate = Self.secretPath(of: node, in: folder)
        arguments.serverKey = folder
        arguments.curveServer = true
        arguments.allow = folder
        return arguments
    }

    /// The lists of addresses alone; `nil` = there are none.
    func addressControl() throws(CommandError) -> AccessControl? {
        guard !allowedAddresses.isEmpty || !deniedAddresses.isEmpty else { return nil }
        let rules = AccessRules { rules in
            rules.allowedAddresses = allowedAddresses.map(\.block)
            rules.deniedAddresses = deniedAddresses.map(\.block)
            rules.keys = .any
        }
        do {
            return try AccessControl(rules)
        } catch {
            throw .badInput("\(error)")
        }
    }

    /// Where a node's pair is.
    static func secretPath(of node: String, in folder: String) -> String {
        "\(folder)/\(node)_secret"
    }

    /// Refuses a folder in which the pair of one of those nodes is missing.
    static func checkFleetKeys(_ folder: String, nodes: [String]) throws(CommandError) {
        for node in nodes where try certificate(secretPath(of: node, in: folder)).keys == nil {
            throw .badInput(
                "\(secretPath(of: node, in: folder)) has no secret key; 'xylem keygen --name \(node) -o \(folder)/\(node)' makes one"
            )
        }
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
