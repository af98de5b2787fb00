public import CryptoBox
public import Vocabulary

/// Who may connect.
public struct AccessRules: Sendable {
    /// Which names and passwords are good.
    public enum Passwords: Sendable {
        case none
        /// A file of lines `name:password`, read again when it changes; empty lines and those with `#` in front are nobody.
        case file(String)
        case check(@Sendable (_ user: String, _ password: String) async -> Bool)
    }

    /// Which keys are good.
    public enum Keys: Sendable {
        case none
        /// Everything is encrypted, whoever is at the other end.
        case any
        /// A folder of certificates, whatever their names, read again when it changes.
        case folder(String)
        case list([CurvePublicKey])
    }

    /// Which names of Kerberos are good.
    public enum Principals: Sendable {
        case none
        /// Everybody whom Kerberos vouches for.
        case any
        /// Such as `ann@EXAMPLE.ORG`.
        case list([String])
    }

    /// Addresses that may connect; empty = all that are not denied. Peers on this machine by ipc or inproc have none, and need none.
    public var allowedAddresses: [AddressBlock] = []
    /// Addresses that may not, whatever else is said.
    public var deniedAddresses: [AddressBlock] = []
    public var passwords = Passwords.none
    public var keys = Keys.none
    public var principals = Principals.none

    public init() {}

    /// Sets several at once: `AccessRules { $0.keys = .any }`.
    public init(_ configure: (inout AccessRules) throws -> Void) rethrows {
        try configure(&self)
    }

    /// Whether peers at that address may go on to prove who they are.
    func admits(_ address: String?) -> Bool {
        guard let address else { return true }
        // An interface's name after `%` says how to reach the peer, not who it is.
        guard let number = NetworkAddress(text: address.prefix { $0 != "%" }) else { return false }
        if deniedAddresses.contains(where: { $0.contains(number) }) { return false }
        return allowedAddresses.isEmpty || allowedAddresses.contains { $0.contains(number) }
    }
}

/// A file or folder of access rules that cannot be used.
public struct AccessError: Error, Equatable, Sendable, CustomStringConvertible {
    public var path: String
    public var problem: String

    package init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(path): \(problem)" }
}
