extension NodeStatus {
    /// A multicast group that a relay sends to or hears. Packets are PGM's; one holds many small messages, or a part of a
    /// large one.
    public struct Island: Codable, Equatable, Sendable {
        public var tree: String
        /// `nil` for a publisher's group, which does not belong to a segment.
        public var segment: String?
        /// `head`: sends the tree's messages. `member`: hears them. `publisher`: hears messages for the tree.
        public var role: String
        public var endpoint: String
        /// A head is `serving`. Others are `waiting` for a first source, `receiving`, `silent` when every source is gone, or
        /// on `tcp` when nothing was heard and the feed comes over TCP instead.
        public var state: String

        /// Sent by a head; received from the group by others.
        public var messages = 0
        public var bytes = 0
        /// Heads only: dropped because the queue was full, and waiting in it.
        public var droppedMessages = 0
        public var queuedMessages = 0
        /// First transmissions: sent by a head, received by others.
        public var dataPackets = 0
        /// Repairs: sent by a head; for others, packets that were missed and repaired.
        public var repairPackets = 0
        /// Requests for repair: received by a head, sent by others.
        public var naks = 0
        /// Packets that could not be repaired; for a head, those requested after they had left its window.
        public var lostPackets = 0
        /// How often messages were or may have been lost: runs of lost packets, and a change to TCP.
        public var losses = 0
        /// The sources that are heard; empty for a head.
        public var sources: [Source] = []

        public struct Source: Codable, Equatable, Sendable {
            /// The transport session: identifier and source port.
            public var session: String
            public var address: String

            public init(session: String, address: String) {
                self.session = session
                self.address = address
            }
        }

        public init(tree: String, segment: String?, role: String, endpoint: String, state: String) {
            self.tree = tree
            self.segment = segment
            self.role = role
            self.endpoint = endpoint
            self.state = state
        }
    }
}
