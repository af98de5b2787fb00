import Vocabulary
public import ArgumentParser
public import Logging
import Patterns
public import Topology
public import TreeBuilder

// The library's words that are words of the command line too.

extension OverflowPolicy: ExpressibleByArgument {}
extension Topology.ModeChoice: ExpressibleByArgument {}
extension Topology.Objective: ExpressibleByArgument {}
extension Topology.MulticastUse: ExpressibleByArgument {}
extension DelayUnit: ExpressibleByArgument {}
extension TopologyWriter.Target: ExpressibleByArgument {}
extension PlanSVG.Layout: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}

extension Topology.FanOut: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Topology.DelayBound: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension StallTimeout: ExpressibleByArgument {
    public init?(argument: String) {
        guard let stall = try? StallTimeout(text: argument) else { return nil }
        self = stall
    }
}
