extension NodeStatus {
    /// One full queue, and who is not read from because of it.
    public struct HoldUp: Codable, Equatable, Sendable {
        /// Whom the queue is for: a role as in `Peer`, or `segment` for a multicast group.
        public var role: String
        /// Its number among `peers`; `nil` for a segment, and for a relay that is away.
        public var peer: UInt64?
        /// The relay at the other end, or the segment.
        public var node: String?
        /// `nil` for a relay that is away.
        public var address: String?
        public var tree: String?
        public var queuedMessages: Int?
        public var queuedBytes: Int?
        /// How long the queue has been full.
        public var seconds: Double
        /// The peers that are not read from, by their numbers.
        public var holds: [UInt64]
    }
}
