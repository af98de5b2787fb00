/// What connections say about a flow's ends.
struct FlowFacts {
    /// The relay at the end that connected, as its READY names it, and the tree that it claims.
    var clientNode: String?
    var tree: String?
    /// All that the end that connected says of itself was captured, so it is no node unless it is named.
    var isClientKnown = false
    /// Nothing inside can be read: CURVE.
    var isEncrypted = false
    /// Sent by a socket that publishes to one that subscribes, as their READY say.
    var isPublishing = false
}
