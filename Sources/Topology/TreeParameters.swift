extension Topology {
    /// What is made small.
    public enum Objective: String, Sendable, CaseIterable {
        /// The delay of the farthest node.
        case radius
        /// The weighted mean delay.
        case mean
        /// What the links cost that a message crosses, within a bound on the delay.
        case cost
    }

    /// Which edges a tree may have.
    public enum Mode: String, Sendable, CaseIterable {
        /// Tree edges must be links of the file.
        case link
        /// Any two nodes may connect; the delay is the shortest path over the links.
        case mesh
    }

    /// What is said of a tree's mode.
    public enum ModeChoice: String, Sendable, CaseIterable {
        /// `link`, where the file has links and does not say how any two nodes reach each other; else `mesh`.
        case auto
        case link
        case mesh

        public init(_ mode: Mode) {
            self = mode == .link ? .link : .mesh
        }
    }

    /// What is said of the most children of any node.
    public enum FanOut: Equatable, Sendable {
        /// What the nodes' own limits say, and where they say nothing what a relay can be expected to do.
        case auto
        case unlimited
        /// 1 or more.
        case atMost(Int)
    }

    /// How late a node may be for the sake of a cheaper tree.
    public enum DelayBound: Equatable, Sendable {
        /// So many times the least delay it could have, 1 or more.
        case stretch(Double)
        /// The same for every node.
        case milliseconds(Double)
    }
}

extension Topology.FanOut: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) {
        self = .atMost(value)
    }

    /// `auto`, `unlimited`, or a number, which is not checked.
    public init?(_ text: String) {
        switch text {
        case "auto": self = .auto
        case "unlimited": self = .unlimited
        default:
            guard let count = Int(text) else { return nil }
            self = .atMost(count)
        }
    }

    static func parsed(_ text: String) -> Result<Topology.FanOut, ValueError> {
        switch Topology.FanOut(text) {
        case .atMost(..<1), nil:
            .failure(
                ValueError("\(quoted(text)) must be a whole number, at least 1, or unlimited")
            )
        case let fanOut?: .success(fanOut)
        }
    }
}

extension Topology.DelayBound {
    public static let `default` = stretch(2)

    /// As in a file: `2`, `80ms`.
    public var text: String {
        switch self {
        case .stretch(let factor): factor == factor.rounded() ? "\(Int(factor))" : "\(factor)"
        case .milliseconds(let delay): "\(delay)ms"
        }
    }

    /// A number such as `1.5`, or a delay such as `80ms`.
    public init?(_ text: String) {
        if let factor = Quantity.number(text) {
            guard factor >= 1, factor <= 1e6 else { return nil }
            self = .stretch(factor)
            return
        }
        guard case .success(let delay) = Quantity.milliseconds(text) else { return nil }
        self = .milliseconds(delay)
    }

    static func parsed(_ text: String) -> Result<Topology.DelayBound, ValueError> {
        guard let bound = Topology.DelayBound(text) else {
            return .failure(
                ValueError(
                    "\(quoted(text)) must be a factor of the least delay, at least 1, such as 1.5, "
                        + "or a delay, such as 80ms"
                )
            )
        }
        return .success(bound)
    }
}

extension Topology.Tree {
    static func parsedStandbyCount(_ text: String) -> Result<Int, ValueError> {
        guard let count = Int(text), count >= 0 else {
            return .failure(ValueError("\(quoted(text)) must be a whole number, 0 or more"))
        }
        return .success(count)
    }

    static func parsedRedundancy(_ text: String) -> Result<Int, ValueError> {
        guard let count = Int(text), (1...2).contains(count) else {
            return .failure(
                ValueError("\(quoted(text)) must be 1 or 2, the number of trees to every node")
            )
        }
        return .success(count)
    }

    /// What `region-stretch` may be.
    public static let regionStretchRange = 1.0...1e6

    static func parsedRegionStretch(_ text: String) -> Result<Double, ValueError> {
        guard let factor = Quantity.number(text), regionStretchRange.contains(factor) else {
            return .failure(
                ValueError(
                    "\(quoted(text)) must be a factor of the free tree's figure, at least 1, such as 1.2"
                )
            )
        }
        return .success(factor)
    }
}
