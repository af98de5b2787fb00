extension NodeStatus {
    /// One peer that has left, or all that were the same to the relay.
    public struct Departed: Codable, Equatable, Sendable {
        /// As in `Peer`.
        public var role: String
        public var node: String?
        public var tree: String?
        /// Where the last one was.
        public var address: String
        /// Why the last one left.
        public var reason: String
        /// How many connections these are.
        public var connections: Int
        public var receivedMessages: Int
        public var receivedBytes: Int
        public var sentMessages: Int
        public var sentBytes: Int
        public var droppedMessages: Int
        /// By reason.
        public var drops: [String: Int]

        init(_ peer: Peer, reason: String) {
            role = peer.role
            node = peer.node
            tree = peer.tree
            address = peer.address
            self.reason = reason
            connections = 1
            receivedMessages = peer.receivedMessages
            receivedBytes = peer.receivedBytes
            sentMessages = peer.sentMessages
            sentBytes = peer.sentBytes
            droppedMessages = peer.droppedMessages
            drops = peer.drops
        }

        func isSame(as other: Departed) -> Bool {
            role == other.role && node == other.node && tree == other.tree
        }

        /// Adds one that left later.
        mutating func add(_ other: Departed) {
            address = other.address
            reason = other.reason
            connections += other.connections
            receivedMessages += other.receivedMessages
            receivedBytes += other.receivedBytes
            sentMessages += other.sentMessages
            sentBytes += other.sentBytes
            droppedMessages += other.droppedMessages
            drops.merge(other.drops, uniquingKeysWith: +)
        }
    }
}
