extension Topology {
    /// Where a node binds what others know under another endpoint: behind NAT, in a container, or at every interface.
    ///
    /// Everyone who dials uses the node's endpoints; the node itself binds these. `nil` = what others are told.
    public struct BindEndpoints: Equatable, Sendable {
        /// Such as `tcp://*:6001` or `tcp://eth1:6001`.
        public var publishers: String?
        public var subscribers: String?
        /// `host:port`.
        public var control: String?

        public init(
            publishers: String? = nil,
            subscribers: String? = nil,
            control: String? = nil
        ) {
            self.publishers = publishers
            self.subscribers = subscribers
            self.control = control
        }
    }
}
