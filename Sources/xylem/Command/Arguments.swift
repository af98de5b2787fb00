import Vocabulary
public import ArgumentParser
public import Logging
import Patterns
public import Topology

// The library's words that are words of the command line too.

extension OverflowPolicy: ExpressibleByArgument {}
extension Topology.Mode: ExpressibleByArgument {}
extension Topology.Objective: ExpressibleByArgument {}
extension Topology.MulticastUse: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
