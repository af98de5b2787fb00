/// What connections say about a flow's ends: who they are, and what was subscribed to.
struct FlowFacts {
    /// One topic prefix that the receiver asked for, and for how long.
    struct Interest {
        var prefix: [UInt8]
        var since: Int64
        /// `nil` while it lasts.
        var until: Int64?
    }

    /// The relay at the end that connected, as its READY names it, and the tree and rank that it claims.
    var clientNode: String?
    var tree: String?
    /// Whether the messages go from the end that connected to the one that listened.
    var isFromClient = false
    /// Nothing inside can be read: CURVE.
    var isEncrypted = false
    /// Sent by a socket that publishes to one that subscribes.
    var isPublishing = false
    /// What the receiver subscribed to, when the capture shows it; bounded by `interestCountMax`.
    var interests: [Interest] = []
    /// The connection was seen from its start, so that `interests` is all there is.
    var hasAllInterests = false

    static let interestCountMax = 4096
}
