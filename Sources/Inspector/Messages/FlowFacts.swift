/// What connections say about a flow's ends.
struct FlowFacts {
    /// The relay at the end that connected, as its READY names it, and the tree that it claims.
    var clientNode: String?
    var tree: String?
    /// Whether the messages go from the end that connected to the one that listened.
    var isFromClient = false
    /// Nothing inside can be read: CURVE.
    var isEncrypted = false
    /// Sent by a socket that publishes to one that subscribes, as their READY say.
    var isPublishing = false
}
