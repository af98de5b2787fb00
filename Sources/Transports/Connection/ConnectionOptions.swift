package import ZMTP

/// How a socket's connections behave.
package struct ConnectionOptions: Sendable {
    package var session: SessionOptions
    package var queueLimit = QueueLimit()
    /// What all queues of the owner may hold together; `nil` = no bound but their own.
    package var budget: MemoryBudget?
    /// Octets of commands and subscriptions that may wait for a peer which does not read.
    package var controlByteCountMax = PeerLimits().controlByteCount
    /// Whether octets are exchanged without ZMTP, whatever the transport carries.
    package var isRaw = false
    /// Who lets peers in; `nil` = everybody is.
    package var authenticator: (any Authenticator)? {
        didSet { session.asksAuthenticator = authenticator != nil }
    }

    package init(session: SessionOptions) {
        self.session = session
    }
}
