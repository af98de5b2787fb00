extension NodeStatus {
    /// Which plan a relay follows.
    public struct Plan: Codable, Equatable, Hashable, Sendable {
        /// A hash of what the plan decides, in hexadecimal digits.
        public var id: String
        /// Of two plans, the one with the higher epoch is the newer.
        public var epoch: Int

        public init(id: String, epoch: Int) {
            self.id = id
            self.epoch = epoch
        }
    }

    /// A place that is listened at.
    public struct Listening: Codable, Equatable, Sendable {
        /// `publishers` or `subscribers`.
        public var side: String
        /// What is bound, wildcards resolved as far as the kernel resolves them.
        public var bind: String
        /// What others connect to.
        public var advertise: String
    }

    /// A publisher or a subscriber that listens itself.
    public struct Dialled: Codable, Equatable, Sendable {
        /// `publishers` or `subscribers`.
        public var side: String
        public var endpoint: String
        /// The tree whose messages it deals in; `nil` = every tree.
        public var tree: String?
        public var isConnected: Bool
        /// Why it is not connected, as far as is known.
        public var problem: String?
    }
}
