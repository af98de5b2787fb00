public import Topology

/// Why no plan was made. The message says what to change in the topology or the options.
public struct PlanError: Error, Equatable, Sendable, CustomStringConvertible {
    public var code: Code
    public var message: String
    /// Where the offending node or tree is defined; `nil` when its file has no lines to show.
    public var position: SourcePosition?
    /// The id of the node that cannot be served, when one can be named.
    public var nodeID: String?
    /// The least fan-out for which a tree was found; `nil` when fan-out is not the obstacle.
    public var smallestFanOut: Int?

    public init(
        code: Code,
        message: String,
        position: SourcePosition? = nil,
        nodeID: String? = nil,
        smallestFanOut: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.position = position
        self.nodeID = nodeID
        self.smallestFanOut = smallestFanOut
    }

    public var description: String {
        guard let position else { return message }
        return "\(position.line):\(position.column): \(message)"
    }

    /// An open set: more codes may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public var rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The options name a tree that does not exist.
        public static let unknownTree = Code(rawValue: "unknown-tree")
        /// The options name a root that does not exist.
        public static let unknownNode = Code(rawValue: "unknown-node")
        /// A number in the topology or the options is out of range.
        public static let invalidValue = Code(rawValue: "invalid-value")
        /// Fixed parents contradict each other, the root, the mode or a limit.
        public static let invalidFixedParent = Code(rawValue: "invalid-fixed-parent")
        /// The links leave some nodes unconnected.
        public static let disconnected = Code(rawValue: "disconnected")
        /// No tree keeps the fan-out limits.
        public static let infeasible = Code(rawValue: "infeasible")
    }
}
