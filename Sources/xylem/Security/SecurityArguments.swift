import ArgumentParser
import Vocabulary
import ZeroMQ

/// How a command's connections are secured: as a server's, for whoever connects with a password or a key, and as a client's.
struct SecurityArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PLAIN, as a client: who we are. Travels in the clear, and others on this machine see it.",
            valueName: "user:password"
        )
    )
    var plain: UserArgument?
    @Option(
        help: ArgumentHelp(
            "PLAIN, as the server: a file of lines 'user:password', read again when it changes.",
            valueName: "file"
        )
    )
    var plainUsers: String?
    @Option(
        help: ArgumentHelp(
            "CURVE: our keys, the secret file of 'xylem keygen', CZMQ or pyzmq.",
            valueName: "file"
        )
    )
    var certificate: String?
    @Option(
        // A key as Z85 may begin with a hyphen.
        parsing: .unconditional,
        help: ArgumentHelp(
            "CURVE, as a client: the key of the server, or a certificate with it; for a relay also a folder of certificates that have "
                + "the names of nodes. Without --certificate, our own keys are new ones.",
            valueName: "key|file"
        )
    )
    var serverKey: String?
    @Flag(help: "CURVE, as the server. Needs --certificate and --allow.")
    var curveServer = false
    @Option(
        help: ArgumentHelp(
            "CURVE, as the server: a folder with the certificates of those who may connect, read again when it changes; or 'any'.",
            valueName: "folder|any"
        )
    )
    var allow: String?
    @Option(
        name: .customLong("allow-address"),
        help: ArgumentHelp(
            "Only these addresses may connect, such as 10.0.0.0/8; repeat it for more.",
            valueName: "address"
        )
    )
    var allowedAddresses: [AddressArgument] = []
    @Option(
        name: .customLong("deny-address"),
        help: ArgumentHelp("These addresses may not connect.", valueName: "address")
    )
    var deniedAddresses: [AddressArgument] = []

    func validate() throws {
        guard plainUsers == nil || !curveServer else {
            throw ValidationError("--plain-users and --curve-server exclude each other")
        }
        guard plain == nil || serverKey == nil else {
            throw ValidationError("--plain and --server-key exclude each other")
        }
        guard !curveServer || certificate != nil else {
            throw ValidationError(
                "--curve-server needs --certificate, the keys that clients know it by"
            )
        }
        guard curveServer == (allow != nil) else {
            throw ValidationError(
                "--curve-server and --allow go together: say which keys may connect, or 'any'"
            )
        }
        guard certificate == nil || curveServer || serverKey != nil else {
            throw ValidationError("--certificate needs --server-key or --curve-server")
        }
    }

    /// Whether no mechanism is named.
    var isNull: Bool {
        plain == nil && plainUsers == nil && certificate == nil && serverKey == nil && !curveServer
    }

    /// What those who connect must do; `nil` = nothing.
    func server() throws(CommandError) -> Security? {
        if plainUsers != nil { return .plainServer }
        return curveServer ? .curveServer(keys: try keys()) : nil
    }

    /// What we do where we connect; `nil` = nothing.
    func client() throws(CommandError) -> Security? {
        if let plain { return .plain(user: plain.user, password: plain.password) }
        guard let serverKey else { return nil }
        return .curve(serverKey: try Self.key(serverKey), keys: try keys())
    }

    /// For a socket that is one of both.
    func apply(to options: inout SocketOptions) throws(CommandError) {
        let (server, client) = (try server(), try client())
        guard server == nil || client == nil else {
            throw .badInput(
                "a socket is a server or a client: give \(curveServer ? "--curve-server" : "--plain-users") or "
                    + "\(plain == nil ? "--server-key" : "--plain")"
            )
        }
        options.security = server ?? client ?? .null
        options.authenticator = try authenticator()
    }

    /// For one of several sockets: what a server needs where it listens, what a client needs where it connects.
    func apply(to options: inout SocketOptions, connects: Bool) throws(CommandError) {
        options.security = try (connects ? client() : server()) ?? .null
        options.authenticator = connects ? nil : try authenticator()
    }

    /// Refuses flags that are for none of a command's sockets.
    func check(anyConnects: Bool, anyListens: Bool) throws(CommandError) {
        if !anyConnects, plain != nil || serverKey != nil {
            throw .badInput(
                "\(plain == nil ? "--server-key" : "--plain") is for a client, which is where it connects, and nothing does"
            )
        }
        if !anyListens, plainUsers != nil || curveServer {
            throw .badInput(
                "\(curveServer ? "--curve-server" : "--plain-users") is for a server, which is where it listens, and nothing does"
            )
        }
    }

    /// Who decides on those who connect; `nil` = nobody.
    func authenticator() throws(CommandError) -> AccessControl? {
        let hasLists = !allowedAddresses.isEmpty || !deniedAddresses.isEmpty
        guard plainUsers != nil || curveServer || hasLists else { return nil }
        let rules = AccessRules { rules in
            rules.allowedAddresses = allowedAddresses.map(\.block)
            rules.deniedAddresses = deniedAddresses.map(\.block)
            if let plainUsers { rules.passwords = .file(plainUsers) }
            if let allow { rules.keys = allow == "any" ? .any : .folder(allow) }
        }
        do {
            return try AccessControl(rules) { problem in
                Diagnostics.write("\(problem); nobody new is let in by it until it can be read")
            }
        } catch {
            throw .badInput("\(error)")
        }
    }

    /// Our own, from `--certificate`; new ones without it.
    func keys() throws(CommandError) -> CurveKeyPair {
        guard let certificate else { return .random() }
        guard let keys = try Self.certificate(certificate).keys else {
            throw .badInput(
                "\(certificate) has no secret key; the file of the pair has one ('xylem keygen' calls it …_secret)"
            )
        }
        return keys
    }

    static func key(_ text: String) throws(CommandError) -> CurvePublicKey {
        if let key = CurvePublicKey(text) { return key }
        guard text.contains("/") || text.utf8.count != 40 else {
            throw .badInput("--server-key: '\(text)' is no key: 40 characters of Z85")
        }
        return try certificate(text).publicKey
    }

    static func certificate(_ path: String) throws(CommandError) -> CurveCertificate {
        do throws(AccessError) {
            return try CurveCertificate(file: path)
        } catch {
            throw .badInput("\(error)")
        }
    }
}

/// A name and a password.
struct UserArgument: ExpressibleByArgument {
    var user: String
    var password: String

    init?(argument: String) {
        guard let colon = argument.firstIndex(of: ":") else { return nil }
        user = String(argument[..<colon])
        password = String(argument[argument.index(after: colon)...])
        guard user.utf8.count <= 255, password.utf8.count <= 255 else { return nil }
    }
}

/// An address, or those that begin like it.
struct AddressArgument: ExpressibleByArgument {
    var block: AddressBlock

    init?(argument: String) {
        guard let block = AddressBlock(argument) else { return nil }
        self.block = block
    }
}
