/// The SOCKS 5 proxy through which a socket connects at `tcp://`, `ws://` and `wss://` endpoints (RFC 1928). The proxy resolves the
/// names of hosts.
public struct SOCKSProxy: Equatable, Sendable {
    /// Where it listens: `host:port`.
    public var address: String
    /// 1 to 255 octets; `nil` = the proxy lets everybody in (RFC 1929).
    public var user: String?
    /// 1 to 255 octets, with a user.
    public var password: String?

    public init(_ address: String, user: String? = nil, password: String? = nil) {
        self.address = address
        self.user = user
        self.password = password
    }

    /// What it cannot be; `nil` when all is well.
    package var problem: String? {
        for (name, text) in [("user", user), ("password", password)] {
            if let text, !(1...255).contains(text.utf8.count) {
                return "the proxy's \(name) has \(text.utf8.count) octets; it has 1 to 255"
            }
        }
        if user == nil, password != nil { return "the proxy's password needs a user" }
        return nil
    }
}
