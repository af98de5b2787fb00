/// A CURVE key in a text file, as CZMQ and pyzmq write it: the public one for others, or the pair for its owner (ZPL, RFC 4).
public struct CurveCertificate: Sendable {
    public let publicKey: CurvePublicKey
    /// The pair, when the secret key is there, too.
    public let keys: CurveKeyPair?
    /// What else is said of the key's owner, such as a name, in the order of the text.
    public let metadata: [(name: String, value: String)]

    /// - Throws: `CertificateError` for a text that is no certificate, or whose keys do not belong together.
    public init(zpl text: String) throws(CertificateError) {
        let zpl = try ZPLText(text)
        metadata = zpl.properties.compactMap { property in
            let prefix = "metadata/"
            guard property.path.hasPrefix(prefix) else { return nil }
            return (String(property.path.dropFirst(prefix.count)), property.value)
        }
        let secret = zpl.properties.first { $0.path == "curve/secret-key" }
        keys = try secret.map { (secret) throws(CertificateError) in
            guard let keys = CurveKeyPair(secretText: secret.value) else {
                throw CertificateError(
                    line: secret.line,
                    problem: "secret-key is no Z85 of 32 octets"
                )
            }
            return keys
        }
        guard let property = zpl.properties.first(where: { $0.path == "curve/public-key" }) else {
            guard let keys else {
                throw CertificateError(line: nil, problem: "there is no public-key under curve")
            }
            publicKey = keys.publicKey
            return
        }
        guard let publicKey = CurvePublicKey(property.value) else {
            throw CertificateError(
                line: property.line,
                problem: "public-key is no Z85 of 32 octets"
            )
        }
        guard keys.map({ $0.publicKey == publicKey }) ?? true else {
            throw CertificateError(
                line: property.line,
                problem: "public-key is not the one that belongs to secret-key"
            )
        }
        self.publicKey = publicKey
    }

    /// The names of `metadata` have letters, digits and `$-_@.&+`, its values no line breaks.
    public init(_ keys: CurveKeyPair, metadata: [(name: String, value: String)] = []) {
        publicKey = keys.publicKey
        self.keys = keys
        self.metadata = metadata
    }

    /// What others may have.
    public var publicText: String {
        """
        #   ZeroMQ CURVE Public Certificate
        #   Give this file to those who connect or let this key in, by a way that nobody can change it on.

        \(metadataText)curve
            public-key = "\(publicKey)"

        """
    }

    /// What only the owner may read; `nil` when the secret key is not here.
    public var secretText: String? {
        keys.map { keys in
            """
            #   ZeroMQ CURVE **Secret** Certificate
            #   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

            \(metadataText)curve
                public-key = "\(publicKey)"
                secret-key = "\(keys.secretText)"

            """
        }
    }

    private var metadataText: String {
        let lines = metadata.map { "    \($0.name) = \(Self.quoted($0.value))\n" }
        return "metadata\n" + lines.joined()
    }

    /// ZPL has no escapes: the quote is the one that the value has not.
    private static func quoted(_ value: String) -> String {
        let line = value.filter { !$0.isNewline }
        guard line.contains("\"") else { return "\"\(line)\"" }
        return "'\(line.filter { $0 != "'" })'"
    }
}

/// What is wrong with a certificate.
public struct CertificateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1; `nil` when it is no line's fault.
    public var line: Int?
    public var problem: String

    public var description: String { (line.map { "line \($0): " } ?? "") + problem }
}
