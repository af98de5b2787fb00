public import TreeBuilder

/// What a verdict compares: where the captures were taken, and what was planned.
public struct VerdictOptions: Sendable {
    /// A tap that the user placed at a node: one `--at NODE=FILE`, or one `--at NODE=FILE#INTERFACE`.
    public struct NodeTap: Sendable, Equatable {
        /// The node it was taken at; several taps may name one node.
        public var node: String
        /// Index of the capture.
        public var capture: Int
        /// Index of the one interface that counts; `nil` = all.
        public var interface: Int?

        public init(node: String, capture: Int, interface: Int? = nil) {
            self.node = node
            self.capture = capture
            self.interface = interface
        }
    }

    /// Without a plan the first is the one nearest to the source.
    public var taps: [NodeTap]
    public var plan: Plan?
    /// Delivered after more than this counts as late; `nil` = nothing does.
    public var lateNanoseconds: Int64?

    public init(taps: [NodeTap] = [], plan: Plan? = nil, lateNanoseconds: Int64? = nil) {
        self.taps = taps
        self.plan = plan
        self.lateNanoseconds = lateNanoseconds
    }

    /// Names of all taps, each once, in order of appearance.
    var tapNames: [String] {
        var names: [String] = []
        for tap in taps where !names.contains(tap.node) { names.append(tap.node) }
        return names
    }

    /// The index in `tapNames` of where a packet was captured; `nil` when the user did not say.
    func tapIndex(of place: Tap, names: [String]) -> Int? {
        let tap = taps.first {
            $0.capture == place.capture && ($0.interface ?? place.interface) == place.interface
        }
        return tap.flatMap { names.firstIndex(of: $0.node) }
    }
}
