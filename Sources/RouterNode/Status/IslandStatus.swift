extension NodeStatus {
    /// A multicast group that a relay sends to or hears. Packets are PGM's; one holds many small messages, or a part of a
    /// large one.
    public struct Island: Codable, Equatable, Sendable {
        public var tree: String
        /// `nil` for a publisher's feed, which is no segment's.
        public var segment: String?
        /// `head`: sends the tree's messages. `member`: hears them. `publisher`: hears messages for the tree.
        public var role: String
        public var endpoint: String
        /// Of a head `serving`. Of others `waiting` for a first source, `receiving`, `silent` when every source is gone, or
        /// `tcp` when the feed comes over TCP because nothing was heard.
        public var state: String

        /// Sent by a head, taken from the group by others.
        public var messages = 0
        public var bytes = 0
        /// Of a head: what a full queue dropped, and what waits.
        public var droppedMessages = 0
        public var queuedMessages = 0
        /// First transmissions: sent by a head, received by others.
        public var dataPackets = 0
        /// Repairs: sent by a head; of others packets that were missed and came by repair.
        public var repairPackets = 0
        /// Requests for repair: heard by a head, sent by others.
        public var naks = 0
        /// Packets that could not be repaired. Of a head: asked for after they had left its window.
        public var lostPackets = 0
        /// How often messages were lost or may have been: stretches of lost packets, and a change to TCP.
        public var losses = 0
        /// What is heard; a head has none.
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
