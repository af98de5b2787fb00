/// How a socket behaves at `wss://` endpoints. Files are PEM, and are read when an endpoint is bound, and for each connect: what was
/// renewed counts from then on.
public struct TLSOptions: Equatable, Sendable {
    /// Whose signature under a peer's certificate is believed.
    public enum Trust: Equatable, Sendable {
        /// The authorities that this machine's administrator trusts.
        case system
        /// The certificates in this file, and no others: of authorities, or of peers themselves.
        case file(String)
    }

    /// The certificate this side shows, and those between it and its authority, in this order. A bind needs one; a connect,
    /// only where the server asks for it.
    public var certificateFile: String?
    /// The key of that certificate.
    public var privateKeyFile: String?
    public var trust = Trust.system
    /// The name that a server's certificate must have; `nil` = the host of the endpoint.
    public var hostname: String?
    /// Whether a bind lets in only clients with a certificate that `trust` believes.
    public var requiresClientCertificate = false

    public init() {}
}
